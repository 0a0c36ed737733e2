import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../compiler/migrate';
import type { Source } from '../../dsl/core/source';

/** The same packets at the same time against legacy iptables and against what its rules become: both decide alike. */
interface Packet {
  readonly source?: string;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly size?: number;
  readonly ttl?: number;
}

interface Scene {
  readonly name: string;
  readonly rules: readonly string[];
  readonly ipsets?: readonly string[];
  /** Packets, and milliseconds to wait. */
  readonly steps: readonly (Packet | number)[];
  /** What comes in (1) and what does not (0). */
  readonly comes: string;
}

const DRIVER = join(__dirname, '../support/migrate/loopback.pl');

/** A namespace with rules of its own, in which packets go over loopback one by one. */
class Stage {
  private readonly child;
  private readonly answers: AsyncIterator<string>;
  private errors = '';

  constructor(load: string, texts: readonly string[]) {
    const script = `ip link set lo up && ${load} && exec perl "$0"`;
    this.child = spawn('unshare', ['--net', 'sh', '-c', script, DRIVER, ...texts]);
    this.child.stderr.on('data', (data) => {
      this.errors += data;
    });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async send({ source = '127.0.0.2', sourcePort = 4000, port = 5000, size = 100, ttl = 64 }: Packet): Promise<string> {
    this.child.stdin.write(`${source} ${sourcePort} ${port} ${size} ${ttl}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(this.errors);
    return value;
  }

  close(): void {
    this.child.stdin.end();
  }
}

async function outcomes({ rules, ipsets = [], steps }: Scene): Promise<readonly [legacy: string, nft: string]> {
  const dump = ['*filter', ...rules, 'COMMIT', ''].join('\n');
  const sets = ipsets.map((line) => `${line}\n`).join('');
  const sources: Source[] = [{ name: 'rules', text: dump }, ...(sets === '' ? [] : [{ name: 'sets', text: sets }])];
  const { unit, whole, diagnostics } = migrate(sources);
  if (!whole) throw new Error(JSON.stringify(diagnostics.map(({ message }) => message)));
  const stages = [
    new Stage('printf %s "$2" | ipset restore && printf %s "$1" | iptables-legacy-restore', [dump, sets]),
    new Stage('printf %s "$1" | nft -f -', [unit.text]),
  ] as const;
  let [legacy, nft] = ['', ''];
  for (const step of steps) {
    if (typeof step === 'number') {
      await sleep(step);
      continue;
    }
    const [one, other] = await Promise.all(stages.map((stage) => stage.send(step)));
    legacy += one;
    nft += other;
  }
  for (const stage of stages) stage.close();
  return [legacy, nft];
}

const times = (count: number, packet: Packet = {}) => Array.from({ length: count }, () => packet);
const A: Packet = { source: '127.0.0.2' };
const B: Packet = { source: '127.0.0.3' };
const flows = (count: number, packet: Packet = {}) =>
  Array.from({ length: count }, (_, at): Packet => ({ ...packet, sourcePort: 4000 + at }));

const SCENES: readonly Scene[] = [
  {
    name: 'recent: the fourth packet within two seconds, noted by one rule and asked by another',
    rules: [
      '-A INPUT -p udp --dport 5000 -m recent --set --name K',
      '-A INPUT -p udp --dport 5000 -m recent --rcheck --seconds 2 --hitcount 4 --name K -j DROP',
    ],
    steps: [A, 700, A, 700, A, 900, A, 200, A, 200, A, B, A, 2600, A],
    comes: '111100101',
  },
  {
    name: 'recent: who goes on is kept out, who rests for a second is not',
    rules: [
      '-A INPUT -p udp --dport 5000 -m recent --update --seconds 1 --hitcount 3 --name K -j DROP',
      '-A INPUT -p udp --dport 5000 -m recent --set --name K -j ACCEPT',
    ],
    steps: [A, A, A, A, 600, A, 600, A, B, 1500, A],
    comes: '11100111',
  },
  {
    name: 'recent: knocking, and a list that is emptied',
    rules: [
      '-A INPUT -p udp --dport 5001 -m recent --set --name K',
      '-A INPUT -p udp --dport 5002 -m recent --remove --name K -j ACCEPT',
      '-A INPUT -p udp --dport 5000 -m recent ! --rcheck --seconds 1 --name K -j DROP',
    ],
    steps: [A, { ...A, port: 5001 }, A, B, 1400, A, { ...A, port: 5001 }, A, { ...A, port: 5002 }, A],
    comes: '011001110',
  },
  {
    name: 'recent: who asks for one port is kept out of all of them, by another table',
    rules: [
      '-A INPUT -p udp --dport 5001 -m recent --set --name K -j DROP',
      'COMMIT',
      '*raw',
      '-A PREROUTING -p udp -m recent --rcheck --seconds 1 --name K -j DROP',
    ],
    steps: [A, { ...A, port: 5001 }, A, B, 1400, A],
    comes: '10011',
  },
  {
    name: 'a set that rules fill, asked by another table',
    ipsets: ['create seen hash:ip timeout 60'],
    rules: [
      '-A INPUT -p udp --dport 5001 -j SET --add-set seen src --exist --timeout 1',
      'COMMIT',
      '*mangle',
      '-A PREROUTING -p udp --dport 5002 -m set ! --match-set seen src -j DROP',
    ],
    steps: [
      { ...A, port: 5002 },
      { ...A, port: 5001 },
      { ...A, port: 5002 },
      { ...B, port: 5002 },
      1400,
      { ...A, port: 5002 },
    ],
    comes: '01100',
  },
  {
    name: 'recent: several times within several spans, and ever, of a network',
    rules: [
      '-A INPUT -p udp --dport 5001 -m recent --set --mask 255.255.255.254 --name K -j ACCEPT',
      '-A INPUT -p udp --dport 5002 -m recent --rcheck --mask 255.255.255.254 --name K -j DROP',
      '-A INPUT -p udp --dport 5003 -m recent --rcheck --seconds 1 --hitcount 2 --mask 255.255.255.254 --name K -j DROP',
      '-A INPUT -p udp --dport 5004 -m recent --rcheck --seconds 9 --hitcount 3 --mask 255.255.255.254 --name K -j DROP',
    ],
    steps: [
      ...[5001, 5002, 5003, 5004].map((port) => ({ ...A, port })),
      ...[5001, 5002, 5003, 5004].map((port) => ({ ...B, port })),
      1400,
      ...[5001, 5002, 5003, 5004, 5001, 5003].map((port) => ({ ...A, port })),
      { source: '127.0.0.4', port: 5002 },
    ],
    comes: '101110011010101',
  },
  {
    name: 'hashlimit: each source has a budget, which is whole again after a pause',
    rules: [
      '-A INPUT -p udp -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name h --hashlimit-htable-expire 1500 --hashlimit-htable-gcinterval 100 -j ACCEPT',
      '-A INPUT -p udp -j DROP',
    ],
    steps: [...times(5, A), ...times(4, B), 1300, ...times(2, A), 2500, ...times(4, A)],
    comes: '111001110101110',
  },
  {
    name: 'hashlimit: above a rate, by source network and port',
    rules: [
      '-A INPUT -p udp -m hashlimit --hashlimit-above 2/min --hashlimit-burst 2 --hashlimit-mode srcip,dstport --hashlimit-srcmask 31 --hashlimit-name h -j DROP',
    ],
    steps: [A, B, A, { ...A, port: 5001 }, { ...B, port: 5001 }, { ...B, port: 5001 }, { source: '127.0.0.4' }],
    comes: '1101101',
  },
  {
    name: 'connlimit: connections of a source, and of all',
    rules: [
      '-A INPUT -p udp --dport 5000 -m connlimit --connlimit-above 2 -j DROP',
      '-A INPUT -p udp --dport 5001 -m connlimit --connlimit-upto 3 --connlimit-mask 0 -j ACCEPT',
      '-A INPUT -p udp --dport 5001 -j DROP',
    ],
    steps: [
      ...flows(4, A),
      ...flows(3, B),
      ...flows(2, A),
      ...flows(2, { ...A, port: 5001 }),
      ...flows(3, { ...B, port: 5001 }),
    ],
    comes: '11001100011100',
  },
  {
    name: 'set: networks with exceptions, pairs, and what a rule adds and takes out',
    ipsets: [
      'create nets hash:net',
      'add nets 127.0.0.0/28',
      'add nets 127.0.0.3 nomatch',
      'create pairs hash:ip,port',
      'add pairs 127.0.0.2,udp:5001',
      'create seen hash:ip timeout 0',
      'create all list:set size 8',
      'add all seen',
    ],
    rules: [
      '-A INPUT -p udp --dport 5000 -m set --match-set nets src -j DROP',
      '-A INPUT -p udp -m set --match-set pairs src,dst -j DROP',
      '-A INPUT -p udp --dport 5002 -j SET --add-set seen src --exist --timeout 1',
      '-A INPUT -p udp --dport 5003 -j SET --del-set seen src',
      '-A INPUT -p udp --dport 5004 -m set ! --match-set all src -j DROP',
    ],
    steps: [
      A,
      B,
      { source: '127.0.0.200' },
      ...[5001, 5002, 5004].map((port) => ({ ...A, port })),
      ...[5001, 5004].map((port) => ({ ...B, port })),
      1500,
      ...[5004, 5002, 5004, 5003, 5004].map((port) => ({ ...A, port })),
    ],
    comes: '0110111001110',
  },
  {
    name: 'statistic: every third, from the second on',
    rules: ['-A INPUT -p udp -m statistic --mode nth --every 3 --packet 1 -j DROP'],
    steps: times(8),
    comes: '10110110',
  },
  {
    name: 'quota, and bytes of a connection',
    rules: [
      '-A INPUT -p udp --dport 5001 -m connbytes --connbytes 300: --connbytes-dir original --connbytes-mode bytes -j DROP',
      '-A INPUT -p udp --dport 5002 -m connbytes ! --connbytes 2:3 --connbytes-dir both --connbytes-mode packets -j DROP',
      '-A INPUT -p udp --dport 5000 -m quota --quota 300 -j ACCEPT',
      '-A INPUT -p udp --dport 5000 -j DROP',
    ],
    steps: [...times(4), ...times(4, { port: 5001 }), ...times(5, { port: 5002 })],
    comes: '1100110001100',
  },
  {
    name: 'string: at one place, and at one of several',
    rules: [
      '-A INPUT -p udp --dport 5000 -m string --string GET --algo bm --from 28 --to 31 -j DROP',
      '-A INPUT -p udp --dport 5001 -m string --string GET --algo bm --from 28 --to 30 -j DROP',
      '-A INPUT -p udp --dport 5002 -m string --string GETx --algo bm --from 25 --to 33 -j DROP',
      '-A INPUT -p udp --dport 5003 -m string ! --hex-string "|474554|" --algo kmp --from 28 --to 31 -j DROP',
      '-A INPUT -p udp --dport 5004 -m string --string GET --algo bm --from 29 --to 32 -j DROP',
    ],
    steps: [5000, 5001, 5002, 5003, 5004].map((port) => ({ port })),
    comes: '01011',
  },
];

// Where the machine is busy, a pause may last long enough to be another one.
jest.retryTimes(3);

test.each(SCENES)(
  '$name',
  async (scene) => {
    const [legacy, nft] = await outcomes(scene);
    expect(nft).toBe(legacy);
    expect(legacy).toBe(scene.comes);
  },
  60_000,
);

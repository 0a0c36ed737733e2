import { migrate } from '../../compiler/migrate';
import { type Fate, Kernel, type More, type Shot } from '../support/kernel';

/** Rules of iptables and what tsnet makes of them, on the same packets: each has to do the same to every one. */
let kernel: Kernel;
beforeAll(() => {
  kernel = new Kernel();
});
afterAll(() => kernel.close());

type Family = 4 | 6;
const TOOLS = { 4: 'iptables', 6: 'ip6tables' } as const;
const NOTHING = '*filter\nCOMMIT\n*mangle\nCOMMIT\n*raw\nCOMMIT\n*nat\nCOMMIT\n';

/** Of what a packet may be, by turns of different lengths, so that most pairs meet. */
const MORES: readonly More[] = [{}, { ttl: 2 }, { ttl: 63 }, { ttl: 255 }, { data: 4 }, { data: 60 }, { data: 8 }];
const CLASSES = [0, 4, 10, 46, 20, 63, 5] as const;
const KINDS: readonly Pick<Shot, 'kind' | 'detail'>[] = [
  { kind: 'tcp', detail: 0x02 },
  { kind: 'udp', detail: 0 },
  { kind: 'tcp', detail: 0xc2 },
  { kind: 'icmp', detail: 8 },
  { kind: 'tcp', detail: 0x42 },
];
const PORTS = [22, 53, 80, 443] as const;
const SIZES = [undefined, 536, 1400, 1460] as const;
const ENDS = {
  4: [
    ['10.127.0.1', '198.51.100.1'],
    ['203.0.113.5', '198.51.100.1'],
    ['10.0.1.1', '198.51.100.255'],
  ],
  6: [
    ['fd64::1', '2001:db8::1'],
    ['2001:db8:5::5', '2001:db8::1'],
  ],
} as const;
const EXTENSIONS = [undefined, 'hbh', 'dst', undefined, undefined] as const;

const turn = <Value>(values: readonly Value[], at: number) => values[at % values.length] as Value;

/** Each run has connections of its own. */
function shotsOf(family: Family, run: number): readonly Shot[] {
  return Array.from({ length: 140 }, (_, at): Shot => {
    const [source = '', destination = ''] = turn<readonly string[]>(ENDS[family], at % 11 === 0 ? 1 + (at % 2) : 0);
    const { kind, detail } = turn(KINDS, at);
    const [mss, extension] = [turn(SIZES, at >> 1), turn(EXTENSIONS, at >> 2)];
    return {
      id: at + 1,
      family,
      in: 'eth0',
      source,
      destination,
      kind,
      detail: family === 6 && kind === 'icmp' ? 128 : detail,
      sourcePort: 10000 + run * 200 + at,
      destinationPort: turn(PORTS, at >> 1),
      more: {
        ...turn(MORES, at),
        dscp: turn(CLASSES, at >> 1),
        ecn: at % 4,
        ...(kind === 'tcp' && mss !== undefined ? { mss } : {}),
        ...(family === 6 && extension ? { extension } : {}),
      },
    };
  });
}

let runs = 0;

async function fatesOf(family: Family, tool: 'nft' | 'iptables' | 'ip6tables', text: string): Promise<readonly Fate[]> {
  const refused = kernel.load(tool, text);
  expect(refused).toBe(undefined);
  const shots = shotsOf(family, runs++ % 200);
  const fates = await kernel.shoot(shots);
  return shots.map(({ id, kind }) => {
    const { verdict, end } = fates.get(id) ?? { verdict: 'drop' };
    // Of ICMP, what stands where others have their port is a checksum.
    return end ? { verdict, end: { ...end, destinationPort: kind === 'icmp' ? 0 : end.destinationPort } } : { verdict };
  });
}

/** Rules by table: `filter FORWARD` unless one begins with `*table`. */
function dumpOf(rules: readonly string[]): string {
  const tables = new Map<string, string[]>();
  for (const rule of rules) {
    const [, table = 'filter', line = rule] = /^\*(\S+) (.*)$/.exec(rule) ?? [];
    tables.set(table, [...(tables.get(table) ?? []), line.startsWith('-A') ? line : `-A FORWARD ${line}`]);
  }
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`).join('');
}

async function bothWays(family: Family, rules: readonly string[]) {
  const dump = dumpOf(rules);
  const { unit, whole } = migrate([{ name: `rules.v${family}`, text: dump }]);
  expect([rules, whole]).toEqual([rules, true]);
  const before = await fatesOf(family, TOOLS[family], dump);
  kernel.load(TOOLS[family], NOTHING);
  const after = await fatesOf(family, 'nft', unit.text);
  const gone = [...unit.text.matchAll(/^table (\S+ \S+)$/gm)].map(([, table]) => `delete table ${table}\n`);
  kernel.load('nft', [...new Set(gone)].join(''));
  return { before, after, text: unit.text };
}

const DROP = '-j DROP';

const QUESTIONS: Readonly<Record<Family, readonly string[]>> = {
  4: [
    '-m tos --tos 0x10/0x3f',
    '-m tos ! --tos 0x12',
    '-m tos --tos Minimize-Delay',
    '-m dscp ! --dscp 46',
    '-m ecn --ecn-ip-ect 2',
    '-p tcp -m ecn --ecn-tcp-cwr',
    '-p tcp -m ecn ! --ecn-tcp-ece',
    '-p tcp -m tcpmss --mss 500:1400',
    '-p tcp -m tcpmss ! --mss 500:1400',
    '-p tcp --tcp-option 2',
    '-p tcp ! --tcp-option 2',
    '-m length --length 20:41',
    '-m ttl --ttl-gt 62',
    '-p icmp --icmp-type 8',
    '-m u32 --u32 "6&0xFF=17"',
    '-m u32 ! --u32 "6&0xFF=17"',
    '-m u32 --u32 "0&0xFFFF=0x20:0x2c"',
    '-m u32 --u32 "4&0x1FFF=0 && 0>>22&0x3C@0&0xFFFF=53,80"',
    '-m u32 ! --u32 "4&0x1FFF=0 && 0>>22&0x3C@0&0xFFFF=53,80"',
    '-m u32 --u32 "5&0xFF=0x3e:0x40"',
    '-m u32 --u32 "8>>24=60:70"',
    '-m u32 --u32 "0&0x00FC0000=0x00100000"',
    '-m u32 --u32 "0&0x0F0F0000=0x05000000:0x05040000"',
    '-p tcp -m u32 --u32 "0>>22&0x3C@12>>26&0x3C@0=0x3f3f3f3f"',
    '-p tcp -m u32 ! --u32 "0>>22&0x3C@12>>26&0x3C@0=0x3f3f3f3f"',
    '-m u32 --u32 "6&0xFF=6 && 0>>22&0x3C@12&0xFF0000=0x20000"',
    '-m u32 --u32 "0>>22&0x3C@8=0x3f3f3f3f"',
  ],
  6: [
    '-m tos --tos 0x10/0x3f',
    '-m tos ! --tos 0x12',
    '-m dscp --dscp 46',
    '-m ecn ! --ecn-ip-ect 2',
    '-p tcp -m tcpmss ! --mss 500:1400',
    '-m hl --hl-lt 64',
    '-m hbh',
    '-m dst --dst-len 8',
    '-m ipv6header --header hop --soft',
    '-m ipv6header ! --header dst,hop --soft',
    '-m ipv6header --header prot',
    '-m ipv6header --header dst,prot',
    '-m ipv6header ! --header dst,prot',
    '-m u32 --u32 "4&0xFF00=0x1100"',
    '-m u32 --u32 "4&0xFF00=0x1100 && 40&0xFFFF=22"',
    '-m u32 ! --u32 "4&0xFF=63"',
  ],
};

const CHANGES: Readonly<Record<Family, readonly (readonly string[])[]>> = {
  4: [
    ['*raw -A PREROUTING -m rpfilter --invert -j DROP'],
    ['*raw -A PREROUTING -m rpfilter --accept-local --invert -j DROP'],
    ['*mangle -A PREROUTING -j TTL --ttl-inc 3', `-m ttl --ttl-gt 66 ${DROP}`],
    ['*mangle -A PREROUTING -j TTL --ttl-dec 1', `-m ttl --ttl-eq 62 ${DROP}`],
    ['*mangle -A PREROUTING -m ttl --ttl-gt 60 -j TOS --set-tos 0x10/0x3f', `-m tos --tos 0x10/0x3f ${DROP}`],
    ['*mangle -A PREROUTING -j TOS --xor-tos 0x11', `-m tos --tos 0x10/0x11 ${DROP}`],
    ['*mangle -A PREROUTING -p udp -j DSCP --set-dscp 46', `-m dscp --dscp 46 ${DROP}`],
    ['*mangle -A PREROUTING -p tcp --syn -j TCPMSS --set-mss 1000', `-p tcp -m tcpmss --mss 1000 ${DROP}`],
    ['*mangle -A PREROUTING -p tcp -j ECN --ecn-tcp-remove', `-p tcp -m ecn ! --ecn-tcp-cwr ${DROP}`],
    ['*mangle -A PREROUTING -p tcp --dport 80 -j TCPOPTSTRIP --strip-options mss', `-p tcp --tcp-option 2 ${DROP}`],
    ['*mangle -A PREROUTING -m u32 --u32 "6&0xFF=6" -j MARK --set-xmark 0x5/0xf', `-m mark ! --mark 5/7 ${DROP}`],
    [
      '*mangle -A PREROUTING -p tcp -j MARK --set-mark 0x1200',
      '*mangle -A PREROUTING -j CONNMARK --set-mark 0x34',
      '*mangle -A PREROUTING -j CONNMARK --save-mark --nfmask 0xff00 --ctmask 0xff0000 --left-shift-mark 8',
      `-m connmark --mark 0x120034 ${DROP}`,
    ],
    [
      '*mangle -A PREROUTING -p udp -j CONNMARK --set-mark 0x3405',
      '*mangle -A PREROUTING -j MARK --set-mark 0xf0',
      '*mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0x0f --ctmask 0xff0f --right-shift-mark 8',
      `-m mark --mark 0xc4 ${DROP}`,
    ],
    [
      '*mangle -A PREROUTING -j CONNMARK --set-mark 0x80000001',
      '*mangle -A PREROUTING -p tcp -j CONNMARK --or-mark 0x10 --left-shift-mark 4',
      `-m connmark --mark 0x110 ${DROP}`,
    ],
    ['*mangle -A PREROUTING -j CHECKSUM --checksum-fill', `-p udp ${DROP}`],
    ['*nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.1.50:8080', `-p udp ${DROP}`],
    [
      '*nat -A PREROUTING -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 10.0.1.50:1000-1010/75',
      `-p udp ${DROP}`,
    ],
    ['*nat -A PREROUTING -d 198.51.100.0/24 -p udp -j NETMAP --to 203.0.114.0/24', `-p tcp ${DROP}`],
  ],
  6: [
    ['*mangle -A PREROUTING -j HL --hl-inc 3', `-m hl --hl-gt 66 ${DROP}`],
    ['*mangle -A PREROUTING -m hl --hl-gt 60 -j TOS --set-tos 0x10/0x3f', `-m tos --tos 0x10/0x3f ${DROP}`],
    ['*mangle -A PREROUTING -p udp -j DSCP --set-dscp 46', `-m dscp --dscp 46 ${DROP}`],
    ['*raw -A PREROUTING -m rpfilter --invert -j DROP'],
  ],
};

const CASES = ([4, 6] as const).flatMap((family) =>
  [...QUESTIONS[family].map((question) => [`${question} ${DROP}`]), ...CHANGES[family]].map(
    (rules) => [family, rules] as const,
  ),
);

test.each(CASES)('IPv%d: %j', async (family, rules) => {
  const { before, after, text } = await bothWays(family, rules);
  const verdicts = new Set(before.map(({ verdict }) => verdict));
  expect([...verdicts].sort()).toEqual(['accept', 'drop']);
  const unlike = before.flatMap((fate, at) =>
    JSON.stringify(fate) === JSON.stringify(after[at])
      ? []
      : [{ shot: shotsOf(family, 0)[at], iptables: fate, nft: after[at] }],
  );
  expect(unlike.length === 0 ? [] : [unlike.length, unlike[0], text]).toEqual([]);
});

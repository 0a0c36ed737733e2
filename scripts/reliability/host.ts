import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute, Lab, type Ran } from '../../test/support/lab';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/** Files of the state that tell how it came to be so, not what is. */
const INCIDENTAL = /^(history|generation\.json|lock|confirm\.log)/;

/** A throwaway host that changes are made on, and that can be compared with itself as it was. */
export class Victim {
  readonly lab: Lab;

  constructor(readonly target: 'nft' | 'iptables') {
    this.lab = new Lab(0, target);
  }

  /** Starts a command that may be killed; its tools are in its process group. */
  begin(args: readonly string[], input: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
    const [command = '', ...rest] = args;
    const child = spawn(
      'nsenter',
      [`--net=/run/netns/${this.lab.host}`, process.execPath, PROGRAM, command, '--state', this.lab.state, ...rest],
      { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return child;
  }

  applyArgs(): string[] {
    return ['apply', '--target', this.target, '-'];
  }

  async apply(intent: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return ended(this.begin(this.applyArgs(), intent, env));
  }

  recover(): Ran {
    return this.lab.tsnet(['recover']);
  }

  /** All that there is of ours on the host and in the state; two that are alike are the same text. */
  fingerprint(): string {
    const { lab } = this;
    const ours = ({ ifname = '' }: { ifname?: string }) => /^(tn-|tv-)/.test(ifname);
    const links = JSON.parse(lab.on('host', 'ip', ['-json', '-details', 'address', 'show'])) as Link[];
    const bridges = links.flatMap(({ ifname = '' }) => (ifname.startsWith('tn-') ? [ifname] : [])).sort();
    const namespaces = readdirSync('/run/netns')
      .filter((name) => name.startsWith(this.prefix()))
      .sort();
    return JSON.stringify(
      {
        links: links.filter(ours).map(describe).sort(),
        namespaces: namespaces.map((name) => [
          name,
          (JSON.parse(execute('ip', ['-json', '-netns', name, 'address', 'show']).stdout || '[]') as Link[])
            .map(describe)
            .sort(),
          execute('ip', ['-netns', name, 'route', 'show']).stdout,
        ]),
        settings: this.settings([
          'net/ipv4/ip_forward',
          'net/ipv6/conf/all/forwarding',
          ...bridges.flatMap((name) => [
            `net/ipv4/conf/${name}/route_localnet`,
            `net/ipv4/conf/${name}/proxy_arp_pvlan`,
          ]),
        ]),
        nft: nftText(lab.on('host', 'nft', ['--json', '--stateless', 'list', 'ruleset'])),
        iptables: ['iptables-save', 'ip6tables-save'].map((tool) => xtText(lab.on('host', tool, []))),
        state: this.stateFiles(),
      },
      null,
      1,
    );
  }

  private prefix(): string {
    const path = join(this.lab.state, 'containers', 'still.json');
    if (!existsSync(path)) return 'tsnet-none-';
    return JSON.parse(readFileSync(path, 'utf8')).sandbox.namespace.slice(0, -'still'.length);
  }

  private settings(keys: readonly string[]): string[] {
    const values = this.lab.on(
      'host',
      'cat',
      keys.map((key) => `/proc/sys/${key}`),
    );
    return values.split('\n').map((value, index) => `${keys[index] ?? ''} ${value}`);
  }

  private stateFiles(): [string, string][] {
    return readdirSync(this.lab.state, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.lab.state.length + 1))
      .filter((path) => !INCIDENTAL.test(path))
      .sort()
      .map((path): [string, string] => [path, sameGeneration(readFileSync(join(this.lab.state, path), 'utf8'))]);
  }

  /** Until nothing is pending and nobody is at work: a change was confirmed, or has taken itself back. */
  async settled(seconds = 40): Promise<void> {
    const busy = ['confirm.json', 'journal'].map((name) => join(this.lab.state, name));
    for (let waited = 0; busy.some((path) => existsSync(path)) && waited < seconds * 1000; waited += 50)
      await sleep(50);
  }

  isInterrupted(): boolean {
    return existsSync(join(this.lab.state, 'journal'));
  }

  close(): void {
    this.lab.close();
  }
}

interface Link {
  readonly ifname?: string;
  readonly address?: string;
  readonly mtu?: number;
  readonly master?: string;
  readonly flags?: readonly string[];
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number; readonly scope?: string }[];
}

function describe({ ifname, address, mtu, master, flags = [], addr_info = [] }: Link): string {
  const addresses = addr_info
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    .sort();
  // A host end's own MAC address is the kernel's choice, another each time.
  const mac = ifname?.startsWith('tv-') ? '' : address;
  return `${ifname} ${mac} ${mtu} ${master ?? ''} ${flags.includes('UP') ? 'up' : 'down'} ${addresses.join(' ')}`;
}

function nftText(listing: string): string[] {
  const { nftables } = JSON.parse(listing) as {
    nftables: readonly Record<
      string,
      { family?: string; table?: string; name?: string; handle?: number; elem?: unknown[] }
    >[];
  };
  const tableOf = ({ family, table, name }: { family?: string; table?: string; name?: string }) =>
    `${family} ${table ?? name}`;
  const order = (entry: Readonly<Record<string, Parameters<typeof tableOf>[0]>>) =>
    Object.values(entry).map(tableOf).join();
  return (
    [...nftables]
      // A table that is made anew is listed last; within each, order matters.
      .sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
      .filter((entry) => Object.values(entry).some(({ table, name }) => (table ?? name) === 'tsnet'))
      .map((entry) => {
        const [[kind, { handle: _, elem = [], ...rest }] = ['', { handle: 0 }]] = Object.entries(entry);
        return `${kind} ${JSON.stringify(rest)} ${elem
          .map((one) => JSON.stringify(one))
          .sort()
          .join(' ')}`;
      })
  );
}

/** Only our chains and what leads to them: built-in tables that iptables made stay, empty, and are nobody's. */
function xtText(saved: string): string[] {
  return sameGeneration(saved)
    .split('\n')
    .filter((line) => line.includes('TSNET'))
    .map((line) => line.replace(/^(:\S+ \S+) .*/, '$1'))
    .sort();
}

/** Which of the two generations of chains is in force makes no difference. */
function sameGeneration(text: string): string {
  return text.replace(/TSNET-[ab]-/g, 'TSNET-').replace(/"generation": "[ab]"/g, '');
}

export function ended(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Two intents that differ in most that two can differ in; `still` is in both, alike. */
export const INTENTS = [
  `network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/24 }
container still { network front { address 172.17.0.50; address fd00:17::50 }; publish 7000:7000; publish 7000:7000/udp }
container web { network front; publish 8080:80 }
container db { network back; expose 5432 }`,
  `network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/24; icc off; mtu 1400 }
network more { subnet 172.19.0.0/24; internal }
container still { network front { address 172.17.0.50; address fd00:17::50 }; publish 7000:7000; publish 7000:7000/udp }
container web { network front { address 172.17.0.9 }; network back; publish 8081:80; publish 127.0.0.1:9000-9009:9000-9009 }
container cache { network back; network more; link web }
allow front -> back tcp 5432`,
] as const;

/** Says what is being counted, as it goes. */
export function note(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** The first lines that two texts differ in. */
export function difference(a: string, b: string): string {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const gone = left.filter((line) => !right.includes(line)).slice(0, 30);
  const come = right.filter((line) => !left.includes(line)).slice(0, 30);
  return [...gone.map((line) => `- ${line.slice(0, 200)}`), ...come.map((line) => `+ ${line.slice(0, 200)}`)].join(
    '\n',
  );
}

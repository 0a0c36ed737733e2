import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent } from './agent';

const FRAMES = join(__dirname, 'frames.pl');
const PROGRAM = join(__dirname, '../../dist/cli/main.js');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with an argument vector. */
export function execute(program: string, args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { code: status ?? -1, stdout, stderr };
}

function must(program: string, args: readonly string[], input = ''): string {
  const { code, stdout, stderr } = execute(program, args, input);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Rules of one chain, by their text; of iptables, without the generation in the chain's name. */
export interface RulePattern {
  readonly table: string;
  readonly chain: string;
  readonly rule: RegExp;
}

export interface RulesOut {
  readonly nft: readonly RulePattern[];
  readonly iptables: readonly RulePattern[];
}

let labs = 0;

/**
 * A host with two IPv4 addresses and an IPv6 one, and an outside host on its link that is free to add routes. Both are
 * network namespaces; tsnet runs in the host's.
 */
export class Lab {
  readonly host: string;
  readonly outside: string;
  readonly state: string;
  private readonly agents = new Map<string, Agent>();
  private readonly namespaces = new Map<string, string>();

  constructor(
    bridgeNetfilter: 0 | 1,
    readonly target: 'nft' | 'iptables' = 'nft',
  ) {
    const id = `${process.pid}-${labs++}`;
    this.host = `host-${id}`;
    this.outside = `outside-${id}`;
    this.state = mkdtempSync(join(tmpdir(), 'tsnet-lab-'));
    must('ip', ['-batch', '-'], `netns add ${this.host}\nnetns add ${this.outside}\n`);
    must('ip', ['-n', this.host, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.outside]);
    // Link-local addresses would be tentative for a second, and nothing would be forwarded meanwhile.
    for (const where of ['host', 'outside'] as const) this.setting(where, 'net/ipv6/conf/eth0/accept_dad', '0');
    this.ip('host', ['192.0.2.1/24', '192.0.2.2/24', '2001:db8::1/64', '2001:db8::2/64']);
    this.ip('outside', ['192.0.2.9/24', '198.51.100.9/24', '2001:db8::9/64', '2001:db8:51::9/64']);
    this.on('host', 'ip', ['route', 'add', '198.51.100.0/24', 'dev', 'eth0']);
    this.on('host', 'ip', ['route', 'add', '2001:db8:51::/64', 'dev', 'eth0']);
    for (const family of ['iptables', 'ip6tables'])
      this.setting('host', `net/bridge/bridge-nf-call-${family}`, String(bridgeNetfilter));
  }

  tsnet(args: readonly string[], input = ''): Ran {
    const [command = '', ...rest] = args;
    return execute(
      'nsenter',
      [`--net=/run/netns/${this.host}`, process.execPath, PROGRAM, command, '--state', this.state, ...rest],
      input,
    );
  }

  /** Runs a command in a container as a user would. */
  exec(container: string, command: readonly string[]): Ran {
    return this.tsnet(['exec', container, '--', ...command]);
  }

  /** Applies an intent; anything but success is an error. */
  apply(intent: string): void {
    const { code, stderr } = this.tsnet(['apply', '--target', this.target, '-'], intent);
    if (code !== 0) throw new Error(`apply: exit ${code}: ${stderr}`);
  }

  /**
   * Takes the rules of a chain that match out, for as long as the action lasts: what the action then sees is what these
   * rules are there for.
   */
  async without<T>({ nft, iptables }: RulesOut, action: () => Promise<T>): Promise<T> {
    const taken = this.target === 'nft' ? this.takeFromNft(nft) : this.takeFromIptables(iptables);
    if (taken === 0) throw new Error('no such rule');
    try {
      return await action();
    } finally {
      if (this.target === 'nft') this.on('host', 'nft', ['-f', '-'], this.whole);
      else for (const [family, text] of this.saved) this.on('host', `${family}-restore`, ['--counters'], text);
    }
  }

  private saved: (readonly [family: string, text: string])[] = [];

  private whole = '';

  private takeFromNft(rules: readonly RulePattern[]): number {
    const listed = ['inet tsnet', 'bridge tsnet'].map((table) =>
      this.on('host', 'nft', ['--stateless', 'list', 'table', ...table.split(' ')]),
    );
    this.whole = `delete table inet tsnet\ndelete table bridge tsnet\n${listed.join('')}`;
    const found = rules.flatMap(({ table, chain, rule }) =>
      this.on('host', 'nft', ['--handle', '--stateless', 'list', 'chain', ...table.split(' '), chain])
        .split('\n')
        .filter((line) => rule.test(line.replace(/ # handle \d+$/, '').trim()))
        .map((line) => `delete rule ${table} ${chain} handle ${/\d+$/.exec(line)?.[0]}\n`),
    );
    this.on('host', 'nft', ['-f', '-'], found.join(''));
    return found.length;
  }

  private takeFromIptables(rules: readonly RulePattern[]): number {
    const families = ['iptables', 'ip6tables'];
    this.saved = families.map((family) => [family, this.on('host', `${family}-save`, ['--counters'])]);
    let taken = 0;
    for (const [family, text] of this.saved)
      for (const { table, chain, rule } of rules) {
        const lines =
          text
            .slice(text.indexOf(`*${table}\n`))
            .split('\nCOMMIT', 1)[0]
            ?.split('\n') ?? [];
        for (const line of lines) {
          const [, name = '', spec = ''] = /^\S* ?-A (TSNET-[ab]-\S+) (.*)$/.exec(line) ?? [];
          if (name.slice('TSNET-a-'.length) !== chain || !rule.test(spec)) continue;
          this.on('host', family, ['-t', table, '-D', name, ...(spec.match(/\S+/g) ?? [])]);
          taken++;
        }
      }
    return taken;
  }

  on(where: 'host' | 'outside', program: string, args: readonly string[], input = ''): string {
    const namespace = where === 'host' ? this.host : this.outside;
    return must('nsenter', [`--net=/run/netns/${namespace}`, program, ...args], input);
  }

  /** Runs a program in a container's network namespace, as root there. */
  inside(container: string, program: string, args: readonly string[]): string {
    return must('nsenter', [`--net=/run/netns/${this.namespaceOf(container)}`, program, ...args]);
  }

  /** Sets a kernel setting, named by its path below /proc/sys, in a namespace. */
  setting(where: string, key: string, value: string): void {
    must('nsenter', [`--net=/run/netns/${this.namespaceOf(where)}`, 'tee', `/proc/sys/${key}`], value);
  }

  /** The agent of `host`, `outside` or a container. */
  agent(where: string): Agent {
    const namespace = this.namespaceOf(where);
    const known = this.agents.get(namespace);
    if (known) return known;
    const agent = new Agent(namespace);
    this.agents.set(namespace, agent);
    return agent;
  }

  emptyRefusals(): void {
    if (this.target === 'nft')
      for (const family of ['inet', 'bridge']) this.on('host', 'nft', ['flush', 'chain', family, 'tsnet', 'refuse']);
    else
      for (const family of ['iptables', 'ip6tables'])
        for (const table of ['raw', 'mangle', 'filter']) this.on('host', family, ['-t', table, '-F', 'TSNET-a-refuse']);
  }

  macOf(where: 'host' | 'outside', device: string): string {
    return JSON.parse(this.on(where, 'ip', ['-json', 'link', 'show', 'dev', device]))[0].address;
  }

  /** Sends frames, in hexadecimal, from an interface of `host`, `outside` or a container. */
  send(where: string, device: string, frames: readonly string[]): void {
    const namespace = `--net=/run/netns/${this.namespaceOf(where)}`;
    must('nsenter', [namespace, 'perl', FRAMES, 'send', device], frames.map((frame) => `${frame}\n`).join(''));
  }

  /** Hears what comes to an interface, until a frame that is sent last has come. */
  async listen(where: string, device: string) {
    const child = spawn('nsenter', [
      `--net=/run/netns/${this.namespaceOf(where)}`,
      'perl',
      FRAMES,
      'listen',
      device,
      '10',
    ]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    return {
      frames: async (last: string, sendLast: () => void): Promise<readonly string[]> => {
        sendLast();
        const heard: string[] = [];
        for (;;) {
          const { value, done } = await lines.next();
          if (done) throw new Error('the last frame did not come');
          heard.push(value);
          if (value.startsWith(last)) break;
        }
        child.kill();
        return heard;
      },
    };
  }

  close(): void {
    for (const agent of this.agents.values()) agent.stop();
    this.tsnet(['down']);
    must('ip', ['netns', 'delete', this.host]);
    must('ip', ['netns', 'delete', this.outside]);
    rmSync(this.state, { recursive: true, force: true });
  }

  private namespaceOf(where: string): string {
    if (where === 'host') return this.host;
    if (where === 'outside') return this.outside;
    const known = this.namespaces.get(where);
    if (known !== undefined) return known;
    const { namespace } = JSON.parse(this.tsnet(['inspect', where]).stdout).sandbox;
    this.namespaces.set(where, namespace);
    return namespace;
  }

  private ip(where: 'host' | 'outside', addresses: readonly string[]): void {
    const lines = [
      'link set lo up',
      'link set eth0 up',
      // Only the first of a family is one that the kernel chooses by itself.
      ...addresses.map((one) => {
        const first = addresses.find((other) => other.includes(':') === one.includes(':')) === one;
        const chosen = one.includes(':') && !first ? ' preferred_lft 0' : '';
        return `address add ${one} dev eth0${one.includes(':') ? ' nodad' : ''}${chosen}`;
      }),
    ];
    must('ip', ['-n', where === 'host' ? this.host : this.outside, '-batch', '-'], `${lines.join('\n')}\n`);
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Address, formatAddress, readAddress } from '../../dsl/core/address';
import { ethernet, icmp, icmpv6, ipv4, ipv6, pseudo4, pseudo6, tcp, udp, udp6 } from './frames';
import { execute } from './lab';

const FRAMES = join(__dirname, 'frames.pl');

/** A packet to be put into the kernel; `id` tells it from the others of its batch. */
export interface Shot {
  readonly id: number;
  readonly family: 4 | 6;
  /** The interface that it comes in by; undefined: the host sends it itself. */
  readonly in: 'eth0' | 'eth1' | undefined;
  readonly source: string;
  readonly destination: string;
  readonly kind: 'tcp' | 'udp' | 'icmp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of TCP: the byte of flags. Of ICMP: the type. */
  readonly detail: number;
  readonly more?: More;
}

/** What a packet may have beside the usual. */
export interface More {
  readonly dscp?: number;
  readonly ecn?: number;
  readonly ttl?: number;
  /** Of ICMP. */
  readonly code?: number;
  /** How many bytes there are behind the header of the transport, at least one. */
  readonly data?: number;
  /** Of TCP: its option for the maximum segment size. */
  readonly mss?: number;
  readonly window?: number;
  /** Of IPv6: an extension header with nothing in it. */
  readonly extension?: 'hbh' | 'dst';
}

export const MACS = { eth0: '02:aa:00:00:00:01', eth1: '02:aa:00:00:00:02' } as const;

/** What the kernel did with a packet. */
export interface Fate {
  readonly verdict: 'accept' | 'drop' | 'reject';
  /** Where it was accepted, and as what; undefined when it was not. */
  readonly end?: {
    readonly hook: 'input' | 'postrouting';
    readonly out: string;
    readonly source: string;
    readonly destination: string;
    readonly destinationPort: number;
    readonly mark: number;
  };
}

const FAMILIES = [
  { digit: 4, id: 'ip id', ip: 'ip' },
  { digit: 6, id: 'ip6 flowlabel', ip: 'ip6' },
] as const;
const HOOKS = ['in', 'out'] as const;
/** What is remembered of a packet that was accepted, as nft says it. nft 1.0.6 has no listing of more in one map. */
const PARTS = { source: 'saddr', destination: 'daddr', port: 'th dport', mark: 'meta mark', name: 'meta oif' } as const;
type Part = keyof typeof PARTS;

const partsOf = (hook: 'in' | 'out') =>
  (Object.keys(PARTS) as Part[]).filter((part) => part !== 'name' || hook === 'out');
const expressionOf = (part: Part, ip: string) => (PARTS[part].endsWith('addr') ? `${ip} ${PARTS[part]}` : PARTS[part]);
const maps = HOOKS.flatMap((hook) =>
  FAMILIES.flatMap(({ digit, id, ip }) =>
    partsOf(hook).map((part) => ({ hook, id, name: `${hook}${digit}_${part}`, expression: expressionOf(part, ip) })),
  ),
);
const rulesOf = (of: 'in' | 'out') =>
  maps
    .filter(({ hook }) => hook === of)
    .map(({ name, id, expression }) => `    add @${name} { ${id} : ${expression} }`)
    .join('\n');

/**
 * Whatever is accepted passes these chains last: what stands in their maps then was accepted, as it was then. Of the host's
 * own words about packets the kernel chooses the IP ID, which may be that of another: they are not looked at.
 */
const OBSERVER = `table inet observer {
${maps.map(({ name, id, expression }) => `  map ${name} { typeof ${id} : ${expression}; flags dynamic; size 65535; }`).join('\n')}
  set arrived4 { typeof ip id; flags dynamic; size 65535; }
  set arrived6 { typeof ip6 flowlabel; flags dynamic; size 65535; }
  set refused4 { typeof @th,96,16; flags dynamic; size 65535; }
  set refused6 { typeof @th,64,32; flags dynamic; size 65535; }
  set resets { typeof tcp dport; flags dynamic; size 65535; }
  chain first {
    type filter hook prerouting priority -600;
    ip id != 0 add @arrived4 { ip id }
    ip6 flowlabel != 0 add @arrived6 { ip6 flowlabel }
  }
  chain own {
    type filter hook output priority -600;
    icmp type destination-unreachable add @refused4 { @th,96,16 } accept
    icmp type time-exceeded accept
    icmpv6 type destination-unreachable add @refused6 { @th,64,32 } accept
    tcp flags & rst == rst add @resets { tcp dport } accept
    ip id != 0 add @arrived4 { ip id }
    ip6 flowlabel != 0 add @arrived6 { ip6 flowlabel }
  }
  chain kept {
    type filter hook input priority 2147483647;
    icmp type destination-unreachable accept
    icmpv6 type destination-unreachable accept
${rulesOf('in')}
  }
  chain passed {
    type filter hook postrouting priority 2147483647;
    icmp type { destination-unreachable, redirect, time-exceeded } accept
    icmpv6 type { destination-unreachable, nd-redirect, nd-neighbor-solicit } accept
    icmp type echo-reply fib saddr type local accept
    icmpv6 type echo-reply fib saddr type local accept
${rulesOf('out')}
  }
  chain tracked {
    ct state new
  }
}
`;
const EMPTIED = [
  ...maps.map(({ name }) => `flush map inet observer ${name}\n`),
  ...['arrived4', 'arrived6', 'refused4', 'refused6', 'resets'].map((set) => `flush set inet observer ${set}\n`),
].join('');

/** What the host has, for the model to know. */
export const HOST: readonly { readonly interface: string; readonly address: string; readonly link: string }[] = [
  { interface: 'eth0', address: '10.0.0.1', link: '10.0.0.0/24' },
  { interface: 'eth1', address: '10.0.1.1', link: '10.0.1.0/24' },
  { interface: 'eth0', address: 'fd00::1', link: 'fd00::/64' },
  { interface: 'eth1', address: 'fd00:1::1', link: 'fd00:1::/64' },
];
/** Through these, all other addresses: the first on eth0, the second on eth1, which has the default route. */
export const BEHIND_ETH0: readonly string[] = ['10.64.0.0/10', 'fd64::/16'];
const HOPS = { eth0: ['10.0.0.2', 'fd00::2'], eth1: ['10.0.1.2', 'fd00:1::2'] } as const;
/** Others on the link that rules may send packets to. */
const NEIGHBOURS = { eth0: [], eth1: ['10.0.1.50', 'fd00:1::50'] } as const;

/** A host between two wires, in network namespaces of its own, that any packet can be put into. */
export class Kernel {
  private readonly host: string;
  private readonly ends: string;
  private readonly senders = new Map<string, ChildProcess>();
  private readonly macs = new Map<string, string>();

  constructor() {
    const id = `${process.pid}-${Date.now() % 100000}`;
    [this.host, this.ends] = [`kernel-${id}`, `wires-${id}`];
    const must = (program: string, args: readonly string[], input = '') => {
      const { code, stderr } = execute(program, args, input);
      if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    };
    must('ip', ['-batch', '-'], `netns add ${this.host}\nnetns add ${this.ends}\n`);
    for (const name of ['eth0', 'eth1'])
      must('ip', ['-n', this.host, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', this.ends]);
    // Some are the machine's alone: then the packets of a batch are few enough for what they are.
    for (const [key, value] of SETTINGS)
      execute('nsenter', [`--net=/run/netns/${this.host}`, 'tee', `/proc/sys/${key}`], value);
    const lines = (side: string) => [
      'link set lo up',
      'link set eth0 up',
      'link set eth1 up',
      ...(side === 'host'
        ? HOST.map(
            (one) =>
              `address add ${one.address}/${one.link.split('/')[1]} dev ${one.interface}${one.address.includes(':') ? ' nodad' : ''}`,
          )
        : []),
    ];
    must('ip', ['-n', this.ends, '-batch', '-'], `${lines('ends').join('\n')}\n`);
    for (const name of ['eth0', 'eth1'] as const) {
      must('ip', ['-n', this.ends, 'link', 'set', name, 'address', MACS[name]]);
      for (const where of [this.host, this.ends])
        this.macs.set(
          `${where} ${name}`,
          JSON.parse(execute('ip', ['-n', where, '-json', 'link', 'show', name]).stdout)[0].address,
        );
    }
    const routes = (['eth0', 'eth1'] as const).flatMap((name) =>
      HOPS[name].flatMap((hop, at) => {
        const prefix = name === 'eth0' ? BEHIND_ETH0[at] : at === 0 ? 'default' : '::/0';
        return [
          ...[hop, ...NEIGHBOURS[name]]
            .filter((one) => one.includes(':') === hop.includes(':'))
            .map((one) => `neighbour replace ${one} dev ${name} lladdr ${this.macs.get(`${this.ends} ${name}`)}`),
          `route add ${prefix} via ${hop} dev ${name}`,
        ];
      }),
    );
    must('ip', ['-n', this.host, '-batch', '-'], `${[...lines('host'), ...routes].join('\n')}\n`);
    const refused = this.load('nft', OBSERVER);
    if (refused !== undefined) throw new Error(refused);
    for (const name of ['eth0', 'eth1']) this.senders.set(name, this.sender(this.ends, 'send', name));
    this.senders.set('', this.sender(this.host, 'originate'));
  }

  /** Loads a text with one of the tools; what it says when it refuses. */
  load(tool: 'nft' | 'iptables' | 'ip6tables', text: string): string | undefined {
    const [program, ...args] = tool === 'nft' ? ['nft', '-f', '-'] : [`${tool}-legacy-restore`];
    const { code, stderr } = execute('nsenter', [`--net=/run/netns/${this.host}`, program as string, ...args], text);
    return code === 0 ? undefined : stderr;
  }

  /** Puts packets in, one after the other, and says what became of each. */
  async shoot(shots: readonly Shot[]): Promise<ReadonlyMap<number, Fate>> {
    this.load('nft', EMPTIED);
    for (const shot of shots) this.senders.get(shot.in ?? '')?.stdin?.write(`${this.bytes(shot)}\n`);
    for (let tries = 0; ; tries++) {
      const seen = this.observed();
      const arrived = new Set([...(seen.get('arrived4') ?? []), ...(seen.get('arrived6') ?? [])].map(Number));
      const missing = shots.filter(({ id }) => !arrived.has(id));
      // The last one may still be on its way through the hooks.
      if (missing.length === 0) return this.fates(shots, this.observed());
      if (tries > 200) throw new Error(`packets did not arrive: ${JSON.stringify(missing.slice(0, 3))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    for (const sender of this.senders.values()) sender.kill();
    for (const name of [this.host, this.ends]) execute('ip', ['netns', 'delete', name]);
  }

  private sender(namespace: string, ...args: readonly string[]): ChildProcess {
    const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, 'perl', FRAMES, ...args], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    return child;
  }

  private observed(): Map<string, unknown[]> {
    const { stdout, stderr } = execute('nsenter', [
      `--net=/run/netns/${this.host}`,
      ...['nft', '--json', '--numeric', 'list', 'table', 'inet', 'observer'],
    ]);
    if (stdout === '') throw new Error(stderr);
    const { nftables } = JSON.parse(stdout) as { nftables: { set?: Listed; map?: Listed }[] };
    return new Map(
      nftables.flatMap(({ set, map }) =>
        [set ?? map].flatMap((one) => (one ? [[one.name, one.elem ?? []] as const] : [])),
      ),
    );
  }

  private fates(shots: readonly Shot[], seen: ReadonlyMap<string, unknown[]>): Map<number, Fate> {
    const told = new Map<string, string | number>();
    for (const { name } of maps)
      for (const element of seen.get(name) ?? []) {
        const [id, value] = element as [number, string | number];
        told.set(`${name} ${id}`, value);
      }
    const endOf = ({ id, family }: Shot): Fate['end'] => {
      const get = (hook: 'in' | 'out', part: Part) => told.get(`${hook}${family}_${part} ${id}`);
      const out = get('out', 'name');
      const hook = get('in', 'source') !== undefined ? 'in' : out !== undefined && out !== 'lo' ? 'out' : undefined;
      if (!hook) return undefined;
      return {
        hook: hook === 'in' ? 'input' : 'postrouting',
        out: hook === 'in' ? '' : String(out),
        source: plainAddress(get(hook, 'source') ?? ''),
        destination: plainAddress(get(hook, 'destination') ?? ''),
        destinationPort: Number(get(hook, 'port')),
        mark: Number(get(hook, 'mark')),
      };
    };
    const refused = new Set([
      ...(seen.get('refused4') ?? []).map(Number),
      ...(seen.get('refused6') ?? []).map((word) => Number(word) & 0xfffff),
    ]);
    const reset = new Set((seen.get('resets') ?? []).map(Number));
    return new Map(
      shots.map((shot): [number, Fate] => {
        const end = endOf(shot);
        if (end) return [shot.id, { verdict: 'accept', end }];
        const rejected = refused.has(shot.id) || (shot.kind === 'tcp' && reset.has(shot.sourcePort));
        return [shot.id, { verdict: rejected ? 'reject' : 'drop' }];
      }),
    );
  }

  private bytes(shot: Shot): string {
    const packet = packetOf(shot);
    if (shot.in === undefined) return packet;
    const [to, from] = [this.host, this.ends].map((where) => this.macs.get(`${where} ${shot.in}`) ?? '');
    return ethernet(to as string, from as string, shot.family === 4 ? 0x0800 : 0x86dd, packet);
  }
}

interface Listed {
  readonly name: string;
  readonly elem?: unknown[];
}

const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ['net/ipv4/ip_forward', '1'],
  ['net/ipv6/conf/all/forwarding', '1'],
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  ['net/ipv4/conf/eth0/rp_filter', '0'],
  ['net/ipv4/conf/eth1/rp_filter', '0'],
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/eth0/send_redirects', '0'],
  ['net/ipv4/conf/eth1/send_redirects', '0'],
  ['net/ipv4/icmp_ratelimit', '0'],
  ['net/ipv4/icmp_msgs_per_sec', '1000000'],
  ['net/ipv4/icmp_msgs_burst', '1000000'],
  ['net/ipv6/icmp/ratelimit', '0'],
  ['net/ipv4/tcp_invalid_ratelimit', '0'],
];

const EXTENSIONS = { hbh: 0, dst: 60 } as const;

function packetOf({
  id,
  family,
  source,
  destination,
  kind,
  sourcePort,
  destinationPort,
  detail,
  more = {},
}: Shot): string {
  const { dscp = 0, ecn = 0, ttl = 64, code = 0, data = 1, mss, window = 0xffff, extension } = more;
  const tos = (dscp << 2) | ecn;
  const payload = '3f'.repeat(data);
  const rest = `${sourcePort.toString(16).padStart(4, '0')}0001${'3f'.repeat(data - 1)}`;
  const options = mss === undefined ? '' : `0204${mss.toString(16).padStart(4, '0')}`;
  const segment = { options, window, data: '3f'.repeat(data - 1) };
  if (family === 4) {
    const body = () => {
      switch (kind) {
        case 'tcp':
          return [6, tcp(pseudo4(source, destination, 6), sourcePort, destinationPort, detail, segment)] as const;
        case 'udp':
          return [17, udp(sourcePort, destinationPort, payload)] as const;
        case 'icmp':
          return [1, icmp(detail, code, rest)] as const;
      }
    };
    const [protocol, inner] = body();
    return ipv4({ from: source, to: destination, protocol, id, tos, ttl }, inner);
  }
  const body = () => {
    switch (kind) {
      case 'tcp':
        return [6, tcp(pseudo6(source, destination, 6), sourcePort, destinationPort, detail, segment)] as const;
      case 'udp':
        return [17, udp6(source, destination, sourcePort, destinationPort, payload)] as const;
      case 'icmp':
        return [58, icmpv6(source, destination, detail, rest, code)] as const;
    }
  };
  const [next, inner] = body();
  if (extension === undefined) return ipv6(source, destination, next, inner, ttl, id, tos);
  // Six bytes of padding make the header whole (RFC 8200 section 4.2).
  const header = `${next.toString(16).padStart(2, '0')}00010400000000`;
  return ipv6(source, destination, EXTENSIONS[extension], header + inner, ttl, id, tos);
}

/** As it stands in the packet. */
export function icmpChecksum(shot: Shot): number {
  const header = (shot.family === 4 ? 20 : 40) + (shot.more?.extension ? 8 : 0);
  return Number.parseInt(packetOf(shot).slice(2 * (header + 2), 2 * (header + 4)), 16);
}

function plainAddress(text: string | number): string {
  const address: Address | undefined = readAddress(String(text));
  return address ? formatAddress(address) : String(text);
}

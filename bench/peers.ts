import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type How, run, type Sample, timed } from './measure';

/** The programs that set a container's network up today, as Debian ships them. */
export type Variant = 'legacy' | 'nft';

export interface Peer {
  readonly name: string;
  readonly variant: Variant;
  /** Adds container `at`, which publishes `10000 + at`. */
  add(at: number): Sample;
  remove(at: number): void;
  /** The rules that this program makes for the containers `from` to before `to`, without their devices. */
  rules(from: number, to: number): string;
  readonly how: How;
  /** The network namespace of container `at`. */
  namespace(at: number): string;
}

const NETAVARK = '/usr/lib/podman/netavark';
const CNI = '/usr/lib/cni';
const TOOLS = ['iptables', 'ip6tables'].flatMap((tool) => [tool, `${tool}-save`, `${tool}-restore`]);

/** A folder for the head of the PATH, in which iptables is the one of a kernel interface. */
export function toolsOf(variant: Variant, folder: string): string {
  const own = join(folder, `iptables-${variant}`);
  if (existsSync(own)) return own;
  mkdirSync(own, { recursive: true });
  for (const tool of TOOLS) symlinkSync(`/usr/sbin/xtables-${variant}-multi`, join(own, tool));
  return own;
}

export function peersOf(hosts: (name: string) => string, folder: string): Peer[] {
  const variants = ['legacy', 'nft'] as const;
  return [
    ...(existsSync(NETAVARK) ? variants.map((variant) => new Netavark(variant, hosts, folder)) : []),
    ...(existsSync(join(CNI, 'portmap')) ? variants.map((variant) => new Plugins(variant, hosts, folder)) : []),
  ];
}

/** `iptables-restore`s the rules of many containers, as if they had been added one by one. */
export function fill(peer: Peer, from: number, to: number): Sample {
  return timed(['iptables-restore', '--noflush'], { ...peer.how, input: peer.rules(from, to) });
}

abstract class Program implements Peer {
  abstract readonly name: string;
  protected readonly host: string;
  readonly how: How;

  constructor(
    readonly variant: Variant,
    hosts: (name: string) => string,
    protected readonly folder: string,
    kind: string,
  ) {
    this.host = hosts(`${kind}-${variant}`);
    this.how = { host: this.host, env: { PATH: `${toolsOf(variant, folder)}:${process.env.PATH}` } };
  }

  abstract add(at: number): Sample;
  abstract remove(at: number): void;
  abstract rules(from: number, to: number): string;

  namespace(at: number): string {
    return `${this.host}-${at}`;
  }

  protected addNamespace(at: number): void {
    run(['ip', 'netns', 'add', this.namespace(at)], this.how);
  }
}

class Netavark extends Program {
  readonly name = `netavark (iptables-${this.variant})`;

  constructor(variant: Variant, hosts: (name: string) => string, folder: string) {
    super(variant, hosts, folder, 'netavark');
    mkdirSync(join(folder, this.host), { recursive: true });
  }

  add(at: number): Sample {
    this.addNamespace(at);
    return timed(this.command('setup', at), { ...this.how, input: this.configuration(at) });
  }

  remove(at: number): void {
    run(this.command('teardown', at), { ...this.how, input: this.configuration(at) });
    run(['ip', 'netns', 'delete', this.namespace(at)], this.how);
  }

  rules(from: number, to: number): string {
    const [chain, all] = ['NETAVARK-DN-1D8721804F16F', range(from, to)];
    return [
      '*nat',
      ...all.flatMap((at) => [
        `-A ${chain} -s 10.88.0.0/16 -p tcp -m tcp --dport ${10_000 + at} -j NETAVARK-HOSTPORT-SETMARK`,
        `-A ${chain} -s 127.0.0.1/32 -p tcp -m tcp --dport ${10_000 + at} -j NETAVARK-HOSTPORT-SETMARK`,
        `-A ${chain} -p tcp -m tcp --dport ${10_000 + at} -j DNAT --to-destination ${address(88, at)}:80`,
        `-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport ${10_000 + at} -m comment --comment "dnat name: podman id: ${identity(at)}" -j ${chain}`,
      ]),
      'COMMIT\n',
    ].join('\n');
  }

  private command(what: string, at: number): string[] {
    return [NETAVARK, '--config', join(this.folder, this.host), what, `/run/netns/${this.namespace(at)}`];
  }

  private configuration(at: number): string {
    const network = {
      name: 'podman',
      id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
      driver: 'bridge',
      network_interface: 'podman0',
      subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
      ipv6_enabled: false,
      internal: false,
      dns_enabled: false,
      ipam_options: { driver: 'host-local' },
    };
    return JSON.stringify({
      container_id: identity(at),
      container_name: `c${at}`,
      port_mappings: [{ host_ip: '', container_port: 80, host_port: 10_000 + at, range: 1, protocol: 'tcp' }],
      networks: { podman: { static_ips: [address(88, at)], interface_name: 'eth0' } },
      network_info: { podman: network },
    });
  }
}

/** bridge, then portmap, as a container engine calls them. */
class Plugins extends Program {
  readonly name = `CNI plugins (iptables-${this.variant})`;
  private readonly made = new Map<number, unknown>();

  constructor(variant: Variant, hosts: (name: string) => string, folder: string) {
    super(variant, hosts, folder, 'cni');
  }

  add(at: number): Sample {
    this.addNamespace(at);
    const started = performance.now();
    const bridge = this.call('bridge', 'ADD', at);
    this.made.set(at, JSON.parse(bridge.output));
    const portmap = this.call('portmap', 'ADD', at);
    return { wall: performance.now() - started, cpu: bridge.cpu + portmap.cpu };
  }

  remove(at: number): void {
    this.call('portmap', 'DEL', at);
    this.call('bridge', 'DEL', at);
    run(['ip', 'netns', 'delete', this.namespace(at)], this.how);
  }

  rules(from: number, to: number): string {
    const all = range(from, to);
    const [own, dnat] = [(at: number) => `CNI-${hash(at, 24)}`, (at: number) => `CNI-DN-${hash(at, 21)}`];
    const comment = (at: number) => `-m comment --comment "name: \\"bench\\" id: \\"c${at}\\""`;
    return [
      '*nat',
      ...all.flatMap((at) => [`:${own(at)} - [0:0]`, `:${dnat(at)} - [0:0]`]),
      ...all.flatMap((at) => [
        `-A POSTROUTING -s ${address(89, at)}/32 ${comment(at)} -j ${own(at)}`,
        `-A ${own(at)} -d 10.89.0.0/16 ${comment(at)} -j ACCEPT`,
        `-A ${own(at)} ! -d 224.0.0.0/4 ${comment(at)} -j MASQUERADE`,
        `-A ${dnat(at)} -s 10.89.0.0/16 -p tcp -m tcp --dport ${10_000 + at} -j CNI-HOSTPORT-SETMARK`,
        `-A ${dnat(at)} -s 127.0.0.1/32 -p tcp -m tcp --dport ${10_000 + at} -j CNI-HOSTPORT-SETMARK`,
        `-A ${dnat(at)} -p tcp -m tcp --dport ${10_000 + at} -j DNAT --to-destination ${address(89, at)}:80`,
        `-A CNI-HOSTPORT-DNAT -p tcp ${comment(at)} -m multiport --dports ${10_000 + at} -j ${dnat(at)}`,
      ]),
      'COMMIT\n',
    ].join('\n');
  }

  private call(plugin: 'bridge' | 'portmap', command: 'ADD' | 'DEL', at: number) {
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: `c${at}`,
      CNI_NETNS: `/run/netns/${this.namespace(at)}`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: CNI,
    };
    const how = {
      ...this.how,
      env: { ...this.how.env, ...env },
      input: JSON.stringify(this.configuration(plugin, at)),
    };
    return timed([join(CNI, plugin)], how);
  }

  private configuration(plugin: string, at: number): object {
    const common = { cniVersion: '0.4.0', name: 'bench', type: plugin };
    if (plugin === 'portmap')
      return {
        ...common,
        runtimeConfig: { portMappings: [{ hostPort: 10_000 + at, containerPort: 80, protocol: 'tcp' }] },
        prevResult: this.made.get(at),
      };
    return {
      ...common,
      bridge: 'cni0',
      isGateway: true,
      ipMasq: true,
      ipam: {
        type: 'static',
        addresses: [{ address: `${address(89, at)}/16`, gateway: '10.89.0.1' }],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    };
  }
}

function address(block: number, at: number): string {
  return `10.${block}.${Math.floor((at + 2) / 256)}.${(at + 2) % 256}`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

function identity(at: number): string {
  return String(at).padStart(64, '0');
}

function hash(at: number, length: number): string {
  return at.toString(16).padStart(length, 'b');
}

import type { LoadUnit, XtFamily, XtTableName } from '../../compiler';
import type { ForeignTable } from '../observe/foreign/chains';
import type { HostFault, Result } from './fault';

/** A kernel setting's path below /proc/sys: `net/ipv4/ip_forward`; an interface name in it may hold a dot. */
export type SysctlKey = string;

/** An interface's address as `ip` writes it: `172.17.0.1/16`. */
export type InterfaceAddress = string;

/**
 * One change of the host, as data: it can be printed, journaled, replayed. Taking away what is not there is no fault, so
 * that an undo may be repeated.
 */
export type HostOp =
  | { readonly op: 'namespace.add'; readonly namespace: string }
  | { readonly op: 'namespace.remove'; readonly namespace: string; readonly veths: readonly string[] }
  | { readonly op: 'bridge.add'; readonly name: string; readonly mac: string; readonly mtu: number | null }
  | {
      readonly op: 'veth.add';
      readonly name: string;
      readonly bridge: string;
      readonly mtu: number | null;
      readonly namespace: string;
      readonly peer: string;
      readonly mac: string;
    }
  | { readonly op: 'link.remove'; readonly name: string }
  /** A guarded port is heard only with these addresses, and where `onlyTo` is given only by that MAC address. */
  | {
      readonly op: 'port.guard';
      readonly name: string;
      readonly mac: string;
      readonly onlyTo: string | null;
      readonly addresses: readonly InterfaceAddress[];
    }
  | { readonly op: 'port.unguard'; readonly name: string }
  | { readonly op: 'link.up' | 'link.down'; readonly name: string }
  | { readonly op: 'address.add' | 'address.remove'; readonly name: string; readonly address: InterfaceAddress }
  | { readonly op: 'neighbour.proxy' | 'neighbour.unproxy'; readonly name: string; readonly address: string }
  /** What a container believes of its neighbours. */
  | { readonly op: 'sandbox.forget'; readonly namespace: string; readonly interface: string }
  | {
      readonly op: 'sandbox.prepare';
      readonly namespace: string;
      readonly interfaces: readonly {
        readonly name: string;
        readonly ipv6: boolean;
        readonly addresses: readonly InterfaceAddress[];
      }[];
    }
  | {
      readonly op: 'sandbox.up';
      readonly namespace: string;
      readonly interfaces: readonly string[];
      readonly gateways: readonly { readonly interface: string; readonly gateway: string }[];
    }
  /** A command of another tool that lets a network's packets pass there; one that says it is done already is no fault. */
  | { readonly op: 'mend'; readonly command: Command }
  | { readonly op: 'sysctl.set'; readonly key: SysctlKey; readonly value: string }
  | { readonly op: 'file.write'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly op: 'file.remove'; readonly path: string }
  | { readonly op: 'ruleset.load'; readonly unit: LoadUnit; readonly variant?: XtVariant }
  /** The rule of a built-in chain that leads to ours, first in it; done again, nothing changes. */
  | {
      readonly op: 'xtables.hook' | 'xtables.unhook';
      readonly variant: XtVariant;
      readonly family: XtFamily;
      readonly table: XtTableName;
      readonly builtin: string;
    }
  /** Refuses when iptables holds other rules than these; makes it hold these, counters too. */
  | {
      readonly op: 'rules.expect' | 'rules.replace';
      readonly variant: XtVariant;
      readonly family: XtFamily;
      readonly text: string;
    }
  /** Makes the sets of `ipset save` that are not there; those that are keep what they hold. */
  | { readonly op: 'sets.ensure'; readonly text: string }
  /** One after another, none after one that failed: what must not come without what is before it. */
  | { readonly op: 'sequence'; readonly ops: readonly HostOp[] };

/** What an operation does, one after another. */
export function partsOf(op: HostOp): readonly HostOp[] {
  return op.op === 'sequence' ? op.ops.flatMap(partsOf) : [op];
}

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: readonly string[]];

/** Which of the two kernel interfaces the host's iptables speaks to. */
export type XtVariant = 'legacy' | 'nf_tables';

export interface HostLink {
  readonly name: string;
  /** `bridge`, `veth`...; empty for hardware, and where a bridge's port was not asked for it. */
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly master: string | undefined;
  readonly addresses: readonly InterfaceAddress[];
}

/** Namespace to what is in it. */
export type Insides = ReadonlyMap<string, readonly Pick<HostLink, 'name' | 'up' | 'addresses'>[]>;

/** What there is of ours in one family's iptables. */
export interface XtSeen {
  /** `filter TSNET-a-forward` to how many rules it has. */
  readonly chains: ReadonlyMap<string, number>;
  /** `filter FORWARD`: built-in chains that lead to ours. */
  readonly hooked: ReadonlySet<string>;
}

/** A socket that waits for packets, and whose it is when that can be seen. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly address: string;
  readonly port: number;
  readonly process: string | undefined;
}

export interface Observation {
  readonly links: readonly HostLink[];
  readonly namespaces: readonly string[];
  /** `inet tsnet` */
  readonly tables: readonly string[];
  /** Only when it was asked for. */
  readonly xtables?: Readonly<Record<XtFamily, XtSeen>>;
  /** The ports that have a guard of their own; asked for together with iptables. */
  readonly guarded?: ReadonlySet<string>;
}

/** How many operations took effect before the one that failed. */
export interface Stopped {
  readonly performed: number;
  readonly fault: HostFault;
  /**
   * How many, from the one that failed on, may have taken effect all the same; none where it certainly changed nothing, for
   * what it would have made may be somebody else's.
   */
  readonly doubtful: number;
}

/** The host behind one port: the Linux one, the one in memory, and one that fails on purpose. */
export interface Host {
  /** In order; stops at the first that fails. */
  perform(ops: readonly HostOp[]): Promise<Result<void, Stopped>>;
  observe(xtables?: XtVariant): Promise<Result<Observation, HostFault>>;
  /** A number that every change of any nft table makes one larger; undefined where it cannot be asked for. */
  generation(): Promise<number | undefined>;
  /** The tables of these names that there are, as objects of libnftables-json(5), without what only packets change. */
  listTables(names: readonly string[]): Promise<Result<readonly unknown[], HostFault>>;
  /** The same of a text that is loaded where nothing else is: the kernel's own words for it. */
  rehearse(text: string): Promise<Result<readonly unknown[], HostFault>>;
  /** What tells the network namespace that we are in from others. */
  networkNamespace(): string;
  /** The interfaces inside network namespaces that are there. */
  insides(namespaces: readonly string[]): Promise<Result<Insides, HostFault>>;
  /** Which iptables the host has. */
  xtables(): Promise<Result<XtVariant, HostFault>>;
  /** What one kind and family of iptables prints, with counters; empty where it has no table. None is made by asking. */
  dumpRules(variant: XtVariant, family: XtFamily): Promise<Result<string, HostFault>>;
  /** What `ipset save` prints. */
  saveSets(): Promise<Result<string, HostFault>>;
  /** The sockets on the ports that are asked for. */
  listeners(asked: (protocol: Listener['protocol'], port: number) => boolean): Promise<readonly Listener[]>;
  linkExists(name: string): boolean;
  namespaceExists(name: string): boolean;
  /** The filters that are not ours, as far as they see what is forwarded. */
  foreignTables(): Promise<Result<readonly ForeignTable[], HostFault>>;
  /** Undefined when the kernel has no such setting. */
  sysctl(key: SysctlKey): string | undefined;
  /** Undefined when there is no such file. Throws what the file system throws. */
  readFile(path: string): string | undefined;
  /** Seconds since the boot, which nobody sets, and what tells that boot from others. */
  uptime(): { readonly boot: string; readonly seconds: number };
  /** Empty when there is no such directory. */
  listDirectory(path: string): readonly string[];
}

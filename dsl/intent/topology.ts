import type { Address, Family, Prefix } from '../core/address';
import type { Path } from '../core/diagnostic';
import type { Intervals } from '../core/intervals';
import type { HostName, InterfaceName, MacAddress, Name } from '../core/names';
import type { PortRange, Protocol } from '../core/port';
import type { Rate } from './rate';

/**
 * An intent with every default filled in and every name resolved: what the lowering and the runtime both work from.
 * `path` leads back to the statement in the document.
 */
export interface Topology {
  readonly networks: readonly Network[];
  readonly containers: readonly Container[];
  readonly policies: readonly Policy[];
}

export interface Network {
  readonly name: Name;
  readonly bridge: InterfaceName;
  readonly subnets: readonly Subnet[];
  readonly mtu: number | undefined;
  readonly nat: Nat;
  readonly icc: boolean;
  /** Whether packets between its containers go through the host's rules: icc is off, or a `deny` is among them. */
  readonly isolated: boolean;
  readonly internal: boolean;
  readonly trustedInterfaces: readonly InterfaceName[];
  readonly logDrops: boolean;
  readonly path: Path;
}

export interface Subnet {
  readonly prefix: Prefix;
  /** The bridge's own address, of the prefix's family. */
  readonly gateway: Address;
}

export type Nat =
  | { readonly kind: 'masquerade' }
  | { readonly kind: 'routed' }
  | { readonly kind: 'snat'; readonly addresses: readonly Address[] };

export interface Container {
  readonly name: Name;
  readonly mode: Mode;
  readonly hostname: HostName;
  readonly dns: readonly Address[];
  readonly dnsSearch: readonly HostName[];
  /** Lines of /etc/hosts beyond the container's own: `host` statements and links. */
  readonly hosts: readonly HostEntry[];
  readonly publishes: readonly Publish[];
  readonly exposes: readonly ContainerPorts[];
  readonly links: readonly Link[];
  readonly path: Path;
}

export interface HostEntry {
  readonly address: Address;
  readonly names: readonly HostName[];
}

export type Mode =
  | { readonly kind: 'bridged'; readonly endpoints: readonly [Endpoint, ...Endpoint[]] }
  | { readonly kind: 'none' }
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly container: Name };

/** A container's place in one network: a veth pair, one end on the bridge. */
export interface Endpoint {
  readonly network: Name;
  /** Inside the container: eth0, eth1, ... */
  readonly interface: InterfaceName;
  /** The host end. */
  readonly veth: InterfaceName;
  readonly bridge: InterfaceName;
  readonly mac: MacAddress;
  readonly mtu: number | undefined;
  readonly addresses: readonly EndpointAddress[];
  /** Default gateways, at most one a family; empty on an internal network and past the first endpoint that has one. */
  readonly gateways: readonly Address[];
  readonly aliases: readonly HostName[];
  readonly path: Path;
}

export interface EndpointAddress {
  readonly address: Address;
  readonly prefixLength: number;
}

export interface ContainerPorts {
  readonly ports: PortRange;
  readonly protocol: Protocol;
  readonly path: Path;
}

/** Host ports that lead to a container's, port by port; `ports` and `hostPorts` are of equal length. */
export interface Publish extends ContainerPorts {
  /** Undefined: every address of the host. */
  readonly hostAddress: Address | undefined;
  readonly hostPorts: PortRange;
  /** Whether the host port was chosen, not written. */
  readonly leased: boolean;
  /** The container's addresses it leads to, at most one a family. */
  readonly targets: readonly Address[];
  /** Undefined: every source. */
  readonly from: readonly Prefix[] | undefined;
  readonly limit: Rate | undefined;
}

export interface Link {
  readonly target: Name;
  readonly alias: HostName | undefined;
  readonly path: Path;
}

export interface Policy {
  readonly action: 'allow' | 'deny';
  readonly from: Party;
  readonly to: Party;
  /** Undefined: every protocol. */
  readonly protocol: Protocol | undefined;
  /** Empty: every port. */
  readonly ports: readonly PortRange[];
  readonly path: Path;
}

/** One side of a policy. */
export type Party =
  | { readonly kind: 'host' }
  | { readonly kind: 'network'; readonly network: Name; readonly prefixes: readonly Prefix[] }
  | { readonly kind: 'container'; readonly container: Name; readonly prefixes: readonly Prefix[] }
  | { readonly kind: 'addresses'; readonly prefixes: readonly Prefix[] };

/**
 * Choices made before that must not change while their owner stays: addresses and ports that were not written but
 * chosen. Keys are `container/network` with the family for addresses, `container/publish text` for ports.
 */
export interface Leases {
  readonly addresses: ReadonlyMap<string, Address>;
  readonly ports: ReadonlyMap<string, number>;
}

/** What containers hold that an intent does not tell of: nothing of it is chosen for those that it does. */
export interface Taken {
  /** Counted from the first address of the network's subnet. */
  addresses(network: string, family: Family): Intervals;
  ports(protocol: Protocol): Intervals;
}

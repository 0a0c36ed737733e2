import {
  type Address,
  addressBlock,
  contains,
  type Family,
  formatAddress,
  isLoopback,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOf,
  sameAddress,
} from '../../dsl/core/address';
import { assertNever } from '../../dsl/core/brand';
import { bridgeMac } from '../../dsl/intent/resolve/device-names';
import type { Container, Endpoint, Network, Topology } from '../../dsl/intent/topology';
import { layoutFor } from './layout';

/** What stands around a ruleset: the host's addresses, its ways out, and who is behind which port of which bridge. */
export interface Surroundings {
  readonly local: readonly Local[];
  readonly routes: readonly Route[];
  readonly bridges: readonly Bridge[];
  readonly sandboxes: readonly Sandbox[];
  /** A host outside, at most one address a family. */
  readonly client: readonly Address[];
  /** net.bridge.bridge-nf-call-iptables: whether frames between ports of one bridge meet the rules for packets too. */
  readonly bridgeNetfilter: boolean;
}

export interface Local {
  readonly address: Address;
  readonly interface: string;
}

export interface Route {
  readonly prefix: Prefix;
  readonly interface: string;
  readonly via?: Address;
}

export interface Bridge {
  readonly name: string;
  readonly network: string;
  readonly mac: number;
  /** Its ports reach each other through the host only. */
  readonly isolated: boolean;
}

/** A network namespace of its own. One that joins another's, or has the host's, is `like` that one. */
export interface Sandbox {
  readonly name: string;
  readonly like: string | 'host' | undefined;
  readonly ports: readonly Port[];
}

/** A sandbox's place on a bridge. */
export interface Port {
  readonly sandbox: string;
  readonly name: string;
  readonly bridge: string;
  readonly mac: number;
  readonly addresses: readonly Address[];
  /** The blocks it takes to be on its link. */
  readonly link: readonly Prefix[];
  readonly gateways: readonly Address[];
}

/** The kernel's numbers for what an address is to the host (linux/rtnetlink.h, RTN_*). */
const TYPES = { unicast: 1, local: 2, broadcast: 3, multicast: 5 } as const;

const LOOPBACK: readonly Prefix[] = ['127.0.0.0/8', '::1/128'].flatMap(block);
const MULTICAST: readonly Prefix[] = ['224.0.0.0/4', 'ff00::/8'].flatMap(block);

/** Answers questions about surroundings without going through all of them. */
export class World {
  private readonly routes: readonly Route[];
  private readonly sandboxes: ReadonlyMap<string, Sandbox>;
  private readonly bridges: ReadonlyMap<string, Bridge>;
  private readonly ports: ReadonlyMap<string, Port>;
  private readonly localTexts: ReadonlySet<string>;
  readonly client: readonly Address[];
  readonly bridgeNetfilter: boolean;
  /** Nothing is known of it: there are rules alone. */
  readonly isBare: boolean;

  constructor(private readonly surroundings: Surroundings) {
    this.routes = [...surroundings.routes].sort((a, b) => b.prefix.length - a.prefix.length);
    this.sandboxes = new Map(surroundings.sandboxes.map((sandbox) => [sandbox.name, sandbox]));
    this.bridges = new Map(surroundings.bridges.map((bridge) => [bridge.name, bridge]));
    this.ports = new Map(
      surroundings.sandboxes.flatMap(({ ports }) =>
        ports.flatMap((port) =>
          port.addresses.map((address) => [`${port.bridge} ${formatAddress(address)}`, port] as const),
        ),
      ),
    );
    this.isBare = surroundings.routes.length === 0;
    this.localTexts = new Set(surroundings.local.map(({ address }) => formatAddress(address)));
    this.client = surroundings.client;
    this.bridgeNetfilter = surroundings.bridgeNetfilter;
  }

  /** The same where the host has one more address. */
  and(local: Local): World {
    return new World({ ...this.surroundings, local: [...this.surroundings.local, local] });
  }

  /** The same with others behind its ports. */
  withInhabitants(others: Pick<Surroundings, 'bridges' | 'sandboxes'>): World {
    return new World({ ...this.surroundings, ...others });
  }

  local(): readonly Local[] {
    return this.surroundings.local;
  }

  /** The ways into the networks of an intent. */
  networkRoutes(): readonly Route[] {
    return this.routes.filter((route) => this.bridges.has(route.interface));
  }

  isLocal(address: Address): boolean {
    return LOOPBACK.some((prefix) => contains(prefix, address)) || this.localTexts.has(formatAddress(address));
  }

  /** The address type, as `fib` gives it; `on` narrows local addresses to those of one interface. */
  typeOf(address: Address, on?: string): number {
    if (MULTICAST.some((prefix) => contains(prefix, address))) return TYPES.multicast;
    if (address.family === 4 && address.value === 0xffffffff) return TYPES.broadcast;
    if (this.isLocal(address)) {
      if (on === undefined) return TYPES.local;
      const here = this.surroundings.local.some((one) => one.interface === on && sameAddress(one.address, address));
      return here ? TYPES.local : TYPES.unicast;
    }
    return TYPES.unicast;
  }

  /** The way out with the longest prefix. */
  routeTo(address: Address): Route | undefined {
    return this.routes.find(({ prefix }) => contains(prefix, address));
  }

  /** The address that packets of a family leave with by an interface. */
  addressOn(name: string, family: Family): Address | undefined {
    const found = this.surroundings.local.filter(({ address }) => address.family === family);
    return (found.find((one) => one.interface === name) ?? found.find(({ address }) => !isLoopback(address)))?.address;
  }

  /** The interface that leads out of the host. */
  uplink(): string {
    return this.routes.at(-1)?.interface ?? UPLINK;
  }

  sandbox(name: string): Sandbox | undefined {
    return this.sandboxes.get(name);
  }

  /** The sandbox whose network namespace a sandbox has; `host` when it is the host's. */
  home(name: string): Sandbox | 'host' | undefined {
    const sandbox = this.sandboxes.get(name);
    if (!sandbox || sandbox.like === undefined) return sandbox;
    return sandbox.like === 'host' ? 'host' : this.home(sandbox.like);
  }

  bridge(name: string): Bridge | undefined {
    return this.bridges.get(name);
  }

  bridgeOf(network: string): Bridge | undefined {
    return [...this.bridges.values()].find((bridge) => bridge.network === network);
  }

  portsOn(bridge: string): readonly Port[] {
    return [...this.sandboxes.values()].flatMap(({ ports }) => ports.filter((port) => port.bridge === bridge));
  }

  portWith(bridge: string, address: Address): Port | undefined {
    return this.ports.get(`${bridge} ${formatAddress(address)}`);
  }

  /** Whose address it is. */
  portOf(address: Address): Port | undefined {
    const route = this.routeTo(address);
    return route && this.portWith(route.interface, address);
  }
}

/** The interface that leads out of a host whose surroundings are assumed. */
export const UPLINK = 'eth0';

/** The port that a sandbox sends to an address by: the one whose link has it, else the one that has a gateway. */
export function portFor(ports: readonly [Port, ...Port[]], destination: Address): Port {
  return (
    ports.find(({ link }) => link.some((prefix) => contains(prefix, destination))) ??
    ports.find(({ gateways }) => gateways.some((gateway) => gateway.family === destination.family)) ??
    ports[0]
  );
}

/** Rules alone: nothing stands around them. */
export const NO_SURROUNDINGS: Surroundings = {
  local: [],
  routes: [],
  bridges: [],
  sandboxes: [],
  client: [],
  bridgeNetfilter: false,
};

/** A host that an intent is applied on, as a lab would set it up: with addresses for documentation on its uplink. */
export function assumedSurroundings(topology: Topology): Surroundings {
  const { wires } = layoutFor(topology);
  const onBridges = topology.networks.flatMap(({ bridge, subnets }) =>
    subnets.map(({ prefix, gateway }) => ({ prefix, address: gateway, interface: bridge as string })),
  );
  return {
    local: [
      ...['127.0.0.1', '::1'].flatMap(parsedAddress).map((address) => ({ address, interface: 'lo' })),
      ...wires.flatMap(({ name, host }) => host.map(({ address }) => ({ address, interface: name }))),
      ...onBridges,
    ],
    routes: [
      ...onBridges.map(({ prefix, interface: name }) => ({ prefix, interface: name })),
      ...wires.flatMap(({ name, outside }) =>
        outside.map(({ address }) => ({ prefix: addressBlock(address), interface: name })),
      ),
      ...['0.0.0.0/0', '::/0'].flatMap(block).map((prefix) => ({ prefix, interface: UPLINK })),
    ],
    client: wires[0].outside.filter(({ named }) => !named).map(({ address }) => address),
    ...inhabitants(topology),
    bridgeNetfilter: false,
  };
}

/** Who stands behind which port of the bridges that an intent makes. */
export function inhabitants(topology: Topology): Pick<Surroundings, 'bridges' | 'sandboxes'> {
  return { bridges: topology.networks.map(bridgeOf), sandboxes: topology.containers.map(sandboxOf) };
}

function sandboxOf({ name, mode }: Container): Sandbox {
  switch (mode.kind) {
    case 'bridged':
      return { name, like: undefined, ports: mode.endpoints.map((endpoint) => portOf(name, endpoint)) };
    case 'none':
      return { name, like: undefined, ports: [] };
    case 'host':
      return { name, like: 'host', ports: [] };
    case 'container':
      return { name, like: mode.container, ports: [] };
    default:
      return assertNever(mode);
  }
}

function bridgeOf(network: Network): Bridge {
  return {
    name: network.bridge,
    network: network.name,
    mac: macNumber(bridgeMac(network)),
    isolated: network.isolated,
  };
}

function portOf(sandbox: string, endpoint: Endpoint): Port {
  return {
    sandbox,
    name: endpoint.veth,
    bridge: endpoint.bridge,
    mac: macNumber(endpoint.mac),
    addresses: endpoint.addresses.map(({ address }) => address),
    link: endpoint.addresses.map(({ address, prefixLength }) => prefixOf(address, prefixLength)),
    gateways: endpoint.gateways,
  };
}

export function macNumber(mac: string): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}

function parsedAddress(text: string): Address[] {
  const outcome = parseAddress(text);
  return outcome.ok ? [outcome.value] : [];
}

function block(text: string): Prefix[] {
  const outcome = parsePrefix(text);
  return outcome.ok ? [outcome.value] : [];
}

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
  sameAddress,
} from '../../dsl/core/address';
import type { Topology } from '../../dsl/intent/topology';
import { type Bridge, type Inhabitants, inhabitants, NOBODY, type Port, type Sandbox } from './inhabitants';
import { layoutFor, UPLINK } from './layout';

/** What stands around a ruleset: the host's addresses, its ways out, and who is behind the ports of its bridges. */
export interface Surroundings {
  readonly local: readonly Local[];
  readonly routes: readonly Route[];
  readonly inhabitants: Inhabitants;
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

/** The kernel's numbers for what an address is to the host (linux/rtnetlink.h, RTN_*). */
const TYPES = { unicast: 1, local: 2, broadcast: 3, multicast: 5 } as const;

const LOOPBACK: readonly Prefix[] = ['127.0.0.0/8', '::1/128'].flatMap(block);
const MULTICAST: readonly Prefix[] = ['224.0.0.0/4', 'ff00::/8'].flatMap(block);

/** Answers questions about surroundings without going through all of them. */
export class World {
  private readonly routes: readonly Route[];
  private readonly inhabitants: Inhabitants;
  private readonly bridges: ReadonlyMap<string, Bridge>;
  private readonly localTexts: ReadonlySet<string>;
  readonly client: readonly Address[];
  readonly bridgeNetfilter: boolean;
  /** Nothing is known of it: there are rules alone. */
  readonly isBare: boolean;

  constructor(private readonly surroundings: Surroundings) {
    this.routes = [...surroundings.routes].sort((a, b) => b.prefix.length - a.prefix.length);
    this.inhabitants = surroundings.inhabitants;
    this.bridges = new Map(this.inhabitants.bridges.map((bridge) => [bridge.name, bridge]));
    this.isBare = surroundings.routes.length === 0;
    this.localTexts = new Set(surroundings.local.map(({ address }) => formatAddress(address)));
    this.client = surroundings.client;
    this.bridgeNetfilter = surroundings.bridgeNetfilter;
  }

  /** The same where the host has one more address. */
  and(local: Local): World {
    return new World({ ...this.surroundings, local: [...this.surroundings.local, local] });
  }

  /** The same with the networks and containers of another intent. */
  withIntent(topology: Topology): World {
    const { local, routes } = this.surroundings;
    const more = placesOf(topology).filter(({ address }) => !this.localTexts.has(formatAddress(address)));
    return new World({
      ...this.surroundings,
      local: [...local, ...more],
      routes: [...routes, ...more],
      inhabitants: inhabitants(topology),
    });
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

  /** The interface by which packets to an address leave; undefined where there is no route to it. */
  wayTo(address: Address): string | undefined {
    return this.isLocal(address) ? 'lo' : this.routeTo(address)?.interface;
  }

  /** The address that packets of a family leave with by an interface. */
  addressOn(name: string, family: Family): Address | undefined {
    const found = this.surroundings.local.filter(({ address }) => address.family === family);
    return (found.find((one) => one.interface === name) ?? found.find(({ address }) => !isLoopback(address)))?.address;
  }

  /** The interface that leads out of the host: the widest way that does not end in a network of the intent. */
  uplink(): string {
    return this.routes.findLast((route) => !this.bridges.has(route.interface))?.interface ?? UPLINK;
  }

  sandbox(name: string): Sandbox | undefined {
    return this.inhabitants.sandbox(name);
  }

  /** The sandbox whose network namespace a sandbox has; `host` when it is the host's. */
  home(name: string): Sandbox | 'host' | undefined {
    const sandbox = this.sandbox(name);
    if (!sandbox || sandbox.like === undefined) return sandbox;
    return sandbox.like === 'host' ? 'host' : this.home(sandbox.like);
  }

  /** Of networks and containers. */
  names(): readonly string[] {
    return [...this.inhabitants.bridges.map(({ network }) => network), ...this.inhabitants.names()];
  }

  bridge(name: string): Bridge | undefined {
    return this.bridges.get(name);
  }

  bridgeOf(network: string): Bridge | undefined {
    return [...this.bridges.values()].find((bridge) => bridge.network === network);
  }

  portsOn(bridge: string): readonly Port[] {
    return this.inhabitants.portsOn(bridge);
  }

  portWith(bridge: string, address: Address): Port | undefined {
    return this.inhabitants.portWith(bridge, address);
  }

  /** Whose address it is. */
  portOf(address: Address): Port | undefined {
    const route = this.routeTo(address);
    return route && this.portWith(route.interface, address);
  }
}

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
  inhabitants: NOBODY,
  client: [],
  bridgeNetfilter: false,
};

/** A host that an intent is applied on, as a lab would set it up: with addresses for documentation on its uplink. */
export function assumedSurroundings(topology: Topology): Surroundings {
  const { wires } = layoutFor(topology);
  const onBridges = placesOf(topology);
  return {
    local: [
      ...['127.0.0.1', '::1'].flatMap(parsedAddress).map((address) => ({ address, interface: 'lo' })),
      ...wires.flatMap(({ name, host }) => host.map(({ address }) => ({ address, interface: name }))),
      ...onBridges,
    ],
    routes: [
      ...onBridges,
      ...wires.flatMap(({ name, outside }) =>
        outside.map(({ address }) => ({ prefix: addressBlock(address), interface: name })),
      ),
      ...['0.0.0.0/0', '::/0'].flatMap(block).map((prefix) => ({ prefix, interface: UPLINK })),
    ],
    client: wires[0].outside.filter(({ named }) => !named).map(({ address }) => address),
    inhabitants: inhabitants(topology),
    bridgeNetfilter: false,
  };
}

/** Where the host is in the networks of an intent. */
function placesOf({ networks }: Topology): readonly (Local & Route)[] {
  return networks.flatMap(({ bridge, subnets }) =>
    subnets.map(({ prefix, gateway }) => ({ prefix, address: gateway, interface: bridge })),
  );
}

function parsedAddress(text: string): Address[] {
  const outcome = parseAddress(text);
  return outcome.ok ? [outcome.value] : [];
}

function block(text: string): Prefix[] {
  const outcome = parsePrefix(text);
  return outcome.ok ? [outcome.value] : [];
}

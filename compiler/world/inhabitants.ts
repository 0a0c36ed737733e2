import { type Address, type Prefix, prefixOf, sameAddress } from '../../dsl/core/address';
import { assertNever } from '../../dsl/core/brand';
import { bridgeMac } from '../../dsl/intent/resolve/device-names';
import type { Container, Endpoint, Network, Topology } from '../../dsl/intent/topology';

/** Who stands behind which port of which bridge. They are many, and few are asked for. */
export interface Inhabitants {
  readonly bridges: readonly Bridge[];
  /** Of all sandboxes. */
  names(): readonly string[];
  sandbox(name: string): Sandbox | undefined;
  portsOn(bridge: string): readonly Port[];
  portWith(bridge: string, address: Address): Port | undefined;
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

export const NOBODY: Inhabitants = {
  bridges: [],
  names: () => [],
  sandbox: () => undefined,
  portsOn: () => [],
  portWith: () => undefined,
};

/** Those of the networks of an intent. */
export function inhabitants(topology: Topology): Inhabitants {
  return new Containers(topology);
}

class Containers implements Inhabitants {
  readonly bridges: readonly Bridge[];
  private readonly containers: readonly Container[];
  private named: ReadonlyMap<string, Container> | undefined;
  private readonly ports = new Map<string, readonly Port[]>();
  private readonly addressed = new Map<string, ReadonlyMap<Address['value'], Container>>();

  constructor({ networks, containers }: Topology) {
    this.bridges = networks.map(bridgeOf);
    this.containers = containers;
  }

  names(): readonly string[] {
    return this.containers.map(({ name }) => name);
  }

  sandbox(name: string): Sandbox | undefined {
    this.named ??= new Map(this.containers.map((container) => [container.name, container]));
    const container = this.named.get(name);
    return container && sandboxOf(container);
  }

  portsOn(bridge: string): readonly Port[] {
    const known = this.ports.get(bridge) ?? this.behind(bridge);
    this.ports.set(bridge, known);
    return known;
  }

  private behind(bridge: string): readonly Port[] {
    return this.containers.flatMap((container) =>
      endpointsOf(container).flatMap((endpoint) =>
        endpoint.bridge === bridge ? [portOf(container.name, endpoint)] : [],
      ),
    );
  }

  portWith(bridge: string, address: Address): Port | undefined {
    if (!this.bridges.some(({ name }) => name === bridge)) return undefined;
    const known = this.addressed.get(bridge) ?? this.byAddress(bridge);
    this.addressed.set(bridge, known);
    const container = known.get(address.value);
    const endpoint =
      container &&
      endpointsOf(container).find(
        (one) => one.bridge === bridge && one.addresses.some((own) => sameAddress(own.address, address)),
      );
    return endpoint && portOf(container.name, endpoint);
  }

  private byAddress(bridge: string): ReadonlyMap<Address['value'], Container> {
    const found = new Map<Address['value'], Container>();
    for (const container of this.containers)
      for (const endpoint of endpointsOf(container))
        if (endpoint.bridge === bridge)
          for (const { address } of endpoint.addresses) found.set(address.value, container);
    return found;
  }
}

function endpointsOf({ mode }: Container): readonly Endpoint[] {
  return mode.kind === 'bridged' ? mode.endpoints : [];
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

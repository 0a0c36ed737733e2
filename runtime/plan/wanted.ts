import { formatAddress, isLoopback } from '../../dsl/core/address';
import { bridgeMac } from '../../dsl/intent/resolve/device-names';
import type { Container, Endpoint, Network, Topology } from '../../dsl/intent/topology';
import { sha256 } from './sha256';

/** The devices that a topology asks for, in JSON's types, so that a state record is one of them as it is. */
export interface Wanted {
  readonly bridges: readonly WantedBridge[];
  readonly sandboxes: readonly WantedSandbox[];
  readonly sysctls: readonly WantedSysctl[];
}

export interface WantedBridge {
  readonly network: string;
  readonly name: string;
  readonly mac: string;
  readonly mtu: number | null;
  readonly addresses: readonly string[];
  readonly sysctls: readonly WantedSysctl[];
}

/** A container's network namespace; `endpoints` is empty when it has none but loopback. */
export interface WantedSandbox {
  readonly container: string;
  readonly namespace: string;
  readonly endpoints: readonly WantedEndpoint[];
}

export interface WantedEndpoint {
  readonly interface: string;
  readonly veth: string;
  readonly bridge: string;
  readonly mac: string;
  readonly mtu: number | null;
  /** Whether it reaches the others of its bridge through the host only. */
  readonly isolated: boolean;
  /** Whether the port itself hears only this endpoint's addresses. */
  readonly guarded: boolean;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

export interface WantedSysctl {
  readonly key: string;
  readonly value: string;
}

/** What a bridge's settings are when nobody has said anything. */
export const BRIDGE_DEFAULTS: Readonly<Record<string, string>> = {
  route_localnet: '0',
  proxy_arp_pvlan: '0',
  proxy_ndp: '0',
  proxy_delay: '80',
};

export const DEFAULT_STATE = '/var/lib/tsnet';

/** Namespace names are one per machine, state directories are not: only the default one goes without a mark. */
export function namespaceName(container: string, stateDirectory: string): string {
  if (stateDirectory === DEFAULT_STATE) return `tsnet-${container}`;
  return `tsnet-${sha256(stateDirectory).slice(0, 6)}-${container}`;
}

export type Target = 'nft' | 'iptables';

/** With the target iptables, which sees no frames, each port has a guard of its own. */
export function wantedOf({ networks, containers }: Topology, stateDirectory: string, target: Target): Wanted {
  const byName = new Map(networks.map((network) => [network.name, network]));
  const onLoopback = new Set(containers.flatMap(loopbackBridges));
  return {
    bridges: networks.map((network) => bridgeOf(network, onLoopback.has(network.bridge))),
    sandboxes: containers.flatMap(({ name, mode }): WantedSandbox[] => {
      if (mode.kind === 'host' || mode.kind === 'container') return [];
      const endpoints = mode.kind === 'bridged' ? mode.endpoints : [];
      return [
        {
          container: name,
          namespace: namespaceName(name, stateDirectory),
          endpoints: endpoints.map((endpoint) =>
            endpointOf(endpoint, {
              isolated: byName.get(endpoint.network)?.isolated === true,
              guarded: target === 'iptables',
            }),
          ),
        },
      ];
    }),
    sysctls: networks.length === 0 ? [] : forwarding(networks),
  };
}

function bridgeOf(network: Network, onLoopback: boolean): WantedBridge {
  const { name, bridge, mtu, subnets, isolated } = network;
  const conf = `net/ipv4/conf/${bridge}`;
  return {
    network: name,
    name: bridge,
    mac: bridgeMac(network),
    mtu: mtu ?? null,
    addresses: subnets.map(({ prefix, gateway: address }) => `${formatAddress(address)}/${prefix.length}`),
    sysctls: [
      // Publishing on 127.0.0.1: the rules drop what else would reach loopback through it (CVE-2020-8558).
      { key: `${conf}/route_localnet`, value: onLoopback ? '1' : '0' },
      // Where ports reach each other only through the host, it answers ARP for all of them.
      { key: `${conf}/proxy_arp_pvlan`, value: isolated ? '1' : '0' },
      { key: `net/ipv6/conf/${bridge}/proxy_ndp`, value: isolated ? '1' : '0' },
      // The kernel delays proxied answers by up to 0.8 s to let the real owner answer first; here it cannot.
      { key: `net/ipv4/neigh/${bridge}/proxy_delay`, value: isolated ? '0' : '80' },
      { key: `net/ipv6/neigh/${bridge}/proxy_delay`, value: isolated ? '0' : '80' },
    ],
  };
}

function endpointOf(endpoint: Endpoint, port: Pick<WantedEndpoint, 'isolated' | 'guarded'>): WantedEndpoint {
  return {
    interface: endpoint.interface,
    veth: endpoint.veth,
    bridge: endpoint.bridge,
    mac: endpoint.mac,
    mtu: endpoint.mtu ?? null,
    isolated: port.isolated,
    guarded: port.guarded,
    addresses: endpoint.addresses.map(({ address, prefixLength }) => `${formatAddress(address)}/${prefixLength}`),
    gateways: endpoint.gateways.map(formatAddress),
  };
}

/** The bridges behind which a publish on 127.0.0.1, or on every address, has its container. */
function loopbackBridges({ mode, publishes }: Container): string[] {
  if (mode.kind !== 'bridged') return [];
  return publishes
    .filter(({ hostAddress }) => !hostAddress || isLoopback(hostAddress))
    .flatMap(({ targets }) =>
      mode.endpoints.flatMap(({ bridge, addresses }) =>
        addresses.some(
          ({ address }) => address.family === 4 && targets.some((target) => target.value === address.value),
        )
          ? [bridge]
          : [],
      ),
    );
}

function forwarding(networks: readonly Network[]): WantedSysctl[] {
  const families = new Set(networks.flatMap(({ subnets }) => subnets.map(({ prefix }) => prefix.family)));
  return [
    ...(families.has(4) ? [{ key: 'net/ipv4/ip_forward', value: '1' }] : []),
    ...(families.has(6) ? [{ key: 'net/ipv6/conf/all/forwarding', value: '1' }] : []),
  ];
}

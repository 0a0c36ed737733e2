import type { Address, Prefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { Intervals } from '../../core/intervals';
import type { HostName } from '../../core/names';
import type { LocatedProblem } from '../located-problem';
import type { ContainerIntent, Intent, PublishIntent } from '../model';
import type { Container, Endpoint, HostEntry, Leases, Mode, Policy, Taken, Topology } from '../topology';
import { EndpointResolver } from './endpoints';
import { linkedHosts } from './links';
import { isolateDenied, resolveNetworks } from './networks';
import { PartyResolver } from './parties';
import { PublishResolver } from './publishes';

export type { LocatedProblem } from '../located-problem';
export type { Taken } from '../topology';
export { prefixesOf } from './parties';

export const NO_LEASES: Leases = { addresses: new Map<string, Address>(), ports: new Map<string, number>() };

export const NOTHING_TAKEN: Taken = { addresses: () => Intervals.EMPTY, ports: () => Intervals.EMPTY };

export interface Resolved {
  readonly topology: Topology;
  /** The leases in force now: the given ones that still have an owner, and the new ones. */
  readonly leases: Leases;
  readonly problems: readonly LocatedProblem[];
}

/**
 * Fills in every default of a checked intent: gateways, device names, addresses, MACs, host ports. Deterministic: the
 * same intent and leases give the same topology, and a lease is kept as long as its owner is there.
 */
export function resolve(intent: Intent, leases: Leases, taken: Taken = NOTHING_TAKEN): Resolved {
  const networks = resolveNetworks(intent);
  const endpointResolver = new EndpointResolver(intent, networks, leases, taken);
  const endpoints = intent.containers.map((one, index) => endpointResolver.resolve(one, ['containers', index]));
  const byName = new Map(intent.containers.map((one, index) => [one.name as string, endpoints[index] ?? []]));
  const bare = intent.containers.map((one, index) =>
    resolveContainer(one, endpoints[index] ?? [], ['containers', index], (name) => byName.get(name) ?? []),
  );
  const parties = new PartyResolver(intent, networks, bare);
  const publishResolver = new PublishResolver(intent, networks, leases, taken);
  const sources = ({ from }: PublishIntent): readonly Prefix[] | undefined =>
    from.length === 0
      ? undefined
      : from.flatMap((word) => {
          const party = parties.resolve(word);
          return party && party.kind !== 'host' ? party.prefixes : [];
        });
  const containers = bare.map((container, index): Container => {
    const written = intent.containers[index];
    if (!written) return container;
    return {
      ...container,
      publishes: publishResolver.resolve(written, endpoints[index] ?? [], container.path, sources),
    };
  });
  const policies = resolvePolicies(intent, parties);
  return {
    topology: { networks: isolateDenied(networks, policies), containers, policies },
    leases: { addresses: endpointResolver.leased, ports: publishResolver.leased },
    problems: [...endpointResolver.problems, ...publishResolver.problems],
  };
}

function resolveContainer(
  container: ContainerIntent,
  endpoints: readonly Endpoint[],
  path: Path,
  endpointsOf: (name: string) => readonly Endpoint[],
): Container {
  const written = container.hosts.map(({ name, address }): HostEntry => ({ address, names: [name] }));
  return {
    name: container.name,
    mode: modeOf(container, endpoints),
    hostname: container.hostname ?? (container.name as string as HostName),
    dns: container.dns,
    dnsSearch: container.dnsSearch,
    hosts: [...written, ...linkedHosts(container, endpoints, endpointsOf)],
    publishes: [],
    exposes: container.expose.map((ports, index) => ({ ...ports, path: [...path, 'expose', index] })),
    links: container.links.map(({ target, alias }, index) => ({ target, alias, path: [...path, 'links', index] })),
    path,
  };
}

function modeOf({ networks }: ContainerIntent, endpoints: readonly Endpoint[]): Mode {
  if (networks === 'none' || networks === 'host') return { kind: networks };
  if ('container' in networks) return { kind: 'container', container: networks.container };
  const [first, ...rest] = endpoints;
  return first ? { kind: 'bridged', endpoints: [first, ...rest] } : { kind: 'none' };
}

function resolvePolicies(intent: Intent, parties: PartyResolver): Policy[] {
  return intent.policies.flatMap(({ action, from, to, protocol, ports }, index): Policy[] => {
    const source = parties.resolve(from);
    const target = parties.resolve(to);
    if (!source || !target) return [];
    return [{ action, from: source, to: target, protocol, ports, path: ['policies', index] }];
  });
}

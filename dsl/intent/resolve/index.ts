import type { Address, Prefix } from '../../core/address';
import { isNonEmpty } from '../../core/diagnostic';
import { Intervals } from '../../core/intervals';
import type { HostName } from '../../core/names';
import { once } from '../../core/once';
import type { LocatedProblem } from '../located-problem';
import type { ContainerIntent, Intent, PublishIntent } from '../model';
import type {
  Container,
  ContainerPorts,
  Endpoint,
  HostEntry,
  Leases,
  Link,
  Mode,
  Party,
  Policy,
  Taken,
  Topology,
} from '../topology';
import { chosenAddresses, EndpointResolver } from './endpoints';
import { linkedHosts } from './links';
import { isolateDenied, resolveNetworks } from './networks';
import { PartyResolver } from './parties';
import type { FindContainer, Placed } from './placed';
import { PublishResolver } from './publishes';

export type { LocatedProblem } from '../located-problem';
export type { Taken } from '../topology';
export { prefixesOf } from './parties';

export const NO_LEASES: Leases = { addresses: new Map<string, Address>(), ports: new Map<string, number>() };

export const NOTHING_TAKEN: Taken = { addresses: () => Intervals.EMPTY, ports: () => Intervals.EMPTY };

export interface Resolved {
  readonly topology: Topology;
  /** The leases in force now, of all or of some containers: the given ones that still have an owner, and the new ones. */
  leases(of?: ReadonlySet<string>): Leases;
  readonly problems: readonly LocatedProblem[];
}

/**
 * Fills in every default of a checked intent: gateways, device names, addresses, MACs, host ports. Deterministic: the
 * same intent and leases give the same topology, and a lease is kept as long as its owner is there.
 */
export function resolve(intent: Intent, leases: Leases, taken: Taken = NOTHING_TAKEN): Resolved {
  const networks = resolveNetworks(intent);
  const endpointResolver = new EndpointResolver(intent, networks, leases, taken);
  const placed = intent.containers.map((said, index) => ({ said, endpoints: endpointResolver.resolve(said, index) }));
  const byName = once(() => new Map<string, Placed>(placed.map((one) => [one.said.name, one])));
  const find = (name: string) => byName().get(name);
  const parties = new PartyResolver(intent, networks, find);
  const publishResolver = new PublishResolver(intent, networks, leases, taken);
  const sources = ({ from }: PublishIntent): readonly Prefix[] | undefined =>
    from.length === 0 ? undefined : from.flatMap((word) => sourcePrefixes(parties.resolve(word)));
  const containers = placed.map(
    ({ said, endpoints }, index): Container => ({
      name: said.name,
      mode: modeOf(said, endpoints),
      hostname: said.hostname ?? (said.name as string as HostName),
      dns: said.dns,
      dnsSearch: said.dnsSearch,
      hosts: said.hosts.length + said.links.length > 0 ? hostsOf(said, endpoints, find) : NOTHING,
      publishes: publishResolver.resolve(said, index, endpoints, sources),
      exposes: said.expose.length > 0 ? exposesOf(said, index) : NOTHING,
      links: said.links.length > 0 ? linksOf(said, index) : NOTHING,
      path: ['containers', index],
    }),
  );
  const policies = resolvePolicies(intent, parties);
  return {
    topology: { networks: isolateDenied(networks, policies), containers, policies },
    leases: (of) => ({
      addresses: new Map(
        placed.flatMap(({ said, endpoints }) => (of?.has(said.name) === false ? [] : chosenAddresses(said, endpoints))),
      ),
      ports: publishResolver.leased,
    }),
    problems: [...endpointResolver.problems, ...publishResolver.problems],
  };
}

/** What most containers say of most things. */
const NOTHING: readonly never[] = [];

function hostsOf({ hosts, links }: ContainerIntent, endpoints: readonly Endpoint[], find: FindContainer): HostEntry[] {
  const written = hosts.map(({ name, address }): HostEntry => ({ address, names: [name] }));
  return [...written, ...linkedHosts(links, endpoints, find)];
}

function exposesOf({ expose }: ContainerIntent, index: number): ContainerPorts[] {
  return expose.map((ports, at) => ({ ...ports, path: ['containers', index, 'expose', at] }));
}

function linksOf({ links }: ContainerIntent, index: number): Link[] {
  return links.map(({ target, alias }, at) => ({ target, alias, path: ['containers', index, 'links', at] }));
}

function sourcePrefixes(party: Party | undefined): readonly Prefix[] {
  return party && party.kind !== 'host' ? party.prefixes : [];
}

function modeOf({ networks }: ContainerIntent, endpoints: readonly Endpoint[]): Mode {
  if (networks === 'none' || networks === 'host') return { kind: networks };
  if (!Array.isArray(networks)) return { kind: 'container', container: networks.container };
  return isNonEmpty(endpoints) ? { kind: 'bridged', endpoints } : { kind: 'none' };
}

function resolvePolicies(intent: Intent, parties: PartyResolver): Policy[] {
  return intent.policies.flatMap(({ action, from, to, protocol, ports }, index): Policy[] => {
    const source = parties.resolve(from);
    const target = parties.resolve(to);
    if (!source || !target) return [];
    return [{ action, from: source, to: target, protocol, ports, path: ['policies', index] }];
  });
}

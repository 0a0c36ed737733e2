import { PROGRAM } from '../../dsl/core/origin';
import type { Topology } from '../../dsl/intent/topology';
import type { NamedSet, Ruleset, Table } from '../../dsl/ruleset/tree';
import { Elements } from './elements';
import { lowerAdmission } from './features/admission';
import { lowerBridges } from './features/bridges';
import { lowerGuard } from './features/guard';
import { lowerNat } from './features/nat';
import { lowerPolicies } from './features/policy';
import { lowerPublishes } from './features/publish';
import { bridgeChains, bridgeSets, inetChains, inetSets, type Module, TABLE } from './layout';

/**
 * Intent becomes elements; the rules over them are the fixed program. `tables` are the intent's own, carried along. In
 * which order networks and containers were declared makes no difference. Where only some containers are `met`, the
 * others' publishes and the guard of their ports are left out: nothing but elements that name them.
 */
export function lower(declared: Topology, tables: readonly Table[], met = declared.containers): Ruleset {
  const topology = {
    ...declared,
    networks: byName(declared.networks),
    containers: byName(declared.containers),
  };
  const some = met === declared.containers ? topology : { ...topology, containers: byName(met) };
  const elements = new Elements();
  for (const feature of [lowerBridges, lowerAdmission, lowerPolicies, lowerNat]) feature(topology, elements);
  for (const feature of [lowerPublishes, lowerGuard]) feature(some, elements);
  const modules = modulesOf(elements);
  const filled = (sets: readonly NamedSet[]) => sets.map((set) => ({ ...set, elements: elements.of(set.name) }));
  const inet: Table = {
    family: 'inet',
    name: TABLE,
    objects: [],
    sets: filled(inetSets(modules)),
    chains: inetChains(modules),
    origin: PROGRAM,
  };
  const bridge: Table = {
    family: 'bridge',
    name: TABLE,
    objects: [],
    sets: filled(bridgeSets(modules)),
    chains: bridgeChains(modules),
    origin: PROGRAM,
  };
  return { tables: topology.networks.length > 0 ? [inet, bridge, ...tables] : tables };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function modulesOf(elements: Elements): ReadonlySet<Module> {
  const needs: Record<Module, readonly string[]> = {
    admission: ['restricted4', 'restricted6'],
    limit: ['limited4', 'limited6'],
    'host policy': ['deny_to_host', 'deny_from_host'].flatMap((set) => [
      `${set}4`,
      `${set}6`,
      `${set}_port4`,
      `${set}_port6`,
    ]),
    policy: ['deny', 'allow'].flatMap((set) => [`${set}4`, `${set}6`, `${set}_port4`, `${set}_port6`]),
    internal: ['internal'],
    isolated: ['isolated'],
    routed: ['routed'],
    snat: ['snat4', 'snat6'],
    log: ['logged'],
  };
  return new Set((Object.keys(needs) as Module[]).filter((module) => elements.has(...needs[module])));
}

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
import { lowerSources } from './features/sources';
import { bridgeChains, bridgeSets, inetChains, inetSets, type Module, TABLE } from './layout';

/**
 * Who watches the frames of a network: `filtered` bridges have a table of their own; behind `isolated` ports every
 * packet between two containers is routed, so that the rules for packets see it.
 */
export type Bridging = 'filtered' | 'isolated';

/** Intent becomes elements; the rules over them are the fixed program. `tables` are the intent's own, carried along. */
export function lower(topology: Topology, tables: readonly Table[], bridging: Bridging): Ruleset {
  const elements = new Elements();
  for (const feature of [
    lowerBridges,
    lowerPublishes,
    lowerAdmission,
    lowerPolicies,
    lowerNat,
    bridging === 'filtered' ? lowerGuard : lowerSources,
  ])
    feature(topology, elements);
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
    sets: filled(bridgeSets()),
    chains: bridgeChains(),
    origin: PROGRAM,
  };
  if (topology.networks.length === 0) return { tables };
  return { tables: bridging === 'filtered' ? [inet, bridge, ...tables] : [inet, ...tables] };
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
    routed: ['routed'],
    snat: ['snat4', 'snat6'],
    log: ['logged'],
    sources: ['source4', 'source6'],
  };
  return new Set((Object.keys(needs) as Module[]).filter((module) => elements.has(...needs[module])));
}

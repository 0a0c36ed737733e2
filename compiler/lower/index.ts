import type { Topology } from '../../dsl/intent/topology';
import type { Ruleset, Table } from '../../dsl/ruleset/tree';
import { Elements } from './elements';
import { lowerAdmission } from './features/admission';
import { lowerBridges } from './features/bridges';
import { lowerGuard } from './features/guard';
import { lowerNat } from './features/nat';
import { lowerPolicies } from './features/policy';
import { lowerPublishes } from './features/publish';
import { program } from './program';
import { modulesOf } from './program/modules';

/**
 * Intent becomes elements; the rules over them are the fixed program. `tables` are the intent's own, carried along. In
 * which order networks and containers were declared makes no difference. Where only some containers are `met`, the
 * others' publishes, ways back and guards of ports are left out: nothing but elements that name them.
 */
export function lower(declared: Topology, tables: readonly Table[], met = declared.containers): Ruleset {
  const topology = {
    ...declared,
    networks: byName(declared.networks),
    containers: byName(declared.containers),
  };
  const some = met === declared.containers ? topology : { ...topology, containers: byName(met) };
  const elements = new Elements();
  for (const feature of [lowerBridges, lowerAdmission, lowerPolicies]) feature(topology, elements);
  for (const feature of [lowerPublishes, lowerNat, lowerGuard]) feature(some, elements);
  if (topology.networks.length === 0) return { tables };
  const filled = (table: Table): Table => ({
    ...table,
    sets: table.sets.map((set) => ({ ...set, elements: elements.of(set.name) })),
  });
  return { tables: [...program(modulesOf(elements)).map(filled), ...tables] };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

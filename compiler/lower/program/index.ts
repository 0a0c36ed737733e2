import { PROGRAM } from '../../../dsl/core/origin';
import type { Chain, NamedSet, Table } from '../../../dsl/ruleset/tree';
import { bridgeChains, bridgeSets } from './bridge';
import { inetChains } from './inet';
import { inetSets } from './inet-sets';
import type { Modules } from './modules';

export const TABLE = 'tsnet';

/**
 * The fixed program: every chain and rule tsnet loads, over sets and maps that hold what the intent says, here empty.
 * The number of rules depends on the modules in use, never on how many networks, containers, ports or links there are.
 */
export function program(modules: Modules): readonly Table[] {
  return [
    table('inet', inetSets(modules), inetChains(modules)),
    table('bridge', bridgeSets(modules), bridgeChains(modules)),
  ];
}

function table(family: Table['family'], sets: readonly NamedSet[], chains: readonly Chain[]): Table {
  return { family, name: TABLE, objects: [], sets, chains, origin: PROGRAM };
}

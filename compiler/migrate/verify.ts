import type { Rule, Table } from '../../dsl/ruleset/tree';
import { type Proof, type ProvenPlane, prove } from '../prove';
import type { XtFamily } from '../targets/iptables/tables';
import { lossOf } from './lost';

/** More decisions than this are not worth waiting for where nobody asked for a proof. */
const QUICK = 200_000;

export function planesOf(families: ReadonlySet<XtFamily>): readonly ProvenPlane[] {
  return (['ip', 'ip6'] as const).filter((family) => families.has(family));
}

/** Compares tables over every packet, apart from rules that are lost. */
export function proofOf(
  first: readonly Table[],
  second: readonly Table[],
  families: ReadonlySet<XtFamily>,
  cap = QUICK,
): readonly Proof[] {
  const options = { ignore: new Set<never>(), cap, most: 1 };
  return prove({ tables: withoutLost(first) }, { tables: withoutLost(second) }, planesOf(families), options);
}

/** Tables without what nft cannot say. */
export function withoutLost(tables: readonly Table[]): readonly Table[] {
  const kept = (rule: Rule) => lossOf(rule) === undefined;
  return tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) =>
      chain.rules.every(kept) ? chain : { ...chain, rules: chain.rules.filter(kept) },
    ),
  }));
}

import type { Ruleset } from '../../dsl/ruleset/tree';
import { namesOf, programOf } from '../meaning/program';
import { type CompareOptions, type Comparison, compare, type Difference } from './compare';
import { type Described, describe } from './witness';

export type { CompareOptions, Comparison, Difference } from './compare';
export type { Described } from './witness';

/** The kinds of packets that a comparison is made for. */
export const PROVEN_PLANES = ['ip', 'ip6'] as const;
export type ProvenPlane = (typeof PROVEN_PLANES)[number];

export interface Proof {
  readonly plane: ProvenPlane;
  readonly comparison: Comparison;
  readonly differences: readonly Described[];
}

/** Compares two rulesets over all packets of each plane that both have rules for, or that `planes` names. */
export function prove(
  first: Ruleset,
  second: Ruleset,
  planes: readonly ProvenPlane[],
  options: CompareOptions,
): readonly Proof[] {
  const names = namesOf([first, second]);
  return planes.map((plane) => {
    const [one, other] = [programOf(first, plane, names), programOf(second, plane, names)];
    const comparison = compare(one, other, options);
    const differences = comparison.kind === 'different' ? comparison.differences : [];
    return {
      plane,
      comparison,
      differences: differences.map((difference: Difference) => describe(difference, one, other)),
    };
  });
}

/** What of a ruleset no comparison looks at. */
export function outsideOf({ tables }: Ruleset): readonly string[] {
  return tables
    .filter(({ family }) => family === 'bridge' || family === 'arp' || family === 'netdev')
    .map(({ family, name }) => `table ${family} ${name}`);
}

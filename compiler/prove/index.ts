import type { Ruleset } from '../../dsl/ruleset/tree';
import { namesOf, programsOf } from '../meaning/program';
import { type CompareOptions, type Comparison, compare, type Difference } from './compare';
import { type Described, describe } from './witness';

export type { CompareOptions, Comparison, Difference } from './compare';
export type { Described } from './witness';

/** The kinds of packets that a comparison is made for. */
export const PROVEN_PLANES = ['ip', 'ip6', 'bridge', 'arp'] as const;
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
    const [one, other] = programsOf([first, second], plane, names);
    const comparison = inEitherNumbering(compare(one, other, options), () =>
      one.numbered ? compare(...programsOf([first, second], plane, names, 'by aim'), options) : undefined,
    );
    const differences = comparison.kind === 'different' ? comparison.differences : [];
    return {
      plane,
      comparison,
      differences: differences.map((difference: Difference) => describe(difference, one, other, options.ignore)),
    };
  });
}

function inEitherNumbering(comparison: Comparison, again: () => Comparison | undefined): Comparison {
  const other = comparison.kind === 'different' ? again() : undefined;
  return other?.kind === 'equal' ? other : comparison;
}

/** What of a ruleset a comparison of these planes does not look at. */
export function outsideOf({ tables }: Ruleset, planes: readonly ProvenPlane[]): readonly string[] {
  const unseen = tables.filter(
    ({ family }) => family === 'netdev' || ((family === 'bridge' || family === 'arp') && !planes.includes(family)),
  );
  const hooked = tables.flatMap((table) =>
    unseen.includes(table)
      ? []
      : table.chains
          .filter(({ base }) => base?.hook === 'ingress' || base?.hook === 'egress')
          .map(({ name }) => `chain ${name} of table ${table.family} ${table.name}`),
  );
  return [...unseen.map(({ family, name }) => `table ${family} ${name}`), ...hooked];
}

/** The planes that two rulesets can be compared in; of frames only where one has rules for them. */
export function commonPlanes(
  first: { readonly ruleset: Ruleset; readonly families: ReadonlySet<ProvenPlane> },
  second: typeof first,
): readonly ProvenPlane[] {
  const ofFrames = (plane: ProvenPlane) =>
    [first, second].some(({ ruleset }) => ruleset.tables.some(({ family }) => family === plane));
  return PROVEN_PLANES.filter(
    (plane) =>
      first.families.has(plane) && second.families.has(plane) && (plane === 'ip' || plane === 'ip6' || ofFrames(plane)),
  );
}

import type { Ruleset } from '../../dsl/ruleset/tree';
import { namesOf, programsOf } from '../meaning/program';
import { type CompareOptions, type Comparison, compare, type Difference } from './compare';
import { PROVEN_PLANES, type ProvenPlane } from './planes';
import { type Described, describe } from './witness';

export type { CompareOptions, Comparison, Difference } from './compare';
export { outsideOf, sameAtDevices } from './outside';
export { PROVEN_PLANES, type ProvenPlane } from './planes';
export type { Described } from './witness';

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
      differences: once(differences.map((difference: Difference) => describe(difference, one, other, options.ignore))),
    };
  });
}

function inEitherNumbering(comparison: Comparison, again: () => Comparison | undefined): Comparison {
  const other = comparison.kind === 'different' ? again() : undefined;
  return other?.kind === 'equal' ? other : comparison;
}

/** Ways that differ are told by what can be said of them: some are alike then. */
function once(differences: readonly Described[]): readonly Described[] {
  const told = new Map<string, Described>();
  for (const difference of differences) {
    const { journey, packet, first, second } = difference;
    const text = JSON.stringify([journey, packet, first.verdict, first.seen, second.verdict, second.seen]);
    if (!told.has(text)) told.set(text, difference);
  }
  return [...told.values()];
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

import { namesOf, programsOf } from '../../../compiler/meaning/program';
import { compare } from '../../../compiler/prove/compare';
import type { Ruleset } from '../../../dsl/ruleset/tree';
import { CAP, type Pair } from './pairs';

/**
 * The two rulesets as the prover has them. A name gets its number when it is met: they are compared first, so that the numbers
 * are those that the prover's packets have.
 */
export function programsAsProven(rulesets: readonly [Ruleset, Ruleset], { plane, ignore }: Pair) {
  const programs = programsOf(rulesets, plane, namesOf(rulesets));
  compare(...programs, { ignore, cap: CAP, most: 1 });
  return programs;
}

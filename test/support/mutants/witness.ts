import { fatesOf } from '../fates';
import { askedOf, unsaid } from './asked';
import type { Judgement } from './judge';
import type { Pair } from './pairs';
import { programsAsProven } from './programs';

/** What is wrong with the packet that tells a mutant apart; empty when nothing is. */
export function faultsOf(
  { difference, rulesets }: Extract<Judgement, { kind: 'killed' }>,
  pair: Pair,
): readonly string[] {
  const faults: string[] = [];
  const programs = programsAsProven(rulesets, pair);
  const fates = (facts: ReadonlyMap<string, number>) => fatesOf(programs, facts, difference.journey, pair.ignore);
  const [one, other] = fates(difference.facts);
  if (one === other) faults.push('both treat the packet alike');
  for (const field of difference.facts.keys()) {
    // An interface is part of the way; an address is told whole.
    if (/^[io]if$|addr6/.test(field)) continue;
    const fewer = new Map(difference.facts);
    fewer.delete(field);
    if (JSON.stringify(fates(fewer)) === JSON.stringify([one, other])) faults.push(`${field} could be anything`);
  }
  const answers = askedOf(difference, rulesets);
  for (const [index, side] of [difference.first, difference.second].entries()) {
    const answer = answers[index];
    if (answer) faults.push(...unsaid(side, answer).map((text) => `why does not say of ${index}: ${text}`));
  }
  return faults;
}

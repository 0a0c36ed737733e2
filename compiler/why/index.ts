import type { Family } from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import type { Ruleset } from '../../dsl/ruleset/tree';
import type { Resolved } from '../compile';
import { answer, isAnswer } from '../world/answer';
import { Programs } from '../world/programs';
import { travel } from '../world/travel';
import type { World } from '../world/world';
import { type Account, accountOf, originsOf } from './account';
import { type Allowance, allowances } from './allow';
import { type OriginOf, ownOrigin } from './applied';
import { type Near, NOT_NEAR, nearMisses } from './near';
import { type Question, questionOf } from './question';

export type { Account, Hooked, Outcome, Ruled } from './account';
export { appliedOrigins } from './applied';
export { metBy, rulesFor } from './part';
export { type Sendable, sendableOf } from './probe';
export type { Question } from './question';
export { Unclear } from './words';

/** What becomes of a packet, and why. */
export interface Explanation extends Account {
  /** The first answer to it, where it arrives; it comes back when the one who asked can take it for one. */
  readonly answer: (Account & { readonly comesBack: boolean }) | undefined;
  /** Why the host itself has a packet that was probably meant for a container. */
  readonly remarks: readonly string[];
  readonly allowances: readonly Allowance[];
  readonly notes: readonly string[];
}

export interface Subject {
  /** The rules, at least as far as the packet can meet them. */
  rulesFor(question: Question): Ruleset;
  readonly world: World;
  /** The intent that the rules came from, if any. */
  readonly resolved: Resolved | undefined;
  describe(origin: Origin): string | undefined;
  /** Where the rules' elements do not say it themselves. */
  readonly originOf?: OriginOf;
}

/** Answers `from web to db tcp 5432`, asked of rules and what stands around them. */
export function explain(
  words: readonly string[],
  { rulesFor, world, resolved, describe, originOf = ownOrigin }: Subject,
  family?: Family,
): Explanation {
  const question = questionOf(words, world, family);
  const { named, packet, start } = question;
  const ruleset = rulesFor(question);
  const programs = new Programs(ruleset);
  const numbers = [...named].map(([field, name]) => [field, programs.names.numberOf(name)] as const);
  const trip = travel(programs, question.world, { ...packet, more: new Map([...packet.more, ...numbers]) }, start);
  const account = accountOf(trip, programs, { describe, originOf });
  const intended = resolved && !world.isBare ? resolved : undefined;
  const near: Near = intended ? nearMisses(question, trip, intended, describe) : NOT_NEAR;
  const back = answer(programs, question.world, trip, start);
  return {
    ...account,
    answer: back && { ...accountOf(back, programs, { describe, originOf }), comesBack: isAnswer(back, trip) },
    remarks: near.remarks,
    allowances: intended
      ? allowances(question, trip, originsOf(trip.stops.at(-1), programs, originOf), near, intended, {
          ruleset,
          isLoaded: originOf !== ownOrigin,
        })
      : [],
    notes: question.notes,
  };
}

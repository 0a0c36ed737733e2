import { JOURNEYS, type Journey } from '../../../compiler/meaning/journey';
import { type Described, prove } from '../../../compiler/prove';
import type { Origin } from '../../../dsl/core/origin';
import type { Element, Rule, Ruleset, Statement } from '../../../dsl/ruleset/tree';
import { Boundaries } from '../boundary-packets';
import { fatesOf } from '../fates';
import type { Random } from '../random';
import type { Mutant } from './one-field';
import { CAP, type Pair, rulesetOf, type Side } from './pairs';
import { programsAsProven } from './programs';

/** Why a change of one field makes no difference to any packet. */
export type Reason =
  /** No packet comes to the rule. */
  | 'unreachable'
  /** None that comes to it is one that it asks for, as it was or as it is: those before it have them. */
  | 'shadowed'
  /** What it does is done, or asked, elsewhere too: without it all is the same. */
  | 'redundant'
  /** What the field says is known of every packet that comes to the rule. */
  | 'implied';

export type Judgement =
  | { readonly kind: 'killed'; readonly difference: Described; readonly rulesets: readonly [Ruleset, Ruleset] }
  | { readonly kind: 'equivalent'; readonly reason: Reason }
  /** It is no ruleset any more, or the same one. */
  | { readonly kind: 'no mutant' }
  /** The prover gave up, and said so: more decisions than it may tell apart. */
  | { readonly kind: 'too large' }
  | { readonly kind: 'wrong'; readonly because: string };

const SAMPLES = 150;

/** Compares the mutant of one side with the other side. */
export function judge(pair: Pair, side: 0 | 1, mutant: Mutant, below: Random): Judgement {
  const { kind } = pair.sides[side];
  const read = (one: Side) => rulesetOf(one, pair.plane);
  const [before, changed] = [read(pair.sides[side]), read({ kind, text: mutant.text })];
  const other = read(pair.sides[side === 0 ? 1 : 0]);
  if (!before || !other) throw new Error(`${pair.name} cannot be read`);
  if (!changed || plain(before) === plain(changed)) return { kind: 'no mutant' };
  const rulesets: readonly [Ruleset, Ruleset] = side === 0 ? [changed, other] : [other, changed];
  const options = { ignore: pair.ignore, cap: CAP, most: 1 };
  const [proof] = prove(...rulesets, [pair.plane], options);
  const programs = programsAsProven(rulesets, pair);
  switch (proof?.comparison.kind) {
    case 'different': {
      const [found] = proof.comparison.differences;
      const [difference] = proof.differences;
      if (!found || !difference) return { kind: 'wrong', because: 'there is no packet' };
      const [one, two] = fatesOf(programs, found.facts, found.journey, pair.ignore);
      if (one === two)
        return { kind: 'wrong', because: `its packet is treated alike: ${difference.packet.join(', ')}` };
      return { kind: 'killed', difference, rulesets };
    }
    case 'equal': {
      const boundaries = new Boundaries(programs);
      for (let count = 0; count < SAMPLES; count++) {
        const facts = boundaries.packet(below);
        for (const journey of Object.keys(JOURNEYS) as Journey[]) {
          const [one, two] = fatesOf(programs, facts, journey, pair.ignore);
          if (one !== two)
            return { kind: 'wrong', because: `${journey} ${JSON.stringify([...facts])}\n${one}\n${two}` };
        }
      }
      return { kind: 'equivalent', reason: reasonFor(before, changed, mutant.line, pair) };
    }
    case 'too large':
      return { kind: 'too large' };
    case undefined:
      return { kind: 'wrong', because: 'nothing was compared' };
  }
}

function plain(ruleset: Ruleset): string {
  return JSON.stringify(ruleset, (key, value) =>
    key === 'origin' || key === 'comment' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}

const MARKER: Statement = { kind: 'opaque', role: 'verdict', text: 'marked', stateful: false };

/** Found by putting in the rule's place what nobody could overlook. */
function reasonFor(before: Ruleset, changed: Ruleset, line: number, { plane, ignore }: Pair): Reason {
  const same = (one: Ruleset, other: Ruleset) =>
    prove(one, other, [plane], { ignore, cap: CAP, most: 1 })[0]?.comparison.kind === 'equal';
  const [without, withoutChanged] = [before, changed].map((one) => replaced(one, line, () => undefined)) as [
    Ruleset,
    Ruleset,
  ];
  const always = replaced(before, line, (rule) => ({ ...rule, statements: [MARKER] }));
  if (plain(always) !== plain(without) && same(always, without)) return 'unreachable';
  const asked = (one: Ruleset) =>
    replaced(one, line, (rule) => ({
      ...rule,
      statements: [...rule.statements.filter(({ kind }) => kind === 'match'), MARKER],
    }));
  if (plain(without) === plain(withoutChanged)) {
    if (same(asked(before), without) && same(asked(changed), without)) return 'shadowed';
    if (same(before, without)) return 'redundant';
  }
  return 'implied';
}

/** With something else for the rule that stands on a line, and without the elements there. */
function replaced({ tables }: Ruleset, line: number, by: (rule: Rule) => Rule | undefined): Ruleset {
  return {
    tables: tables.map((table) => ({
      ...table,
      sets: table.sets.map((set) => ({
        ...set,
        elements: set.elements.filter((element: Element) => lineOf(element.origin) !== line),
      })),
      chains: table.chains.map((chain) => ({
        ...chain,
        rules: chain.rules.flatMap((rule) => (lineOf(rule.origin) === line ? (by(rule) ?? []) : rule)),
      })),
    })),
  };
}

function lineOf(origin: Origin): number | undefined {
  if (origin.kind !== 'source') return undefined;
  const { source, start } = origin.span;
  return source.text.slice(0, start).split('\n').length - 1;
}

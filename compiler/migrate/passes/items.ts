import type { Origin } from '../../../dsl/core/origin';
import type { Expression, Rule, Statement, Table } from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import { expressionText } from '../../targets/nft/notation';
import { ruleOf, type Shape, shapeOf } from './shape';
import { Spread } from './spread';

/**
 * What the end of a rule is to those after it: `final` ends the packet's way in this chain and does nothing else;
 * `passing` does something and may go on; what is `stateful` remembers that it was asked, and stays as and where it is.
 */
export type TailKind = 'final' | 'passing' | 'stateful';

/** A rule of a chain that is being rewritten. */
export interface Item {
  readonly rule: Rule;
  readonly shape: Shape | undefined;
  readonly tail: TailKind;
  /** Built when asked for; see `spreadOf`. */
  readonly spreads: Map<string, Spread>;
}

export function itemOf(rule: Rule): Item {
  const shape = shapeOf(rule);
  return { rule, shape, tail: shape ? tailKind(shape.tail) : 'stateful', spreads: new Map() };
}

export function itemFrom(shape: Shape, rest: Omit<Rule, 'statements'>): Item {
  return { rule: ruleOf(shape, rest), shape, tail: tailKind(shape.tail), spreads: new Map() };
}

function tailKind(tail: readonly Statement[]): TailKind {
  const [only] = tail;
  if (only && tail.length === 1 && isFinal(only)) return 'final';
  return tail.every(isStateless) ? 'passing' : 'stateful';
}

function isFinal(statement: Statement): boolean {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict.kind !== 'jump' && statement.verdict.kind !== 'continue';
    case 'reject':
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return true;
    default:
      return false;
  }
}

function isStateless(statement: Statement): boolean {
  return isFinal(statement) || ['verdict', 'log', 'assign', 'notrack', 'match'].includes(statement.kind);
}

/** The values that a rule asks one field for. */
export function spreadOf({ shape, spreads }: Item, subject: string): Spread | undefined {
  const known = spreads.get(subject);
  if (known) return known;
  const test = shape?.tests.get(subject);
  if (!test || test.subject.kind === 'concat') return undefined;
  const spread = new Spread(typeOf(test.subject));
  for (const { value } of test.members) spread.add(value);
  spreads.set(subject, spread);
  return spread;
}

/** What rules of a table write to: a packet may have another value of it further down. */
export function writtenIn(table: Table): ReadonlySet<string> {
  const written = new Set<string>();
  for (const { statements } of table.chains.flatMap(({ rules }) => rules))
    for (const statement of statements) {
      if (statement.kind === 'assign') written.add(expressionText(statement.target));
      if (statement.kind === 'notrack') written.add('ct state');
    }
  return written;
}

/** Whether something that no rule of the table writes keeps a packet from meeting both. */
export function apart(one: Item, other: Item, written: ReadonlySet<string>): boolean {
  if (!one.shape || !other.shape) return false;
  for (const [subject, test] of other.shape.tests) {
    if (isWritten(test.subject, written) || test.members.length > 16) continue;
    const spread = spreadOf(one, subject);
    if (spread && !test.members.some(({ value }) => spread.meets(value))) return true;
  }
  return false;
}

export function isWritten(subject: Expression, written: ReadonlySet<string>): boolean {
  switch (subject.kind) {
    case 'binary':
      return isWritten(subject.left, written);
    case 'concat':
      return subject.parts.some((part) => isWritten(part, written));
    default:
      return written.has(expressionText(subject));
  }
}

/** Whether two rules may change places: they end the way of a packet alike, or no packet meets both. */
export function commute(one: Item, other: Item, written: ReadonlySet<string>): boolean {
  if (one.tail === 'final' && other.tail === 'final' && one.shape?.tailText === other.shape?.tailText) return true;
  return apart(one, other, written);
}

export function mergedOrigin(origins: readonly Origin[]): Origin {
  const of = [...new Set(origins.flatMap((one) => (one.kind === 'merged' ? one.of : [one])))];
  const [only] = of;
  return of.length === 1 && only ? only : { kind: 'merged', of };
}

/** The tests but those named, what else is asked, and what is done: equal in rules that may be one. */
export function keyWithout({ tests, otherText, tailText }: Shape, without: readonly string[], withTail = true): string {
  const rest = [...tests]
    .filter(([subject]) => !without.includes(subject))
    .map(([subject, { members }]) => `${subject} ${members.map(({ value }) => expressionText(value)).join(',')}`)
    .sort();
  return [...without, '|', ...rest, '|', otherText, '|', withTail ? tailText : ''].join('\u0000');
}

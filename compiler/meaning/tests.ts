import type { DataType } from '../../dsl/ruleset/data-type';
import type { CompareOp, Element, Expression, NamedSet, RateLimit, Statement } from '../../dsl/ruleset/tree';
import { statementText } from '../targets/nft/notation';
import { boxCondition, joinedRanges, nameRange } from './boxes';
import {
  ALWAYS,
  all,
  any,
  type Box,
  bit,
  type Condition,
  type Field,
  NEVER,
  not,
  UNBOUNDED,
  within,
} from './condition';
import { unknown } from './fields';
import { keysOf } from './keys';
import { hasKey, isLearnt } from './learnt';
import { bitsBetween, bitsEqual, maskedRanges, upTo, wordBoxes } from './numbers';
import type { Reading } from './reading';
import { inOneSpelling } from './spellings';
import { keyTerms, presenceOf, readable, type Term } from './terms';
import { constantValue, rangeOf } from './values';

/** Named sets by name, of the table a rule stands in. */
export type Sets = ReadonlyMap<string, NamedSet>;

/** When a match lets its rule go on; what the model has no fields for is an unknown by its own text. */
export function conditionOf(given: Extract<Statement, { kind: 'match' }>, reading: Reading, sets: Sets): Condition {
  const match = inOneSpelling(given);
  const { left, op, right } = match;
  if (right.kind === 'exists') {
    const presence = presenceOf(left, reading);
    if (presence) {
      const wanted = right.present === (op === '==');
      return all(presence.guard, wanted ? presence.present : not(presence.present));
    }
  }
  const terms = keyTerms(left, right.kind === 'named set', reading);
  const known = terms.filter((term) => term !== undefined);
  const set = right.kind === 'named set' ? sets.get(right.name) : undefined;
  if (known.length < terms.length)
    return all(
      readable(left, reading),
      set ? (inverted(op, hasKey(set, left)) ?? NEVER) : bit(unknown(statementText(match))),
    );
  if (set && isLearnt(set)) return all(...known.map(({ guard }) => guard), inverted(op, hasKey(set, left)) ?? NEVER);
  const test = testOf(known, op, right, reading, sets);
  if (!test) return all(...known.map(({ guard }) => guard), bit(unknown(statementText(match))));
  return all(...known.map(({ guard }) => guard), test);
}

function testOf(
  terms: readonly Term[],
  op: CompareOp,
  right: Expression,
  reading: Reading,
  sets: Sets,
): Condition | undefined {
  switch (right.kind) {
    case 'set':
      return inverted(op, membership(terms, right.elements, reading));
    case 'named set': {
      const set = sets.get(right.name);
      if (!set) return undefined;
      return inverted(op, setMembership(terms, set, reading));
    }
    default: {
      const values = right.kind === 'concat' ? right.parts : [right];
      const tests = terms.map((term, index) => {
        const value = values[index];
        return value && comparison(term, op === '!=' && terms.length > 1 ? '==' : op, value, reading);
      });
      const complete = tests.filter((test) => test !== undefined);
      if (complete.length < tests.length) return undefined;
      return op === '!=' && terms.length > 1 ? not(all(...complete)) : all(...complete);
    }
  }
}

function inverted(op: CompareOp, condition: Condition | undefined): Condition | undefined {
  return condition && (op === '==' ? condition : not(condition));
}

function setMembership(terms: readonly Term[], set: NamedSet, reading: Reading): Condition | undefined {
  if (isLearnt(set)) return undefined;
  const limited =
    set.limit !== undefined ||
    set.elements.some(({ statements }) => statements?.some(({ kind }) => kind !== 'counter'));
  if (!limited) return membership(terms, set.elements, reading);
  const rows = set.elements.map((element) => {
    const inside = elementCondition(terms, element, reading);
    const extra = (element.statements ?? []).map((statement) => statefulTest(statement, reading));
    return inside && all(inside, ...extra);
  });
  return complete(rows, (all) => any(...all));
}

/** What a limit or quota on an element or in a rule says of a packet: an unknown of its own. */
export function statefulTest(statement: Statement, reading: Reading): Condition {
  switch (statement.kind) {
    case 'limit': {
      const has = bit(unknown(reading.occurrence(rateName(statement.rate))));
      return statement.rate.over ? not(has) : has;
    }
    case 'quota': {
      const { over, ...quota } = statement.quota;
      const has = bit(
        unknown(reading.occurrence(statementText({ kind: 'quota', quota: { bytes: quota.bytes, over: false } }))),
      );
      return over ? not(has) : has;
    }
    case 'connlimit': {
      const has = bit(unknown(reading.occurrence(`ct count ${statement.count}`)));
      return statement.over ? not(has) : has;
    }
    default:
      return ALWAYS;
  }
}

/** The same for rates that are the same: with the burst that the kernel takes when none is said. */
export function rateName(rate: RateLimit): string {
  const { burst = rate.unit === 'packets' ? 5n : 0n } = rate;
  return statementText({ kind: 'limit', rate: { ...rate, over: false, burst } });
}

function complete(
  conditions: readonly (Condition | undefined)[],
  join: (all: readonly Condition[]) => Condition,
): Condition | undefined {
  const known = conditions.filter((one) => one !== undefined);
  return known.length < conditions.length ? undefined : join(known);
}

/** Whether the terms make one of the elements' keys. */
export function membership(
  terms: readonly Term[],
  elements: readonly Element[],
  reading: Reading,
): Condition | undefined {
  if (elements.some(({ key }) => key === 'default')) return ALWAYS;
  const keys = elements.length > 0 ? keysOf(terms, elements, reading) : undefined;
  if (keys) return { kind: 'member', of: keys };
  return complete(
    elements.map((element) => elementCondition(terms, element, reading)),
    (all) => any(...all),
  );
}

export function elementCondition(terms: readonly Term[], { key }: Element, reading: Reading): Condition | undefined {
  if (key === 'default') return ALWAYS;
  const values = key.kind === 'concat' ? key.parts : [key];
  const tests = terms.map((term, index) => {
    const value = values[index];
    return value && comparison(term, '==', value, reading);
  });
  return values.length === terms.length ? complete(tests, (known) => all(...known)) : undefined;
}

/** One term against a constant, range, prefix or flags. */
export function comparison(term: Term, op: CompareOp, value: Expression, reading: Reading): Condition | undefined {
  if (value.kind === 'set') return inverted(op, membership([term], value.elements, reading));
  if (term.kind === 'name') {
    const range = nameRange(value, reading);
    if (!range || (op !== '==' && op !== '!=')) return undefined;
    const inside = within(term.field, ...range);
    return op === '==' ? inside : not(inside);
  }
  if (value.kind === 'flags' && (term.kind === 'bits' || term.kind === 'listed' || op === '!')) {
    const flags = constantValue(value, term.type);
    if (flags === undefined) return undefined;
    const some = anyBit(term, flags);
    return some && (op === '==' ? some : not(some));
  }
  if (op === '!') {
    const flags = constantValue(value, term.type);
    const some = flags === undefined ? undefined : anyBit(term, flags);
    return some && not(some);
  }
  const range = rangeOf(value, term.type);
  if (!range) return ownerByName(term, op, value);
  const [first, last] = range;
  const between = (from: bigint, to: bigint) => betweenOf(term, from, to);
  switch (op) {
    case '==':
      return between(first, last);
    case '!=': {
      const inside = between(first, last);
      return inside && not(inside);
    }
    case '<':
      return first === 0n ? NEVER : between(0n, first - 1n);
    case '<=':
      return between(0n, first);
    case '>':
      return between(first + 1n, LARGEST);
    case '>=':
      return between(first, LARGEST);
  }
}

const LARGEST = (1n << 128n) - 1n;

/** A user or a group whose number only the host knows: no other name's, as far as a ruleset tells. */
function ownerByName(term: Term, op: CompareOp, value: Expression): Condition | undefined {
  if (term.kind !== 'number' || value.kind !== 'string' || !OWNERS.has(term.type)) return undefined;
  const is = bit(unknown(`${term.field} ${value.value}`));
  return op === '==' || op === '!=' ? inverted(op, is) : undefined;
}

const OWNERS: ReadonlySet<DataType | undefined> = new Set<DataType>(['uid', 'gid']);

function anyBit(term: Term, flags: bigint): Condition | undefined {
  switch (term.kind) {
    case 'bits':
      return any(...term.bits.filter((_, index) => (flags >> BigInt(index)) & 1n));
    case 'listed':
      return listed(term.field, term.values, (value) => (value & flags) !== 0n);
    case 'constant':
      return (term.value & flags) === 0n ? NEVER : ALWAYS;
    case 'number': {
      const none = maskedRanges(term.max, flags & (term.mask ?? LARGEST), 0n);
      return none && not(within(term.field, ...none));
    }
    default:
      return undefined;
  }
}

function listed(field: Field, values: readonly bigint[], fits: (value: bigint) => boolean): Condition {
  return within(
    field,
    ...values.flatMap((value, index) => (fits(value) ? [index, index === values.length - 1 ? UNBOUNDED : index] : [])),
  );
}

function betweenOf(term: Term, first: bigint, last: bigint): Condition | undefined {
  switch (term.kind) {
    case 'number': {
      if (term.mask !== undefined) {
        if (first !== last) return undefined;
        const ranges = maskedRanges(term.max, term.mask, first);
        return ranges && within(term.field, ...joinedRanges(pairs(ranges)));
      }
      const top = last > term.max ? term.max : last;
      return first > top ? NEVER : within(term.field, Number(first), upTo(top, term.max));
    }
    case 'wide': {
      if (term.mask !== undefined) return first === last ? maskedWords(term.fields, term.mask, first) : undefined;
      const most = (1n << BigInt(32 * term.fields.length)) - 1n;
      return boxCondition(term.fields, wordBoxes(term.fields.length, first, last > most ? most : last));
    }
    case 'bits':
      return first === last ? bitsEqual(term.bits, first) : bitsBetween(term.bits, first, last);
    case 'listed':
      return listed(term.field, term.values, (value) => value >= first && value <= last);
    case 'constant':
      return term.value >= first && term.value <= last ? ALWAYS : NEVER;
    case 'name':
      return undefined;
  }
}

function pairs(ranges: readonly number[]): Box[] {
  return Array.from({ length: ranges.length / 2 }, (_, at) => ranges.slice(2 * at, 2 * at + 2));
}

function maskedWords(fields: readonly Field[], mask: bigint, value: bigint): Condition | undefined {
  const tests = fields.map((field, index) => {
    const shift = BigInt(32 * (fields.length - 1 - index));
    const ranges = maskedRanges(0xffffffffn, (mask >> shift) & 0xffffffffn, (value >> shift) & 0xffffffffn);
    return ranges && within(field, ...joinedRanges(pairs(ranges)));
  });
  return complete(tests, (known) => all(...known));
}

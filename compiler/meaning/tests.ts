import type { DataType } from '../../dsl/ruleset/data-type';
import type { CompareOp, Element, Expression, NamedSet, RateLimit, Statement } from '../../dsl/ruleset/tree';
import { elementText, expressionText, statementText } from '../targets/nft/notation';
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

/** A set that rules or time change is one more thing that no packet tells. */
export function isLearnt({ flags, timeoutMs, elements }: NamedSet): boolean {
  return (
    flags.includes('dynamic') ||
    flags.includes('timeout') ||
    timeoutMs !== undefined ||
    elements.some((element) => element.timeoutMs !== undefined)
  );
}

/**
 * Whether a set that changes has a key now. It is the same only as one of the same name, asked for the same, that begins
 * with the same elements.
 */
export function hasKey(set: NamedSet, key: Expression): Condition {
  return bit(unknown(`@${set.name}${contentsText(set)} has ${keyText(key)}`));
}

/**
 * Bits at one place by one name: where `th dport` was written and the protocol asked for, nft lists `tcp dport`, and of
 * ICMP, which has no ports, `icmp checksum`.
 */
export function keyText(key: Expression): string {
  return expressionText(key)
    .replace(/\b(?:tcp|udp|udplite|sctp|dccp) ([sd]port)\b/g, 'th $1')
    .replace(/\bicmp(?:v6)? checksum\b/g, 'th dport');
}

/** What tells a set apart from another of its name. */
export function contentsText({ elements, timeoutMs }: NamedSet): string {
  const texts = elements.map(({ expiresMs: _, comment: __, ...element }) => inTens(elementText(element))).sort();
  const begins = texts.length === 0 ? '' : ` of ${texts.length} to begin with (${digest(texts.join())})`;
  return `${timeoutMs === undefined ? '' : ` for ${timeoutMs} ms`}${begins}`;
}

/** nft lists marks as hexadecimal numbers. */
function inTens(text: string): string {
  return text.replace(/\b0x[0-9a-f]+\b/gi, (number) => String(BigInt(number)));
}

/** Enough to tell texts apart in a name. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of text) hash = ((hash ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
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
  const fields = boxFields(terms);
  if (fields) {
    const boxes = boxesByElement(terms, elements, reading);
    const known = boxes.filter((one) => one !== undefined);
    if (known.length === boxes.length) return boxCondition(fields, known.flat());
  }
  return complete(
    elements.map((element) => elementCondition(terms, element, reading)),
    (all) => any(...all),
  );
}

export function boxCondition(fields: readonly Field[], boxes: readonly Box[]): Condition {
  const [field] = fields;
  if (boxes.length === 0) return NEVER;
  if (fields.length > 1 || !field) return { kind: 'boxes', fields, boxes };
  return within(field, ...joinedRanges(boxes));
}

/** Ranges in rising order, those that touch made one. */
function joinedRanges(ranges: readonly Box[]): number[] {
  const joined: number[] = [];
  for (const [first = 0, last = 0] of [...ranges].sort(([a = 0], [b = 0]) => a - b)) {
    const end = joined.at(-1);
    if (end !== undefined && first <= end + 1) joined[joined.length - 1] = Math.max(end, last);
    else joined.push(first, last);
  }
  return joined;
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

/** The fields of terms whose values are ranges of numbers; undefined when one has no such field. */
export function boxFields(terms: readonly Term[]): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (const term of terms) {
    if ((term.kind === 'number' || term.kind === 'wide') && term.mask !== undefined) return undefined;
    if (term.kind === 'number' || term.kind === 'name') fields.push(term.field);
    else if (term.kind === 'wide') fields.push(...term.fields);
    else return undefined;
  }
  return new Set(fields).size === fields.length ? fields : undefined;
}

interface KnownBoxes {
  readonly names: Reading['names'];
  readonly fields: string;
  readonly boxes: readonly (readonly Box[] | undefined)[];
}

const BOXES = new WeakMap<readonly Element[], KnownBoxes>();

/** What `boxesOf` says of each element; elements are many, and asked for more than once. */
export function boxesByElement(
  terms: readonly Term[],
  elements: readonly Element[],
  reading: Reading,
): readonly (readonly Box[] | undefined)[] {
  const fields = (boxFields(terms) ?? []).join(' ');
  const known = BOXES.get(elements);
  if (known && known.names === reading.names && known.fields === fields) return known.boxes;
  const boxes = elements.map(({ key }) => (key === 'default' ? undefined : boxesOf(terms, key, reading)));
  BOXES.set(elements, { names: reading.names, fields, boxes });
  return boxes;
}

/** The boxes that an element's key covers, over `boxFields` of the terms. */
export function boxesOf(terms: readonly Term[], key: Expression, reading: Reading): readonly Box[] | undefined {
  const values = key.kind === 'concat' ? key.parts : [key];
  if (values.length !== terms.length) return undefined;
  let boxes: number[][] = [[]];
  for (const [index, term] of terms.entries()) {
    const parts = partBoxes(term, values[index] as Expression, reading);
    if (!parts) return undefined;
    const [only] = parts;
    if (only && parts.length === 1) for (const box of boxes) box.push(...only);
    else boxes = boxes.flatMap((box) => parts.map((part) => [...box, ...part]));
  }
  return boxes;
}

function partBoxes(term: Term, value: Expression, reading: Reading): readonly Box[] | undefined {
  if (term.kind === 'name') {
    const range = nameRange(value, reading);
    return range && [range];
  }
  if (term.kind === 'number' && value.kind === 'ipv4' && value.value < ALL_ONES) return [[value.value, value.value]];
  const range = rangeOf(value, term.type);
  if (!range) return undefined;
  const [first, last] = range;
  switch (term.kind) {
    case 'number':
      return first > term.max ? [] : [[Number(first), upTo(last, term.max)]];
    case 'wide':
      return wordBoxes(term.fields.length, first, last);
    default:
      return undefined;
  }
}

const ALL_ONES = 0xffffffff;

function nameRange(value: Expression, { names }: Reading): readonly [number, number] | undefined {
  if (value.kind === 'string' && value.wildcard) {
    const [first, last] = names.rangeOf(value.value);
    return [first, last === names.last ? UNBOUNDED : last];
  }
  const name = value.kind === 'string' ? value.value : value.kind === 'symbol' ? value.name : undefined;
  if (name !== undefined) return [names.numberOf(name), names.numberOf(name)];
  return value.kind === 'number' && value.value === 0n ? [names.numberOf(''), names.numberOf('')] : undefined;
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

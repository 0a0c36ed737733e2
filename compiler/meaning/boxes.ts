import type { Expression } from '../../dsl/ruleset/tree';
import { type Box, type Condition, type Field, NEVER, within } from './condition';
import { upTo, wordBoxes } from './numbers';
import type { Reading } from './reading';
import type { Term } from './terms';
import { rangeOf } from './values';

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

export function nameRange(value: Expression, { names }: Reading): readonly [number, number] | undefined {
  if (value.kind === 'string' && value.wildcard) return names.rangeOf(value.value);
  const name = value.kind === 'string' ? value.value : value.kind === 'symbol' ? value.name : undefined;
  if (name !== undefined) return [names.numberOf(name), names.numberOf(name)];
  return value.kind === 'number' && value.value === 0n ? [names.numberOf(''), names.numberOf('')] : undefined;
}

export function boxCondition(fields: readonly Field[], boxes: readonly Box[]): Condition {
  const [field] = fields;
  if (boxes.length === 0) return NEVER;
  if (fields.length > 1 || !field) return { kind: 'boxes', fields, boxes };
  return within(field, ...joinedRanges(boxes));
}

/** Ranges in rising order, those that touch made one. */
export function joinedRanges(ranges: readonly Box[]): number[] {
  const joined: number[] = [];
  for (const [first = 0, last = 0] of [...ranges].sort(([a = 0], [b = 0]) => a - b)) {
    const end = joined.at(-1);
    if (end !== undefined && first <= end + 1) joined[joined.length - 1] = Math.max(end, last);
    else joined.push(first, last);
  }
  return joined;
}

/**
 * What a rule asks of a packet, as a formula over whole-number fields: the one reading of matches that the evaluator and
 * the prover share.
 */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  /** The field's value lies in one of the ranges: `[first, last, first, last, ...]`, rising and disjoint; the last may be `UNBOUNDED`. */
  | { readonly kind: 'within'; readonly field: Field; readonly ranges: readonly number[] }
  /** The fields' values lie, each in its own range, in one of the boxes. */
  | { readonly kind: 'boxes'; readonly fields: readonly Field[]; readonly boxes: readonly Box[] }
  /** They are among the keys of a set. */
  | { readonly kind: 'member'; readonly of: Members }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

/** A set that is asked: what it holds is spelled out only for those who have to know all of it. */
export interface Members {
  readonly fields: readonly Field[];
  has(read: (field: Field) => number): boolean;
  condition(): Condition;
}

/** A field's name: `saddr`, `mark.3` (one bit), `?limit 5/minute #1` (something that no packet tells). */
export type Field = string;

/** The end of a range that holds all larger values of its field. */
export const UNBOUNDED = Number.POSITIVE_INFINITY;

/** A range for each field, in the order of the fields: `[first, last, first, last, ...]`. */
export type Box = readonly number[];

export const ALWAYS: Condition = { kind: 'always' };
export const NEVER: Condition = { kind: 'never' };

export function within(field: Field, ...ranges: readonly number[]): Condition {
  return ranges.length === 0 ? NEVER : { kind: 'within', field, ranges };
}

export function bit(field: Field, value: boolean | number = true): Condition {
  return { kind: 'within', field, ranges: Number(value) === 1 ? [1, UNBOUNDED] : [0, 0] };
}

export function all(...of: readonly Condition[]): Condition {
  if (of.some(({ kind }) => kind === 'never')) return NEVER;
  const open = of.filter(({ kind }) => kind !== 'always');
  const [only] = open;
  if (!only) return ALWAYS;
  return open.length === 1 ? only : { kind: 'all', of: open };
}

export function any(...of: readonly Condition[]): Condition {
  if (of.some(({ kind }) => kind === 'always')) return ALWAYS;
  const open = of.filter(({ kind }) => kind !== 'never');
  const [only] = open;
  if (!only) return NEVER;
  return open.length === 1 ? only : { kind: 'any', of: open };
}

export function not(of: Condition): Condition {
  switch (of.kind) {
    case 'always':
      return NEVER;
    case 'never':
      return ALWAYS;
    case 'not':
      return of.of;
    default:
      return { kind: 'not', of };
  }
}

export function differ(one: Condition, other: Condition): Condition {
  return any(all(one, not(other)), all(not(one), other));
}

/** Whether a condition holds where fields have these values. */
export function holds(condition: Condition, read: (field: Field) => number): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'within':
      return inRanges(condition.ranges, read(condition.field));
    case 'boxes':
      return boxAt(condition.boxes, condition.fields.map(read)) >= 0;
    case 'member':
      return condition.of.has(read);
    case 'all':
      return condition.of.every((one) => holds(one, read));
    case 'any':
      return condition.of.some((one) => holds(one, read));
    case 'not':
      return !holds(condition.of, read);
  }
}

function inRanges(ranges: readonly number[], value: number): boolean {
  for (let at = 0; at < ranges.length; at += 2)
    if (value >= (ranges[at] as number) && value <= (ranges[at + 1] as number)) return true;
  return false;
}

/** The index of the first box that holds the point, or -1. */
export function boxAt(boxes: readonly Box[], point: readonly number[]): number {
  next: for (let index = 0; index < boxes.length; index++) {
    const box = boxes[index] as Box;
    for (let at = 0; at < point.length; at++) {
      const value = point[at] as number;
      if (value < (box[2 * at] as number) || value > (box[2 * at + 1] as number)) continue next;
    }
    return index;
  }
  return -1;
}

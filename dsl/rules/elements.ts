import { PROGRAM } from '../core/origin';
import type { Element, Expression } from '../ruleset/tree';
import { type AnyValue, type Key, valueNode } from './values';
import { quotable } from './words';

/** A value of a set or a map with a comment of its own. */
export interface Noted<V> {
  readonly value: V;
  readonly comment: string;
}

/** A value, with or without a comment. */
export type Given<V> = V | Noted<V>;

/** At most 128 bytes, printed with the value. */
export function noted<const V extends AnyValue>(value: V, comment: string): Noted<V> {
  return { value, comment: quotable(comment) };
}

export function element(key: Key, given: Given<AnyValue>, data?: Element['data']): Element {
  const value = isNoted(given) ? given.value : given;
  return {
    key: value === '*' && data ? 'default' : valueNode(key, value),
    ...(isNoted(given) ? { comment: given.comment } : {}),
    ...(data ? { data } : {}),
    origin: PROGRAM,
  };
}

function isNoted(given: Given<AnyValue>): given is Noted<AnyValue> {
  return typeof given === 'object' && 'comment' in given;
}

/** One value as itself, several as an anonymous set. */
export function valuesNode(key: Key, values: readonly Given<AnyValue>[]): Expression {
  const [only, ...more] = values;
  if (only !== undefined && more.length === 0 && !isNoted(only)) return valueNode(key, only);
  return { kind: 'set', elements: values.map((value) => element(key, value)) };
}

import { type DataType, isBits } from '../ruleset/data-type';
import { match, namedMap, namedSet, number } from '../ruleset/nodes';
import type { CompareOp, Expression, MapReference, TableFamily } from '../ruleset/tree';
import { element, type Given, valuesNode } from './elements';
import type { MapRef, SetRef, VerdictMapRef } from './references';
import { type Place, type Statement, statement, type Verdict } from './statement';
import { type AnyValue, type Key, type RangesOf, type Value, valueNode } from './values';
import { quotable } from './words';

declare const worksIn: unique symbol;

/** An expression, the types of what it holds, and the families of tables that it works in. */
export interface Typed<K extends Key, F extends TableFamily = TableFamily> {
  readonly key: K;
  readonly expression: Expression;
  readonly [worksIn]: (family: F) => void;
}

/** What can be compared, and looked up. */
export interface Operand<K extends Key, F extends TableFamily = TableFamily> extends Typed<K, F> {
  /** One value, or any of several; of flags, that any of these is set. */
  is(...values: Several<RangesOf<K>>): Statement<Place, F>;
  isNot(...values: Several<RangesOf<K>>): Statement<Place, F>;
  in(set: SetRef<K>): Statement<Place, F>;
  notIn(set: SetRef<K>): Statement<Place, F>;
  /** The data of a named map; a rule in which the key is not found ends. */
  map<D extends Key>(map: MapRef<K, D>): Typed<D, F>;
  /** The data of a map written in place. */
  mapTo<const D extends Key>(data: D, pairs: Pairs<RangesOf<K>, RangesOf<D>>): Typed<D, F>;
  vmap<P extends Place>(map: VerdictMapRef<K, P> | Pairs<RangesOf<K>, Verdict<P>>): Statement<P, F>;
}

type Several<V> = readonly [Given<V>, ...Given<V>[]];
type Pairs<A, B> = readonly (readonly [Given<A>, B])[];

/** A field. */
export type Selector<T extends DataType, F extends TableFamily = TableFamily> = Operand<T, F>;

/** A field whose values have an order. */
export interface Ordered<T extends DataType, F extends TableFamily = TableFamily> extends Operand<T, F> {
  lessThan(value: Value<T>): Statement<Place, F>;
  atMost(value: Value<T>): Statement<Place, F>;
  greaterThan(value: Value<T>): Statement<Place, F>;
  atLeast(value: Value<T>): Statement<Place, F>;
}

/** A field that is a number or a word of bits. */
export interface Bits<T extends DataType, F extends TableFamily = TableFamily> extends Ordered<T, F> {
  and(mask: number): Bits<T, F>;
  or(bits: number): Bits<T, F>;
  xor(bits: number): Bits<T, F>;
  /** By so many bits, towards the high ones. */
  shiftLeft(bits: number): Bits<T, F>;
  shiftRight(bits: number): Bits<T, F>;
}

/** A word of bits that have names. */
export interface Flags<T extends DataType, F extends TableFamily = TableFamily> extends Bits<T, F> {
  /** Of the flags in `mask` these are set, and no others: `tcp flags & (syn | ack) == syn`. */
  masked(mask: readonly [Value<T>, ...Value<T>[]], set: readonly Value<T>[]): Statement<Place, F>;
  notMasked(mask: readonly [Value<T>, ...Value<T>[]], set: readonly Value<T>[]): Statement<Place, F>;
}

/** An address, of which a part may be the key. */
export interface Addresses<T extends DataType, F extends TableFamily = TableFamily> extends Ordered<T, F> {
  and(mask: Value<T>): Addresses<T, F>;
}

/** Something that may be missing. */
export interface Optional<F extends TableFamily = TableFamily> {
  exists(): Statement<Place, F>;
  missing(): Statement<Place, F>;
}

/** A field that a rule can write. */
export interface Writable<T extends DataType, F extends TableFamily = TableFamily> {
  set<G extends TableFamily = TableFamily>(value: Value<T> | Typed<T, G>): Statement<Place, F & G>;
}

/** Everything that an expression can do; what of it a field of some type offers is its static type's to say. */
class Expressing<T extends DataType> implements Bits<T>, Optional, Writable<T> {
  declare readonly [worksIn]: (family: TableFamily) => void;

  constructor(
    readonly key: T,
    readonly expression: Expression,
  ) {}

  is(...values: readonly Given<AnyValue>[]): Statement {
    if (!isBits(this.key)) return this.compare('==', valuesNode(this.key, values));
    const flags = values.map((value) => ({ kind: 'symbol' as const, name: String(value) }));
    return this.compare('==', { kind: 'flags', flags });
  }

  isNot(...values: readonly Given<AnyValue>[]): Statement {
    return this.compare('!=', valuesNode(this.key, values));
  }

  in({ name }: SetRef<T>): Statement {
    return this.compare('==', namedSet(name));
  }

  notIn({ name }: SetRef<T>): Statement {
    return this.compare('!=', namedSet(name));
  }

  map<D extends Key>({ name, data }: MapRef<T, D>): Typed<D> {
    return this.lookUp(data, namedMap(name));
  }

  mapTo<const D extends Key>(data: D, pairs: Pairs<AnyValue, AnyValue>): Typed<D> {
    const elements = pairs.map(([key, value]) => element(this.key, key, valueNode(data, value as AnyValue)));
    return this.lookUp(data, { kind: 'anonymous', elements });
  }

  vmap<P extends Place>(map: VerdictMapRef<T, P> | Pairs<AnyValue, Verdict<P>>): Statement<P> {
    const reference: MapReference =
      'name' in map
        ? namedMap(map.name)
        : { kind: 'anonymous', elements: map.map(([key, { verdict }]) => element(this.key, key, verdict)) };
    return statement({ kind: 'vmap', key: this.expression, map: reference });
  }

  lessThan(value: AnyValue): Statement {
    return this.compare('<', valueNode(this.key, value));
  }

  atMost(value: AnyValue): Statement {
    return this.compare('<=', valueNode(this.key, value));
  }

  greaterThan(value: AnyValue): Statement {
    return this.compare('>', valueNode(this.key, value));
  }

  atLeast(value: AnyValue): Statement {
    return this.compare('>=', valueNode(this.key, value));
  }

  masked(mask: readonly AnyValue[], set: readonly AnyValue[]): Statement {
    return this.withMask(mask).compare('==', anyOf(set));
  }

  notMasked(mask: readonly AnyValue[], set: readonly AnyValue[]): Statement {
    return this.withMask(mask).compare('!=', anyOf(set));
  }

  exists(): Statement {
    return this.compare('==', { kind: 'exists', present: true });
  }

  missing(): Statement {
    return this.compare('==', { kind: 'exists', present: false });
  }

  and(mask: AnyValue): Bits<T> {
    if (typeof mask === 'number') return this.combine('&', mask);
    const right = valueNode(this.key, mask);
    return new Expressing(this.key, { kind: 'binary', op: '&', left: this.expression, right });
  }

  or(bits: number): Bits<T> {
    return this.combine('|', bits);
  }

  xor(bits: number): Bits<T> {
    return this.combine('^', bits);
  }

  shiftLeft(bits: number): Bits<T> {
    return this.combine('<<', bits);
  }

  shiftRight(bits: number): Bits<T> {
    return this.combine('>>', bits);
  }

  set(value: AnyValue | Typed<T, never>): Statement {
    const node = typeof value === 'object' && 'expression' in value ? value.expression : valueNode(this.key, value);
    return statement({ kind: 'assign', target: this.expression, value: node });
  }

  private compare(op: CompareOp, right: Expression): Statement {
    return statement(match(this.expression, op, right));
  }

  private combine(op: '&' | '|' | '^' | '<<' | '>>', bits: number): Bits<T> {
    const value = BigInt(bits);
    const right: Expression = op === '<<' || op === '>>' ? number(value) : { kind: 'number', value, base: 16 };
    return new Expressing(this.key, { kind: 'binary', op, left: this.expression, right });
  }

  private withMask(mask: readonly AnyValue[]): Expressing<T> {
    return new Expressing(this.key, { kind: 'binary', op: '&', left: this.expression, right: anyOf(mask) });
  }

  private lookUp<D extends Key>(data: D, map: MapReference): Typed<D> {
    return { key: data, expression: { kind: 'map', key: this.expression, map } } as unknown as Typed<D>;
  }
}

/** Flags by their names, joined to one word; 0 for none. */
function anyOf(names: readonly AnyValue[]): Expression {
  const [first, ...rest] = names.map((name): Expression => ({ kind: 'symbol', name: quotable(String(name)) }));
  if (!first) return { kind: 'number', value: 0n, base: 16 };
  return rest.reduce((left, right): Expression => ({ kind: 'binary', op: '|', left, right }), first);
}

/** Gives an expression of the tree its static type. */
export function operand<O>(key: Key, expression: Expression): O {
  return new Expressing(key as DataType, expression) as unknown as O;
}

type Parts = readonly [Typed<DataType, never>, Typed<DataType, never>, ...Typed<DataType, never>[]];
type KeysOf<P extends Parts> = { readonly [I in keyof P]: P[I]['key'] } extends infer K extends Key ? K : never;
type FamiliesOf<P extends Parts> = [P[number]] extends [Typed<DataType, infer F>] ? F : never;

/** `a . b`: several fields as one key. */
export function concat<const P extends Parts>(...parts: P): Operand<KeysOf<P>, FamiliesOf<P>> {
  const key = parts.map((part) => part.key) as unknown as Key;
  return operand(key, { kind: 'concat', parts: parts.map(({ expression }) => expression) });
}

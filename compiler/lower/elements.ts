import type { Address, Family, Prefix } from '../../dsl/core/address';
import { boundsOf } from '../../dsl/core/address';
import type { Path } from '../../dsl/core/diagnostic';
import type { Protocol } from '../../dsl/core/port';
import { concat, number, symbol } from '../../dsl/ruleset/nodes';
import type { Constant, Element, Expression } from '../../dsl/ruleset/tree';
import type { Interval } from './disjoint';

/** The name of a set of each family: `publish4` and `publish6`. */
export function ofFamilies(name: string): Readonly<Record<Family, string>> {
  return { 4: `${name}4`, 6: `${name}6` };
}

/** The elements of the program's sets and maps, collected by the features. */
export class Elements {
  private readonly bySet = new Map<string, Element[]>();
  /** Of the last element: those of one statement follow each other. */
  private origin: { readonly kind: 'intent'; readonly path: Path } | undefined;

  add(set: string, path: Path, key: Expression, more?: Pick<Element, 'data' | 'comment' | 'statements'>): void {
    const elements = this.bySet.get(set);
    const origin = this.origin?.path === path ? this.origin : ({ kind: 'intent', path } as const);
    this.origin = origin;
    const element: Element = more ? { key, ...more, origin } : { key, origin };
    if (elements) elements.push(element);
    else this.bySet.set(set, [element]);
  }

  of(set: string): readonly Element[] {
    return this.bySet.get(set) ?? [];
  }

  has(...sets: readonly string[]): boolean {
    return sets.some((set) => this.bySet.has(set));
  }
}

export const ALL_ADDRESSES = {
  4: { first: 0n, last: (1n << 32n) - 1n },
  6: { first: 0n, last: (1n << 128n) - 1n },
} as const;
export const ALL_PORTS: Interval = { first: 0n, last: 65535n };

export function addressInterval(prefix: Prefix): Interval {
  return boundsOf(prefix);
}

export function protocolInterval(protocol: Protocol): Interval {
  const number = { tcp: 6n, udp: 17n, sctp: 132n }[protocol];
  return { first: number, last: number };
}

/** An axis of a box as nft writes it: one value, a prefix where the interval is one, else a range. */
export type Axis = 4 | 6 | 'protocol' | 'port';

export function boxKey(axes: readonly Axis[], sides: readonly Interval[]): Expression {
  const parts = axes.map((axis, index) => intervalExpression(axis, sides[index] ?? ALL_PORTS));
  const [only] = parts;
  return parts.length === 1 && only ? only : concat(...parts);
}

function intervalExpression(axis: Axis, { first, last }: Interval): Expression {
  if (first === last) return constant(axis, first);
  const size = last - first + 1n;
  const isPrefix = (size & (size - 1n)) === 0n && first % size === 0n;
  if ((axis === 4 || axis === 6) && isPrefix)
    return {
      kind: 'prefix',
      address: constant(axis, first),
      length: (axis === 4 ? 32 : 128) - (size.toString(2).length - 1),
    };
  return { kind: 'range', first: constant(axis, first), last: constant(axis, last) };
}

function constant(axis: Axis, value: bigint): Constant {
  switch (axis) {
    case 4:
      return { kind: 'ipv4', value: Number(value) as Extract<Address, { family: 4 }>['value'] };
    case 6:
      return { kind: 'ipv6', value: value as Extract<Address, { family: 6 }>['value'] };
    case 'protocol':
      return symbol({ '6': 'tcp', '17': 'udp', '132': 'sctp' }[value.toString()] ?? value.toString());
    case 'port':
      return number(value);
  }
}

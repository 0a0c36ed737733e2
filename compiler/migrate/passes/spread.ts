import type { Ipv4Address, Ipv6Address } from '../../../dsl/core/address';
import type { DataType } from '../../../dsl/ruleset/data-type';
import type { Constant, Expression } from '../../../dsl/ruleset/tree';
import { rangeOf } from '../../meaning/values';
import { expressionText } from '../../targets/nft/notation';

type Text = Extract<Constant, { kind: 'string' }>;

/** A growing set of values of one field that tells, fast, whether another value meets one of them. */
export class Spread {
  /** Rising, disjoint or nested ranges by their first number; `reach` is the largest last so far. */
  private readonly ranges: { first: bigint; last: bigint; reach: bigint }[] = [];
  private readonly names = new Set<string>();
  private readonly beginnings: string[] = [];
  /** Values of which nobody knows what they stand for meet all that are written otherwise. */
  private unknown = false;

  constructor(private readonly type: DataType | undefined) {}

  add(value: Expression): void {
    if (value.kind === 'string') {
      if (value.wildcard) this.beginnings.push(value.value);
      else this.names.add(value.value);
      return;
    }
    const range = rangeOf(value, this.type);
    if (!range) {
      this.unknown = true;
      return;
    }
    const [first, last] = range;
    const at = this.after(first);
    this.ranges.splice(at, 0, { first, last, reach: last });
    for (let index = at; index < this.ranges.length; index++) {
      const one = this.ranges[index];
      const before = this.ranges[index - 1]?.reach ?? -1n;
      if (!one) break;
      const reach = before > one.last ? before : one.last;
      if (index > at && reach === one.reach) break;
      one.reach = reach;
    }
  }

  /** Whether some packet could have both the value and one of those added; true where that is not known. */
  meets(value: Expression): boolean {
    if (this.unknown) return true;
    if (value.kind === 'string') return this.ranges.length > 0 || this.meetsName(value);
    if (this.names.size > 0 || this.beginnings.length > 0) return true;
    const range = rangeOf(value, this.type);
    if (!range) return true;
    const at = this.after(range[1]);
    const before = this.ranges[at - 1];
    return before !== undefined && before.reach >= range[0];
  }

  private meetsName({ value, wildcard }: Text): boolean {
    if (this.beginnings.some((one) => value.startsWith(one))) return true;
    if (!wildcard) return this.names.has(value);
    if (this.beginnings.some((one) => one.startsWith(value))) return true;
    for (const name of this.names) if (name.startsWith(value)) return true;
    return false;
  }

  /** The index of the first range that begins after the number. */
  private after(number: bigint): number {
    let [low, high] = [0, this.ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle]?.first ?? 0n) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Values without those that others hold already, in their order; port ranges that overlap become one. */
export function withoutCovered<T extends { readonly value: Expression }>(
  members: readonly T[],
  type: DataType | undefined,
): { readonly kept: readonly T[]; readonly covered: readonly T[] } {
  const beginnings = members.flatMap(({ value }) => (value.kind === 'string' && value.wildcard ? [value.value] : []));
  const seen = new Set<string>();
  const covered = new Set<T>();
  const ranged: { member: T; first: bigint; last: bigint }[] = [];
  for (const member of members) {
    const { value } = member;
    const text = expressionText(value);
    if (seen.has(text)) covered.add(member);
    else if (value.kind === 'string') {
      if (beginnings.some((one) => value.value.startsWith(one) && !(value.wildcard && value.value === one)))
        covered.add(member);
    } else {
      const range = rangeOf(value, type);
      if (range) ranged.push({ member, first: range[0], last: range[1] });
    }
    seen.add(text);
  }
  ranged.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.last > b.last ? -1 : 1));
  const widened = new Map<T, T>();
  let open: { member: T; first: bigint; last: bigint } | undefined;
  for (const next of ranged) {
    if (!open || next.first > open.last) {
      open = { ...next };
      continue;
    }
    covered.add(next.member);
    if (next.last <= open.last) continue;
    open.last = next.last;
    const wide = rangeLike(open.member.value, open.first, open.last);
    widened.set(open.member, { ...open.member, value: wide });
  }
  const kept = members.filter((member) => !covered.has(member)).map((member) => widened.get(member) ?? member);
  return { kept, covered: [...covered] };
}

/** From the first to the last, as numbers or as addresses, whatever the value is made of. */
function rangeLike(value: Expression, first: bigint, last: bigint): Expression {
  const constant = (number: bigint): Constant => {
    const like = value.kind === 'prefix' ? value.address : value.kind === 'range' ? value.first : value;
    if (like.kind === 'ipv4') return { kind: 'ipv4', value: Number(number) as Ipv4Address };
    return like.kind === 'ipv6' ? { kind: 'ipv6', value: number as Ipv6Address } : { kind: 'number', value: number };
  };
  return { kind: 'range', first: constant(first), last: constant(last) };
}

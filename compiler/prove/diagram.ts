import type { Field } from '../meaning/condition';
import { FIELD_ORDER, originalOf } from '../meaning/fields';

/** A node: a decision over one field when it is not negative, else a leaf. */
export type Node = number;

/** Raised when a diagram would grow past its cap; nothing is proven then. */
export class TooLarge extends Error {}

/**
 * Decision diagrams over ranges of fields, each node there once: two functions are the same when their nodes are. What the
 * leaves say is up to whoever asks for them.
 */
export class Diagrams {
  private readonly fields: number[] = [];
  private readonly ends: (readonly number[])[] = [];
  private readonly children: (readonly Node[])[] = [];
  private readonly known = new Map<number, Node[]>();
  private readonly ranks = new Map<Field, number>();
  private readonly names: Field[] = [];

  constructor(private readonly cap: number) {
    for (const field of FIELD_ORDER) this.rankOf(field);
  }

  size(): number {
    return this.fields.length;
  }

  /** A field's place in the order; one that was renewed stands right behind the one it renews. */
  rankOf(field: Field): number {
    const known = this.ranks.get(field);
    if (known !== undefined) return known;
    const original = originalOf(field);
    const rank = original === field ? this.names.length * 4 : this.rankOf(original) + 1;
    if (original === field) this.names.push(field);
    this.ranks.set(field, rank);
    this.byRank.set(rank, field);
    return rank;
  }
  private readonly byRank = new Map<number, Field>();

  fieldAt(rank: number): Field {
    return this.byRank.get(rank) ?? '';
  }

  rank(node: Node): number {
    return node < 0 ? Number.POSITIVE_INFINITY : (this.fields[node] as number);
  }

  endsOf(node: Node): readonly number[] {
    return this.ends[node] as readonly number[];
  }

  childrenOf(node: Node): readonly Node[] {
    return this.children[node] as readonly Node[];
  }

  /** `ends` are the last values of the ranges, rising, the last one unbounded. */
  node(rank: number, ends: readonly number[], children: readonly Node[]): Node {
    const keptEnds: number[] = [];
    const kept: Node[] = [];
    for (let at = 0; at < ends.length; at++) {
      const child = children[at] as Node;
      if (kept.length > 0 && kept[kept.length - 1] === child) keptEnds[kept.length - 1] = ends[at] as number;
      else {
        kept.push(child);
        keptEnds.push(ends[at] as number);
      }
    }
    if (kept.length === 1) return kept[0] as Node;
    let hash = rank;
    for (let at = 0; at < kept.length; at++) hash = mix(mix(hash, kept[at] as number), keptEnds[at] as number);
    const bucket = this.known.get(hash);
    if (bucket) for (const one of bucket) if (this.same(one, rank, keptEnds, kept)) return one;
    const id = this.fields.length;
    if (id >= this.cap) throw new TooLarge();
    this.fields.push(rank);
    this.ends.push(keptEnds);
    this.children.push(kept);
    if (bucket) bucket.push(id);
    else this.known.set(hash, [id]);
    return id;
  }

  private same(id: Node, rank: number, ends: readonly number[], children: readonly Node[]): boolean {
    if (this.fields[id] !== rank) return false;
    const [otherEnds, others] = [this.endsOf(id), this.childrenOf(id)];
    if (others.length !== children.length) return false;
    for (let at = 0; at < children.length; at++)
      if (others[at] !== children[at] || otherEnds[at] !== ends[at]) return false;
    return true;
  }

  /** `inside` where the field lies in one of the ranges, else `outside`. */
  test(field: Field, ranges: readonly number[], inside: Node, outside: Node): Node {
    const ends: number[] = [];
    const children: Node[] = [];
    let from = 0;
    for (let at = 0; at < ranges.length; at += 2) {
      const [first, last] = [ranges[at] as number, ranges[at + 1] as number];
      if (first > from) {
        ends.push(first - 1);
        children.push(outside);
      }
      ends.push(last);
      children.push(inside);
      from = last + 1;
    }
    if (ends.at(-1) !== Number.POSITIVE_INFINITY) {
      ends.push(Number.POSITIVE_INFINITY);
      children.push(outside);
    }
    return this.node(this.rankOf(field), ends, children);
  }

  childAt(node: Node, value: number): Node {
    const ends = this.endsOf(node);
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (ends[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return this.childrenOf(node)[low] as Node;
  }

  /** Splits several functions alike over the first field that any of them asks for, and joins what `each` makes of the parts. */
  split(nodes: readonly Node[], each: (parts: readonly Node[]) => Node): Node {
    let rank = Number.POSITIVE_INFINITY;
    for (const node of nodes) rank = Math.min(rank, this.rank(node));
    const at = nodes.map(() => 0);
    const asked = nodes.map((node) => this.rank(node) === rank);
    const ends: number[] = [];
    const children: Node[] = [];
    for (;;) {
      let end = Number.POSITIVE_INFINITY;
      const parts = nodes.map((node, index) => {
        if (!asked[index]) return node;
        end = Math.min(end, this.endsOf(node)[at[index] as number] as number);
        return this.childrenOf(node)[at[index] as number] as Node;
      });
      ends.push(end);
      children.push(each(parts));
      if (end === Number.POSITIVE_INFINITY) return this.node(rank, ends, children);
      for (let index = 0; index < nodes.length; index++)
        if (asked[index] && this.endsOf(nodes[index] as Node)[at[index] as number] === end)
          at[index] = (at[index] as number) + 1;
    }
  }
}

function mix(hash: number, value: number): number {
  const low = value === Number.POSITIVE_INFINITY ? -1 : value | 0;
  return Math.imul(hash ^ low, 0x9e3779b1) ^ (hash >>> 15);
}

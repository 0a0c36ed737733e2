import type { Condition, Field } from '../meaning/condition';
import { renewed } from '../meaning/fields';
import { Diagrams, type Node } from './diagram';
import { type Becomes, becameOf, kept, type Leaf, NO_WRITES } from './leaf';

/** Functions from packets to what they meet, built over shared diagrams. */
export class Algebra {
  readonly diagrams: Diagrams;
  private readonly leaves: Leaf[] = [];
  private readonly leafIds = new Map<string, Node>();
  private readonly choices = new Map<string, Node>();
  private readonly understood = new Map<Node, Map<Node, Node>>();
  readonly yes: Node;
  readonly no: Node;
  readonly next: Node;
  private readonly nothing: Node;

  constructor(cap: number) {
    this.diagrams = new Diagrams(cap);
    this.yes = this.leaf({ control: 'other', text: 'yes', writes: NO_WRITES, seen: [] });
    this.no = this.leaf({ control: 'other', text: 'no', writes: NO_WRITES, seen: [] });
    this.nothing = this.leaf({ control: 'other', text: 'nothing', writes: NO_WRITES, seen: [] });
    this.next = this.leaf({ control: 'next', text: '', writes: NO_WRITES, seen: [] });
  }

  leafOf(node: Node): Leaf {
    return this.leaves[-1 - node] as Leaf;
  }

  leaf(leaf: Leaf): Node {
    const texts: string[] = [];
    for (const [field, to] of leaf.writes)
      texts.push(
        `${field}=${'number' in to ? to.number : 'truth' in to ? `f${to.truth}` : `${to.field}-${to.less ?? 0}`}`,
      );
    const key = [leaf.control, leaf.text, texts.sort().join(','), ...leaf.seen].join('\u0000');
    const known = this.leafIds.get(key);
    if (known !== undefined) return known;
    this.leaves.push(leaf);
    const id = -this.leaves.length;
    this.leafIds.set(key, id);
    return id;
  }

  /** Where a condition holds. */
  condition(condition: Condition): Node {
    switch (condition.kind) {
      case 'always':
        return this.yes;
      case 'never':
        return this.no;
      case 'within':
        return this.diagrams.test(condition.field, condition.ranges, this.yes, this.no);
      case 'boxes':
        return this.boxes(
          condition.fields,
          condition.boxes,
          condition.boxes.map(() => this.yes),
          this.no,
        );
      case 'member':
        return this.condition(condition.of.condition());
      case 'not':
        return this.either(this.condition(condition.of), this.no, this.yes);
      case 'all':
        return balanced(
          condition.of.map((one) => this.condition(one)),
          (a, b) => this.either(a, b, this.no),
          this.yes,
        );
      case 'any':
        return balanced(
          condition.of.map((one) => this.condition(one)),
          (a, b) => this.either(a, this.yes, b),
          this.no,
        );
    }
  }

  /** The value of the first box that holds the packet, else `otherwise`. */
  boxes(
    fields: readonly Field[],
    boxes: readonly (readonly number[])[],
    values: readonly Node[],
    otherwise: Node,
  ): Node {
    const order = fields
      .map((field, index) => ({ index, rank: this.diagrams.rankOf(field), field }))
      .sort((a, b) => a.rank - b.rank);
    const build = (depth: number, members: readonly number[]): Node => {
      const column = order[depth];
      if (!column) return values[members[0] as number] as Node;
      const from = (member: number) => (boxes[member] as readonly number[])[2 * column.index] as number;
      const to = (member: number) => (boxes[member] as readonly number[])[2 * column.index + 1] as number;
      const groups = new Map<string, number[]>();
      for (const member of members) {
        const key = `${from(member)}-${to(member)}`;
        const group = groups.get(key);
        if (group) group.push(member);
        else groups.set(key, [member]);
      }
      const sorted = [...groups.values()].sort((a, b) => from(a[0] as number) - from(b[0] as number));
      const apart = sorted.every(
        (group, index) => index === 0 || from(group[0] as number) > to(sorted[index - 1]?.[0] as number),
      );
      if (!apart) {
        const middle = members.length >> 1;
        const half = (part: readonly number[]) =>
          this.boxes(
            fields,
            part.map((one) => boxes[one] as readonly number[]),
            part.map((one) => values[one] as Node),
            NOTHING,
          );
        if (members.length === 1) throw new Error('one box overlaps itself');
        return this.orElse(half(members.slice(0, middle)), half(members.slice(middle)));
      }
      const ends: number[] = [];
      const children: Node[] = [];
      let next = 0;
      for (const group of sorted) {
        const [first, last] = [from(group[0] as number), to(group[0] as number)];
        if (first > next) {
          ends.push(first - 1);
          children.push(NOTHING);
        }
        ends.push(last);
        children.push(build(depth + 1, group));
        next = last + 1;
      }
      if (ends.at(-1) !== Number.POSITIVE_INFINITY) {
        ends.push(Number.POSITIVE_INFINITY);
        children.push(NOTHING);
      }
      return this.diagrams.node(column.rank, ends, children);
    };
    const NOTHING = this.nothing;
    const built =
      boxes.length === 0
        ? NOTHING
        : build(
            0,
            boxes.map((_, index) => index),
          );
    return otherwise === NOTHING ? built : this.orElse(built, otherwise);
  }

  /** `second` where `first` gives nothing. */
  private orElse(first: Node, second: Node): Node {
    const nothing = this.nothing;
    return this.binary(`else`, first, second, (a, b) => (a === nothing ? b : a < 0 || a === b ? a : undefined));
  }

  /** `inside` where the condition holds, else `outside`. */
  either(condition: Node, inside: Node, outside: Node): Node {
    if (condition === this.yes) return inside;
    if (condition === this.no) return outside;
    if (inside === outside) return inside;
    if (inside === this.yes && outside === this.no) return condition;
    const key = `${condition},${inside},${outside}`;
    const known = this.choices.get(key);
    if (known !== undefined) return known;
    const result = this.diagrams.split([condition, inside, outside], ([a, b, c]) =>
      this.either(a as Node, b as Node, c as Node),
    );
    this.choices.set(key, result);
    return result;
  }

  /**
   * `second` for all that `first` lets go on. Where `first` writes, `second` asks for what was written: the two are not
   * split alike then.
   */
  chained(first: Node, second: Node): Node {
    if (second === this.next) return first;
    if (!this.writesIn(first))
      return this.binary('then', first, second, (a, b) => {
        if (a === this.next) return b;
        if (a >= 0) return undefined;
        return this.leafOf(a).control === 'next' ? this.under(a, b) : a;
      });
    if (first < 0) return this.under(first, second);
    const memo = this.memoOf('after');
    const key = first * 67108864 + second;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const children = this.diagrams.childrenOf(first).map((child) => this.chained(child, second));
    const result = this.ordered(this.diagrams.rank(first), this.diagrams.endsOf(first), children);
    memo.set(key, result);
    return result;
  }

  private readonly writing = new Map<Node, boolean>();

  /** Whether a packet that goes on may have been written to. */
  private writesIn(node: Node): boolean {
    const known = this.writing.get(node);
    if (known !== undefined) return known;
    const leaf = node < 0 ? this.leafOf(node) : undefined;
    const result = leaf
      ? leaf.control === 'next' && leaf.writes.size > 0
      : this.diagrams.childrenOf(node).some((child) => this.writesIn(child));
    this.writing.set(node, result);
    return result;
  }

  /** A decision whose children may ask for fields that come before its own. */
  private ordered(rank: number, ends: readonly number[], children: readonly Node[]): Node {
    if (children.every((child) => this.diagrams.rank(child) > rank)) return this.diagrams.node(rank, ends, children);
    return this.caseOf(this.diagrams.fieldAt(rank), ends, children);
  }

  private binary(name: string, first: Node, second: Node, decided: (a: Node, b: Node) => Node | undefined): Node {
    const memo = this.memoOf(name);
    const go = (a: Node, b: Node): Node => {
      const end = decided(a, b);
      if (end !== undefined) return end;
      const key = a * 67108864 + b;
      const known = memo.get(key);
      if (known !== undefined) return known;
      const result = this.diagrams.split([a, b], ([x, y]) => go(x as Node, y as Node));
      memo.set(key, result);
      return result;
    };
    return go(first, second);
  }

  private readonly memos = new Map<string, Map<number, Node>>();
  private memoOf(name: string): Map<number, Node> {
    let memo = this.memos.get(name);
    if (!memo) {
      memo = new Map();
      this.memos.set(name, memo);
    }
    return memo;
  }

  /** A function as it is after what a leaf wrote and saw. */
  under(leaf: Node, of: Node): Node {
    const { writes, seen } = this.leafOf(leaf);
    if (writes.size === 0 && seen.length === 0) return of;
    let memo = this.understood.get(leaf);
    if (!memo) {
      memo = new Map();
      this.understood.set(leaf, memo);
    }
    return this.substituted(of, writes, seen, memo);
  }

  private substituted(
    of: Node,
    writes: ReadonlyMap<Field, Becomes>,
    seen: readonly string[],
    memo: Map<Node, Node>,
  ): Node {
    const go = (node: Node): Node => {
      const known = memo.get(node);
      if (known !== undefined) return known;
      const result = node < 0 ? this.composed(node, writes, seen) : this.asked(node, writes, go);
      memo.set(node, result);
      return result;
    };
    return go(of);
  }

  private asked(node: Node, writes: ReadonlyMap<Field, Becomes>, go: (node: Node) => Node): Node {
    const rank = this.diagrams.rank(node);
    const becomes = becameOf(this.diagrams.fieldAt(rank), writes);
    if (becomes === undefined) {
      const [ends, children] = [this.diagrams.endsOf(node), this.diagrams.childrenOf(node).map(go)];
      return this.ordered(rank, ends, children);
    }
    if ('number' in becomes) return go(this.diagrams.childAt(node, becomes.number));
    if ('truth' in becomes)
      return this.either(becomes.truth, go(this.diagrams.childAt(node, 1)), go(this.diagrams.childAt(node, 0)));
    const { field, less = 0 } = becomes;
    const ends = this.diagrams.endsOf(node).map((end) => end + less);
    return this.caseOf(field, ends, this.diagrams.childrenOf(node).map(go));
  }

  /** The child for the field's value, wherever in the order the children stand. */
  private caseOf(field: Field, ends: readonly number[], children: readonly Node[]): Node {
    const build = (from: number, to: number): Node => {
      if (from === to) return children[from] as Node;
      const middle = (from + to) >> 1;
      const low = this.diagrams.test(field, [0, ends[middle] as number], this.yes, this.no);
      return this.either(low, build(from, middle), build(middle + 1, to));
    };
    return build(0, ends.length - 1);
  }

  private composed(node: Node, writes: ReadonlyMap<Field, Becomes>, seen: readonly string[]): Node {
    if (node === this.yes || node === this.no || node === this.nothing) return node;
    const leaf = this.leafOf(node);
    const all = new Map(writes);
    for (const [field, to] of leaf.writes) all.set(field, this.afterwards(to, writes));
    return this.leaf(kept({ ...leaf, writes: all, seen: [...seen, ...leaf.seen] }));
  }

  private afterwards(to: Becomes, writes: ReadonlyMap<Field, Becomes>): Becomes {
    if ('number' in to) return to;
    if ('field' in to && to.less !== undefined) {
      const before = writes.get(to.field);
      if (before && 'number' in before) return { number: Math.max(0, before.number - to.less) };
      return before && 'field' in before ? { field: before.field, less: to.less + (before.less ?? 0) } : to;
    }
    if ('field' in to) return becameOf(to.field, writes) ? { field: renewed(to.field) } : to;
    return { truth: this.substituted(to.truth, writes, [], new Map()) };
  }

  /** The same function with other leaves. */
  mapped(node: Node, change: (leaf: Leaf) => Leaf): Node {
    const memo = new Map<Node, Node>();
    const inLeaf = (one: Node): Node => {
      const [before, after] = [this.leafOf(one), change(this.leafOf(one))];
      return after === before ? one : this.leaf(after);
    };
    const go = (one: Node): Node => {
      const known = memo.get(one);
      if (known !== undefined) return known;
      const result =
        one < 0
          ? inLeaf(one)
          : this.diagrams.node(
              this.diagrams.rank(one),
              this.diagrams.endsOf(one),
              this.diagrams.childrenOf(one).map(go),
            );
      memo.set(one, result);
      return result;
    };
    return go(node);
  }

  /** What is left of a function when a field is known. */
  known(node: Node, field: Field, value: number): Node {
    const rank = this.diagrams.rankOf(field);
    const memo = new Map<Node, Node>();
    const go = (one: Node): Node => {
      const done = memo.get(one);
      if (done !== undefined) return done;
      const result =
        one < 0 ? inLeaf(one) : this.diagrams.rank(one) === rank ? go(this.diagrams.childAt(one, value)) : inside(one);
      memo.set(one, result);
      return result;
    };
    const inside = (one: Node): Node =>
      this.diagrams.node(this.diagrams.rank(one), this.diagrams.endsOf(one), this.diagrams.childrenOf(one).map(go));
    const inLeaf = (one: Node): Node => {
      const leaf = this.leafOf(one);
      if (![...leaf.writes.values()].some((to) => 'truth' in to)) return one;
      const writes = [...leaf.writes].map(([written, to]): [Field, Becomes] => {
        if (!('truth' in to)) return [written, to];
        const truth = go(to.truth);
        return [written, truth === this.yes ? { number: 1 } : truth === this.no ? { number: 0 } : { truth }];
      });
      return this.leaf({ ...leaf, writes: new Map(writes) });
    };
    return go(node);
  }

  /** The same decisions with a function in the place of each leaf. */
  replaced(node: Node, by: (leaf: Leaf) => Node): Node {
    const memo = new Map<Node, Node>();
    const go = (one: Node): Node => {
      const known = memo.get(one);
      if (known !== undefined) return known;
      const result =
        one < 0
          ? by(this.leafOf(one))
          : this.ordered(this.diagrams.rank(one), this.diagrams.endsOf(one), this.diagrams.childrenOf(one).map(go));
      memo.set(one, result);
      return result;
    };
    return go(node);
  }
}

export function balanced(nodes: readonly Node[], join: (a: Node, b: Node) => Node, none: Node): Node {
  if (nodes.length === 0) return none;
  if (nodes.length === 1) return nodes[0] as Node;
  const middle = nodes.length >> 1;
  return join(balanced(nodes.slice(0, middle), join, none), balanced(nodes.slice(middle), join, none));
}

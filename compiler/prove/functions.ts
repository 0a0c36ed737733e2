import { all, bit, type Condition, type Field, within } from '../meaning/condition';
import { ctStateNumber, isRenewed, REROUTED, ROUTED_BY, renewed, routedBit, stateIs } from '../meaning/fields';
import type { Base } from '../meaning/program';
import type { Observed, Routine, Sentence, Step, Write } from '../meaning/steps';
import { Diagrams, type Node } from './diagram';

/** What is written to a field: a number, the outcome of a function, or another field's place. */
export type Becomes =
  | { readonly number: number }
  | { readonly truth: Node }
  /** `less`: what the other field says, less this. */
  | { readonly field: Field; readonly less?: number };

/** What a packet met: how it goes on, what was done to it, and what was seen. */
export interface Leaf {
  readonly control: 'next' | 'return' | 'accept' | 'drop' | 'reject' | 'queue' | 'other';
  readonly text: string;
  readonly writes: ReadonlyMap<Field, Becomes>;
  readonly seen: readonly string[];
}

const NO_WRITES: ReadonlyMap<Field, Becomes> = new Map();

/** Functions from packets to what they meet, built over shared diagrams. */
export class Functions {
  readonly diagrams: Diagrams;
  private readonly leaves: Leaf[] = [];
  private readonly leafIds = new Map<string, Node>();
  private readonly choices = new Map<string, Node>();
  private readonly understood = new Map<Node, Map<Node, Node>>();
  readonly yes: Node;
  readonly no: Node;
  readonly next: Node;
  private readonly nothing: Node;

  constructor(
    private readonly ignored: ReadonlySet<Observed>,
    cap: number,
    /** The number of the name of the host's own interface, by which it sends to itself. */
    private readonly lo: number,
  ) {
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
    const writes = [...leaf.writes].sort(([a], [b]) => (a < b ? -1 : 1));
    const texts = writes.map(
      ([field, to]) =>
        `${field}=${'number' in to ? to.number : 'truth' in to ? `f${to.truth}` : `${to.field}-${to.less ?? 0}`}`,
    );
    const key = [leaf.control, leaf.text, texts.join(','), ...leaf.seen].join('\u0000');
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

  private readonly routines = new Map<Routine, Node>();

  /** What a chain does; what it does not decide goes on. The chains it leads to come first, however deep that is. */
  routine(routine: Routine): Node {
    const open = [routine];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const before = this.routines.has(top) ? [] : ledTo(top).filter((one) => !this.routines.has(one));
      if (before.length > 0) {
        open.push(...before);
        continue;
      }
      open.pop();
      if (!this.routines.has(top)) this.routines.set(top, this.chainOf(top));
    }
    return this.routines.get(routine) as Node;
  }

  private chainOf({ rules }: Routine): Node {
    const each = rules.map((sentence) => this.sentence(sentence));
    return balanced(each, (a, b) => this.chained(a, b), this.next);
  }

  private sentence({ steps }: Sentence): Node {
    return this.bitsOnly(steps) ?? this.steps(steps, this.next);
  }

  /**
   * A rule that sets bits where other bits are so, as one outcome for all packets: rules that copy a mark bit by bit
   * would else have an outcome for every number that the mark can be.
   */
  private bitsOnly(steps: readonly Step[]): Node | undefined {
    const conditions = steps.flatMap((step) => (step.kind === 'when' ? [step.condition] : []));
    const writes = steps.flatMap((step) =>
      step.kind === 'act' && step.action.kind === 'write' ? step.action.writes : [],
    );
    const acted = steps.findIndex(({ kind }) => kind !== 'when');
    if (acted < 1 || conditions.length !== acted || steps.length !== acted + 1 || writes.length === 0) return undefined;
    if (!conditions.every(asksBits) || !writes.every(({ field, to }) => BIT.test(field) && to !== 'unknown'))
      return undefined;
    const holds = this.condition(all(...conditions));
    const truths = writes.map(({ field, to }): [Field, Becomes] => {
      const value = typeof to === 'number' ? (to === 0 ? this.no : this.yes) : this.condition(to as Condition);
      return [field, { truth: this.either(holds, value, this.condition(bit(field))) }];
    });
    return this.leaf({ control: 'next', text: '', writes: new Map(truths), seen: [] });
  }

  /** `after` is what follows the steps when all of them hold. */
  private steps(steps: readonly Step[], after: Node): Node {
    let result = after;
    for (const step of [...steps].reverse()) result = this.step(step, result);
    return result;
  }

  private step(step: Step, after: Node): Node {
    switch (step.kind) {
      case 'when':
        return this.either(this.condition(step.condition), after, this.next);
      case 'act': {
        const { action } = step;
        if (action.kind === 'observe') {
          if (this.ignored.has(action.what)) return after;
          return this.chained(
            this.leaf({ control: 'next', text: '', writes: NO_WRITES, seen: [`${action.what}: ${action.text}`] }),
            after,
          );
        }
        return this.chained(this.written(action.writes), after);
      }
      case 'verdict':
        return step.verdict.kind === 'continue' ? after : this.decision(step.verdict);
      case 'choose': {
        const values = step.rows.map(({ steps }) => this.steps(steps, after));
        const boxed = step.rows.flatMap(({ boxes }, index) =>
          (boxes ?? []).map((box) => ({ box, value: values[index] as Node })),
        );
        const rest = step.rows.findIndex(({ boxes }) => boxes === undefined);
        const otherwise = rest < 0 ? this.next : (values[rest] as Node);
        const chosen = step.fields
          ? this.boxes(
              step.fields,
              boxed.map(({ box }) => box),
              boxed.map(({ value }) => value),
              otherwise,
            )
          : step.rows.reduceRight<Node>(
              (below, { condition }, index) => this.either(this.condition(condition), values[index] as Node, below),
              this.next,
            );
        return this.either(this.condition(step.guard), chosen, this.next);
      }
    }
  }

  private written(writes: readonly Write[]): Node {
    const all = new Map<Field, Becomes>();
    for (const { field, to } of writes) {
      if (typeof to === 'number') all.set(field, { number: to });
      else if (to === 'unknown') {
        this.diagrams.rankOf(renewed(field));
        all.set(field, { field: renewed(field) });
      } else {
        const truth = this.condition(to);
        if (truth === this.yes) all.set(field, { number: 1 });
        else if (truth === this.no) all.set(field, { number: 0 });
        else all.set(field, { truth });
      }
    }
    return this.leaf({ control: 'next', text: '', writes: all, seen: [] });
  }

  private decision(decision: Extract<Step, { kind: 'verdict' }>['verdict']): Node {
    switch (decision.kind) {
      case 'continue':
        return this.next;
      case 'jump':
        return this.mapped(this.routine(decision.chain), (leaf) =>
          leaf.control === 'return' ? { ...leaf, control: 'next' } : leaf,
        );
      case 'goto':
        return this.mapped(this.routine(decision.chain), (leaf) =>
          leaf.control === 'next' ? { ...leaf, control: 'return' } : leaf,
        );
      case 'reject':
      case 'queue':
      case 'other':
        return this.leaf({ control: decision.kind, text: decision.text, writes: NO_WRITES, seen: [] });
      default:
        return this.leaf({ control: decision.kind, text: '', writes: NO_WRITES, seen: [] });
    }
  }

  /** The same function with other leaves. */
  mapped(node: Node, change: (leaf: Leaf) => Leaf): Node {
    const memo = new Map<Node, Node>();
    const go = (one: Node): Node => {
      const known = memo.get(one);
      if (known !== undefined) return known;
      const result =
        one < 0
          ? this.leaf(change(this.leafOf(one)))
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

  /** What a base chain does, its policy included; `next` is what it lets pass. */
  base({ chain, type, policy, priority, hook }: Base): Node {
    const end = (leaf: Leaf): Leaf => {
      if (leaf.control === 'accept') return { ...leaf, control: 'next' };
      if (leaf.control !== 'next' && leaf.control !== 'return') return kept(leaf);
      return kept({ ...leaf, control: policy === 'accept' ? 'next' : 'drop' });
    };
    const asked = this.routine(chain);
    const late = () => this.afterConntrack(this.mapped(asked, (leaf) => end(type === 'route' ? rerouted(leaf) : leaf)));
    if (priority >= -200 || (hook !== 'prerouting' && hook !== 'output')) return late();
    const early = this.beforeConntrack(
      this.mapped(asked, (leaf) => end(withoutEntry(type === 'route' ? rerouted(leaf) : leaf))),
    );
    // What the host sends to itself comes in with the entry that it went out with.
    return hook === 'output' ? early : this.either(this.looped(), late(), early);
  }

  /** Whether a packet comes in that the host sent to itself. */
  looped(): Node {
    return this.condition(within('iif', this.lo, this.lo));
  }

  /** What is tracked stays so: `notrack` comes too late for it (nft_notrack_eval, xt_ct_target). */
  private afterConntrack(node: Node): Node {
    const untracked = this.condition(stateIs('invalid', 'untracked'));
    return this.replaced(node, (leaf) => {
      const own = this.leaf(leaf);
      if (!leaf.writes.has('ct.state')) return own;
      const writes = new Map([...leaf.writes].filter(([field]) => field !== 'ct.state'));
      return this.either(untracked, own, this.leaf({ ...leaf, writes }));
    });
  }

  /** Before conntrack has seen it, a packet is invalid to all that ask, unless it is not to be tracked. */
  private beforeConntrack(node: Node): Node {
    const rank = this.diagrams.rankOf('ct.state');
    if (this.diagrams.rank(node) !== rank) return node;
    const untracked = ctStateNumber('untracked');
    const [invalid, other] = [this.diagrams.childAt(node, 0), this.diagrams.childAt(node, untracked)];
    return this.diagrams.node(rank, [untracked - 1, Number.POSITIVE_INFINITY], [invalid, other]);
  }
}

/** What was written to a field. One that stands for what nobody can tell is another each time that it is written. */
function becameOf(field: Field, writes: ReadonlyMap<Field, Becomes>): Becomes | undefined {
  const becomes = writes.get(field);
  if (becomes || !isRenewed(field)) return becomes;
  const taken = [...writes.values()].some((one) => 'field' in one && one.less === undefined && one.field === field);
  return taken ? { field: renewed(field) } : undefined;
}

/** Before conntrack there is no entry to write to (nft_ct_set_eval, xt_connmark). */
function withoutEntry(leaf: Leaf): Leaf {
  return { ...leaf, writes: new Map([...leaf.writes].filter(([field]) => !/^ct (mark|label)\b/.test(field))) };
}

/** Chains of type route have the way chosen again for what they change. */
function rerouted(leaf: Leaf): Leaf {
  if (leaf.control !== 'next' && leaf.control !== 'accept' && leaf.control !== 'return') return leaf;
  const writes = new Map(leaf.writes);
  for (const [field, to] of leaf.writes) {
    const routed = routedBit(field);
    if (routed !== undefined) writes.set(routed, to);
    else if (ROUTED_BY.test(field)) writes.set(REROUTED, { number: 1 });
  }
  return { ...leaf, writes };
}

/** Of a packet that goes no further only what stays behind counts: what was seen, and its connection's mark. */
function kept(leaf: Leaf): Leaf {
  if (leaf.control !== 'drop' && leaf.control !== 'reject') return leaf;
  const writes = new Map([...leaf.writes].filter(([field]) => field.startsWith('ct mark')));
  return { ...leaf, writes, seen: leaf.seen.filter((text) => !/^(nat|mangle): /.test(text)) };
}

const BIT = /^(mark|ct mark)\.\d+$/;

function asksBits(condition: Condition): boolean {
  switch (condition.kind) {
    case 'within':
      return BIT.test(condition.field) || condition.field === 'ct.state';
    case 'all':
    case 'any':
      return condition.of.every(asksBits);
    case 'not':
      return asksBits(condition.of);
    case 'boxes':
      return false;
    default:
      return true;
  }
}

function ledTo({ rules }: Routine): Routine[] {
  const of = (steps: readonly Step[]): Routine[] =>
    steps.flatMap((step) => {
      if (step.kind === 'choose') return step.rows.flatMap((row) => of(row.steps));
      return step.kind === 'verdict' && 'chain' in step.verdict ? [step.verdict.chain] : [];
    });
  return rules.flatMap(({ steps }) => of(steps));
}

function balanced(nodes: readonly Node[], join: (a: Node, b: Node) => Node, none: Node): Node {
  if (nodes.length === 0) return none;
  if (nodes.length === 1) return nodes[0] as Node;
  const middle = nodes.length >> 1;
  return join(balanced(nodes.slice(0, middle), join, none), balanced(nodes.slice(middle), join, none));
}

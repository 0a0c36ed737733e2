import { all, bit, type Condition, type Field, within } from '../meaning/condition';
import { ctStateNumber, renewed, stateIs } from '../meaning/fields';
import type { Base } from '../meaning/program';
import type { Observed, Routine, Sentence, Step, Write } from '../meaning/steps';
import { Algebra, balanced } from './algebra';
import type { Node } from './diagram';
import { type Becomes, kept, type Leaf, NO_WRITES, rerouted, withoutEntry } from './leaf';

/** Rules, chains and base chains as functions from packets to what they meet. */
export class Functions extends Algebra {
  constructor(
    private readonly ignored: ReadonlySet<Observed>,
    cap: number,
    /** The number of the name of the host's own interface, by which it sends to itself. */
    private readonly lo: number,
  ) {
    super(cap);
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
        const { fields, rows } = step.rows.all();
        const values = rows.map(({ steps }) => this.steps(steps, after));
        const boxed = rows.flatMap(({ boxes }, index) =>
          (boxes ?? []).map((box) => ({ box, value: values[index] as Node })),
        );
        const rest = rows.findIndex(({ boxes }) => boxes === undefined);
        const otherwise = rest < 0 ? this.next : (values[rest] as Node);
        const chosen = fields
          ? this.boxes(
              fields,
              boxed.map(({ box }) => box),
              boxed.map(({ value }) => value),
              otherwise,
            )
          : rows.reduceRight<Node>(
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

  private readonly bases = new Map<Base, Node>();

  /** What a base chain does, its policy included; `next` is what it lets pass. */
  base(base: Base): Node {
    const known = this.bases.get(base);
    if (known !== undefined) return known;
    const node = this.baseOf(base);
    this.bases.set(base, node);
    return node;
  }

  private baseOf({ chain, type, policy, priority, hook }: Base): Node {
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
    case 'member':
      return false;
    default:
      return true;
  }
}

function ledTo({ rules }: Routine): Routine[] {
  const of = (steps: readonly Step[]): Routine[] =>
    steps.flatMap((step) => {
      if (step.kind === 'choose') return step.rows.all().rows.flatMap((row) => of(row.steps));
      return step.kind === 'verdict' && 'chain' in step.verdict ? [step.verdict.chain] : [];
    });
  return rules.flatMap(({ steps }) => of(steps));
}

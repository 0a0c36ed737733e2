import type { Hook } from '../../dsl/ruleset/tree';
import { boxAt, type Field, holds } from '../meaning/condition';
import { ctStateNumber, DESTINATION_DONE, renewed, SOURCE_DONE } from '../meaning/fields';
import { translatedAt } from '../meaning/journey';
import type { Base, Program } from '../meaning/program';
import type { Decision, Observed, Routine, Sentence, Step } from '../meaning/steps';

/** A packet and what surrounds it: the value of every field that matters. Others are 0. */
export type Facts = ReadonlyMap<Field, number>;

/** Where a packet goes when it is not for the host itself. */
export type Route =
  | { readonly kind: 'input' }
  | { readonly kind: 'forward'; readonly oif: number }
  | { readonly kind: 'nowhere' };

/** A rule whose matches all held, or a policy. */
export interface Met {
  readonly base: Base;
  readonly routine: Routine;
  /** Undefined: the policy of the base chain. */
  readonly sentence: Sentence | undefined;
  /** What it said at last; undefined when the packet goes on to the next rule. */
  readonly decision: Decision | undefined;
  /** Fields it wrote, with what they say now. */
  readonly writes: readonly (readonly [Field, number])[];
  readonly observations: readonly string[];
}

export interface Evaluation {
  /** The hooks it came to. */
  readonly hooks: readonly Hook[];
  readonly met: readonly Met[];
  /** `accept` when no hook held it up. */
  readonly verdict: Decision['kind'];
  readonly text: string;
  /** What decided; undefined when it was accepted by none in particular. */
  readonly decisive: Met | undefined;
  /** What was seen on the way, in order. */
  readonly observations: readonly { readonly what: Observed; readonly text: string }[];
  /** What fields say in the end. */
  read(field: Field): number;
  /** What they said when a way was chosen for it; 0 when it did not come so far. */
  readWhenRouted(field: Field): number;
}

/** Leads a packet from hook to hook, as the kernel does. `route` is asked after prerouting. */
export function evaluate(
  program: Program,
  facts: Facts,
  start: 'prerouting' | 'output',
  route: (read: (field: Field) => number) => Route,
): Evaluation {
  return new Walk(program, facts).from(start, route);
}

class Walk {
  private readonly values: Map<Field, number>;
  private readonly met: Met[] = [];
  private readonly seen: { what: Observed; text: string }[] = [];
  private readonly hooks: Hook[] = [];
  private beforeConntrack = false;
  private routed: Facts = new Map();

  constructor(
    private readonly program: Program,
    private readonly facts: Facts,
  ) {
    this.values = new Map(facts);
  }

  from(start: 'prerouting' | 'output', route: (read: (field: Field) => number) => Route): Evaluation {
    const first = this.hook(start);
    if (first) return this.end(first);
    this.routed = new Map(this.values);
    if (start === 'output') return this.end(this.hook('postrouting'));
    const way = route(this.read);
    if (way.kind === 'nowhere') return this.end(undefined);
    if (way.kind === 'input') return this.end(this.hook('input'));
    this.values.set('oif', way.oif);
    return this.end(this.hook('forward') ?? this.hook('postrouting'));
  }

  private readonly read = (field: Field): number => {
    const value = this.values.get(field) ?? 0;
    if (field === 'ct.state' && this.beforeConntrack && value !== ctStateNumber('untracked'))
      return ctStateNumber('invalid');
    return value;
  };

  private end(decision: Decision | undefined): Evaluation {
    const last = this.met.at(-1);
    return {
      hooks: this.hooks,
      met: this.met,
      verdict: decision?.kind ?? 'accept',
      text: decision && 'text' in decision ? decision.text : '',
      decisive: decision ? last : undefined,
      observations: this.seen,
      read: this.read,
      readWhenRouted: (field) => this.routed.get(field) ?? 0,
    };
  }

  /** What ended the packet's way at a hook, if anything did. */
  private hook(hook: Hook): Decision | undefined {
    this.hooks.push(hook);
    let translated = false;
    for (const base of this.program.bases) {
      if (base.hook !== hook) continue;
      if (!translated && base.priority > translatedAt(hook)) {
        translated = true;
        this.translate(hook);
      }
      this.beforeConntrack = base.priority < -200 && (hook === 'prerouting' || hook === 'output');
      if (base.type === 'nat' && !this.isFirst(hook)) continue;
      const decision = this.routine(base, base.chain);
      if (decision === undefined || decision.kind === 'return') {
        if (base.policy === 'accept') continue;
        const drop: Decision = { kind: 'drop' };
        this.met.push({ base, routine: base.chain, sentence: undefined, decision: drop, writes: [], observations: [] });
        return drop;
      }
      if (decision.kind !== 'accept') return decision;
    }
    this.beforeConntrack = false;
    if (!translated) this.translate(hook);
    return undefined;
  }

  private isFirst(hook: Hook): boolean {
    const done = hook === 'prerouting' || hook === 'output' ? DESTINATION_DONE : SOURCE_DONE;
    return this.read('ct.state') === ctStateNumber('new') && this.read(done) === 0;
  }

  /** Later packets of a connection are translated without a rule; the facts say to what. */
  private translate(hook: Hook): void {
    if (this.read('ct.state') === ctStateNumber('new')) return;
    const side = hook === 'prerouting' || hook === 'output' ? /^(daddr|dport|fib daddr)/ : /^(saddr|sport|fib saddr)/;
    for (const [field, value] of this.facts)
      if (field.endsWith('~') && side.test(field)) this.values.set(field.slice(0, -1), value);
  }

  private routine(base: Base, routine: Routine): Decision | undefined {
    for (const sentence of routine.rules) {
      const notes: { writes: [Field, number][]; observations: string[] } = { writes: [], observations: [] };
      const decision = this.steps(sentence.steps, notes);
      if (decision === 'over') continue;
      this.met.push({ base, routine, sentence, decision, ...notes });
      if (decision === undefined || decision.kind === 'continue') continue;
      if (decision.kind !== 'jump' && decision.kind !== 'goto') return decision;
      const inner = this.routine(base, decision.chain);
      if (inner && inner.kind !== 'return') return inner;
      if (decision.kind === 'goto') return inner;
    }
    return undefined;
  }

  /** `over` when a match did not hold. */
  private steps(
    steps: readonly Step[],
    notes: { writes: [Field, number][]; observations: string[] },
  ): Decision | undefined | 'over' {
    for (const step of steps)
      switch (step.kind) {
        case 'when':
          if (!holds(step.condition, this.read)) return 'over';
          break;
        case 'verdict':
          return step.verdict;
        case 'act':
          this.act(step, notes);
          break;
        case 'choose': {
          const row = this.rowOf(step);
          if (!row) return 'over';
          const decision = this.steps(row.steps, notes);
          if (decision !== undefined) return decision;
          break;
        }
      }
    return undefined;
  }

  private rowOf(step: Extract<Step, { kind: 'choose' }>) {
    if (!holds(step.guard, this.read)) return undefined;
    if (!step.fields) return step.rows.find(({ condition }) => holds(condition, this.read));
    const point = step.fields.map(this.read);
    return step.rows.find(({ boxes }) => boxes === undefined || boxAt(boxes, point) >= 0);
  }

  private act(
    { action }: Extract<Step, { kind: 'act' }>,
    notes: { writes: [Field, number][]; observations: string[] },
  ): void {
    if (action.kind === 'observe') {
      this.seen.push({ what: action.what, text: action.text });
      notes.observations.push(action.text);
      return;
    }
    const values = action.writes.map(({ field, to }): [Field, number] => {
      if (typeof to === 'number') return [field, to];
      if (to === 'unknown') return [field, this.facts.get(renewed(field)) ?? this.read(field)];
      return [field, Number(holds(to, this.read))];
    });
    for (const [field, value] of values) {
      this.values.set(field, value);
      notes.writes.push([field, value]);
    }
  }
}

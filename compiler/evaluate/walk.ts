import type { Hook } from '../../dsl/ruleset/tree';
import { type Field, holds } from '../meaning/condition';
import {
  ctStateNumber,
  DESTINATION_DONE,
  isRenewed,
  OPENING,
  REROUTED,
  ROUTED_BY,
  renewed,
  routedBit,
  SOURCE_DONE,
} from '../meaning/fields';
import { OF_FRAGMENTS, PUT_TOGETHER_AT, translatedAt } from '../meaning/journey';
import type { Base, Program } from '../meaning/program';
import type { Decision, Observed, Routine, Row, Sentence, Step } from '../meaning/steps';
import { alsoWritten } from '../meaning/volatile';

/** A packet and what surrounds it: the value of every field that matters. Others are 0. */
export type Facts = ReadonlyMap<Field, number>;

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
  readonly observations: readonly { readonly what: Observed; readonly text: string }[];
  /** The elements of maps that were looked up. */
  readonly rows: readonly Row[];
  /** What fields said when the rule was asked. */
  before(field: Field): number;
}

interface Notes {
  readonly writes: [Field, number][];
  readonly observations: { what: Observed; text: string }[];
  readonly rows: Row[];
}

/** What a field says that no packet carries: where an address leads; undefined when it is carried after all. */
export type Derive = (field: Field, read: (field: Field) => number) => number | undefined;

const TRACKED: ReadonlySet<number> = new Set((['established', 'related', 'new'] as const).map(ctStateNumber));

/** What conntrack keeps with a connection. */
const OF_ENTRY = /^ct (mark|label)\b/;

/** A packet on its way: it is led from hook to hook, and changed and decided on by the chains there, in the kernel's order. */
export class Walk {
  readonly met: Met[] = [];
  readonly seen: { what: Observed; text: string }[] = [];
  private readonly values: Map<Field, number>;
  private beforeConntrack = false;
  /** A packet of the host's to itself comes in with the entry that it went out with. */
  private tracked = false;

  constructor(
    private readonly facts: Facts,
    private readonly derive: Derive = () => undefined,
  ) {
    this.values = new Map(facts);
  }

  readonly read = (field: Field): number => this.readFrom(this.values, this.beforeConntrack, field);

  set(field: Field, value: number): void {
    this.values.set(field, value);
  }

  /** Who passes a packet on takes one from the hops that it has left. */
  takeHop({ derived }: Program): void {
    this.values.set('ttl', Math.max(0, this.read('ttl') - 1));
    for (const field of alsoWritten(derived, ['ttl'])) {
      const told = this.facts.get(renewed(field));
      if (told !== undefined) this.values.set(field, told);
    }
  }

  /** The fields as they are now. */
  now(): Facts {
    return new Map(this.values);
  }

  private readFrom(values: Facts, beforeConntrack: boolean, field: Field): number {
    const value = values.get(field);
    if (field === 'ct.state' && beforeConntrack && value !== ctStateNumber('untracked'))
      return ctStateNumber('invalid');
    if (value !== undefined && !field.startsWith('fib ')) return value;
    return this.derive(field, (other) => values.get(other) ?? 0) ?? value ?? 0;
  }

  /** The fields' values at this time, for later. */
  snapshot(): (field: Field) => number {
    const [values, beforeConntrack] = [this.now(), this.beforeConntrack];
    return (field) => this.readFrom(values, beforeConntrack, field);
  }

  /** Whether the first thing that a rule asks for holds: most rules end there. */
  private begins([first]: readonly Step[]): boolean {
    return first?.kind !== 'when' || holds(first.condition, this.read);
  }

  private chooseAgain(writes: readonly (readonly [Field, unknown])[]): void {
    for (const [field] of writes) {
      const routed = routedBit(field);
      if (routed !== undefined) this.values.set(routed, this.read(field));
      else if (ROUTED_BY.test(field)) this.values.set(REROUTED, 1);
    }
  }

  /** What ended the packet's way at a hook, if anything did. */
  hook(program: Program, hook: Hook): Decision | undefined {
    let translated = false;
    let together = !program.tracks || (hook !== 'prerouting' && hook !== 'output');
    const looped = hook === 'prerouting' && this.isLooped(program);
    for (const base of program.bases) {
      if (base.hook !== hook) continue;
      if (!together && base.priority >= PUT_TOGETHER_AT) {
        together = true;
        this.putTogether();
      }
      if (!translated && base.priority > translatedAt(hook)) {
        translated = true;
        this.translate(program, hook);
      }
      this.beforeConntrack =
        base.priority < -200 && !this.tracked && !looped && (hook === 'prerouting' || hook === 'output');
      if (base.type === 'nat' && !this.isFirst(hook, program)) continue;
      const count = this.met.length;
      const decision = this.routine(base, base.chain);
      if (base.type === 'route') this.chooseAgain(this.met.slice(count).flatMap(({ writes }) => writes));
      if (decision === undefined) {
        if (base.policy === 'accept') continue;
        const drop: Decision = { kind: 'drop' };
        this.met.push({
          base,
          routine: base.chain,
          sentence: undefined,
          decision: drop,
          writes: [],
          observations: [],
          rows: [],
          before: this.snapshot(),
        });
        return drop;
      }
      if (decision.kind !== 'accept') return decision;
    }
    this.beforeConntrack = false;
    if (program.plane !== 'bridge' && program.plane !== 'arp' && (hook === 'prerouting' || hook === 'output'))
      this.tracked = TRACKED.has(this.read('ct.state'));
    if (!together) this.putTogether();
    if (!translated) this.translate(program, hook);
    return undefined;
  }

  private putTogether(): void {
    for (const field of OF_FRAGMENTS) if (this.values.has(field)) this.values.set(field, 0);
  }

  private isLooped({ names }: Program): boolean {
    return this.read('iif') === names.numberOf('lo');
  }

  private isFirst(hook: Hook, program: Program): boolean {
    const done = hook === 'prerouting' || hook === 'output' ? DESTINATION_DONE : SOURCE_DONE;
    const looped = (hook === 'prerouting' || hook === 'input') && this.isLooped(program);
    return holds(OPENING, this.read) && this.read(done) === 0 && !looped;
  }

  /** Later packets of a connection are translated without a rule; the facts say to what. */
  private translate({ plane, derived }: Program, hook: Hook): void {
    if (plane === 'bridge' || plane === 'arp' || holds(OPENING, this.read)) return;
    const isDestination = hook === 'prerouting' || hook === 'output';
    const side = isDestination ? /^(daddr|dport|fib daddr type)/ : /^(saddr|sport|fib saddr type)/;
    const also = new Set(alsoWritten(derived, isDestination ? ['daddr', 'dport'] : ['saddr', 'sport']));
    for (const [field, value] of this.facts) {
      if (!isRenewed(field)) continue;
      const renews = field.slice(0, -1);
      if (side.test(renews) || also.has(renews)) this.values.set(renews, value);
    }
  }

  private routine(base: Base, start: Routine): Decision | undefined {
    const open = [{ routine: start, next: 0 }];
    for (let frame = open.at(-1); frame; frame = open.at(-1)) {
      const { routine } = frame;
      const sentence = routine.rules[frame.next++];
      if (!sentence) {
        open.pop();
        continue;
      }
      const notes: Notes = { writes: [], observations: [], rows: [] };
      if (!this.begins(sentence.steps)) continue;
      const before = this.snapshot();
      const decision = this.steps(sentence.steps, notes);
      if (decision === 'over') continue;
      this.met.push({ base, routine, sentence, decision, ...notes, before });
      switch (decision?.kind) {
        case undefined:
        case 'continue':
          break;
        case 'return':
          open.pop();
          break;
        case 'goto':
          open.pop();
          open.push({ routine: decision.chain, next: 0 });
          break;
        case 'jump':
          open.push({ routine: decision.chain, next: 0 });
          break;
        default:
          return decision;
      }
    }
    return undefined;
  }

  /** `over` when a match did not hold. */
  private steps(steps: readonly Step[], notes: Notes): Decision | undefined | 'over' {
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
          const row = holds(step.guard, this.read) ? step.rows.find(this.read) : undefined;
          if (!row) return 'over';
          notes.rows.push(row);
          const decision = this.steps(row.steps, notes);
          // `continue` is said to the rule: what stands behind the look-up is still done.
          if (decision !== undefined && (decision === 'over' || decision.kind !== 'continue')) return decision;
          break;
        }
      }
    return undefined;
  }

  private act({ action }: Extract<Step, { kind: 'act' }>, notes: Notes): void {
    if (action.kind === 'observe') {
      this.seen.push({ what: action.what, text: action.text });
      notes.observations.push({ what: action.what, text: action.text });
      return;
    }
    const values = action.writes.map(({ field, to, first }): [Field, number] => {
      if (typeof to === 'number') return [field, to];
      if (to !== 'unknown') return [field, Number(holds(to, this.read))];
      const told = this.facts.get(renewed(field)) ?? first ?? this.derive(renewed(field), this.read);
      return [field, told ?? this.read(field)];
    });
    for (const [field, value] of values) {
      // There is no entry to write to yet (nft_ct_set_eval, xt_connmark).
      if (this.beforeConntrack && OF_ENTRY.test(field)) continue;
      // What is tracked stays so (nft_notrack_eval, xt_ct_target).
      if (field === 'ct.state' && !this.beforeConntrack && TRACKED.has(this.read(field))) continue;
      this.values.set(field, value);
      notes.writes.push([field, value]);
    }
  }
}

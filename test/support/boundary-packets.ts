import type { Facts } from '../../compiler/evaluate/evaluate';
import type { Condition, Field } from '../../compiler/meaning/condition';
import { CT_STATES } from '../../compiler/meaning/fields';
import type { Program } from '../../compiler/meaning/program';
import type { Routine, Step } from '../../compiler/meaning/steps';
import { oneOf, type Random } from './random';

/** What rules ask of packets, so that packets can be drawn from where their answers change. */
export class Boundaries {
  private readonly values = new Map<Field, Set<number>>();
  private readonly rules: (readonly Condition[])[] = [];

  constructor(programs: readonly Program[]) {
    const seen = new Set<Routine>();
    const visit = (routine: Routine): void => {
      if (seen.has(routine)) return;
      seen.add(routine);
      for (const { steps } of routine.rules) {
        this.rules.push(this.conditionsOf(steps));
        for (const chain of chainsIn(steps)) visit(chain);
      }
    };
    for (const { bases } of programs) for (const { chain } of bases) visit(chain);
  }

  /** A packet for which a random rule holds, as far as that is easy; all else is random. */
  packet(below: Random): Facts {
    const facts = new Map<Field, number>();
    for (const [field, values] of this.values) facts.set(field, oneOf(below, [0, ...values]));
    facts.set('ct.state', below(CT_STATES.length));
    if (below(2) === 0) facts.set('ct.state', CT_STATES.length - 2);
    for (const field of ['iif', 'oif']) if (!facts.get(field)) facts.set(field, 1);
    for (let count = below(3); count > 0 && this.rules.length > 0; count--)
      for (const condition of oneOf(below, this.rules)) satisfy(condition, facts, below);
    // A connection begins in its own direction, untranslated.
    if (facts.get('ct.state') === CT_STATES.findIndex(([name]) => name === 'new'))
      for (const field of [...facts.keys()])
        if (/^ct\.(status|direction)|^ct original/.test(field)) facts.delete(field);
    return new Map([...facts].filter(([field]) => !field.startsWith('!')));
  }

  private conditionsOf(steps: readonly Step[]): readonly Condition[] {
    return steps.flatMap((step): Condition[] => {
      switch (step.kind) {
        case 'when':
          this.learn(step.condition);
          return [step.condition];
        case 'choose':
          this.learn(step.guard);
          for (const row of step.rows.all().rows) {
            this.learn(row.condition);
            this.conditionsOf(row.steps);
          }
          return [step.guard];
        default:
          return [];
      }
    });
  }

  private learn(condition: Condition): void {
    switch (condition.kind) {
      case 'within':
        for (const range of pairs(condition.ranges)) this.add(condition.field, range);
        break;
      case 'boxes':
        for (const [index, field] of condition.fields.entries())
          for (const box of condition.boxes) this.add(field, [box[2 * index] as number, box[2 * index + 1] as number]);
        break;
      case 'member':
        this.learn(condition.of.condition());
        break;
      case 'all':
      case 'any':
        for (const one of condition.of) this.learn(one);
        break;
      case 'not':
        this.learn(condition.of);
    }
  }

  private add(field: Field, [first, last]: readonly [number, number]): void {
    const values = this.values.get(field) ?? new Set();
    this.values.set(field, values);
    for (const value of [first - 1, first, last, last + 1]) if (value >= 0 && value < 2 ** 53) values.add(value);
  }
}

function pairs(ranges: readonly number[]): (readonly [number, number])[] {
  return Array.from({ length: ranges.length / 2 }, (_, at) => [ranges[2 * at] as number, ranges[2 * at + 1] as number]);
}

function satisfy(condition: Condition, facts: Map<Field, number>, below: Random): void {
  switch (condition.kind) {
    case 'within':
      facts.set(condition.field, oneOf(below, pairs(condition.ranges))[0]);
      break;
    case 'boxes': {
      const box = oneOf(below, condition.boxes);
      for (const [index, field] of condition.fields.entries()) facts.set(field, box[2 * index] as number);
      break;
    }
    case 'member':
      satisfy(condition.of.condition(), facts, below);
      break;
    case 'all':
      for (const one of condition.of) satisfy(one, facts, below);
      break;
    case 'any':
      satisfy(oneOf(below, condition.of), facts, below);
      break;
    case 'not':
      avoid(condition.of, facts);
  }
}

function avoid(condition: Condition, facts: Map<Field, number>): void {
  if (condition.kind === 'member') avoid(condition.of.condition(), facts);
  if (condition.kind !== 'within') return;
  const [last] = condition.ranges.slice(-1) as [number];
  const [first] = condition.ranges as [number];
  facts.set(condition.field, first > 0 ? first - 1 : last + 1 < 2 ** 53 ? last + 1 : 0);
}

function chainsIn(steps: readonly Step[]): Routine[] {
  return steps.flatMap((step) => {
    if (step.kind === 'choose') return step.rows.all().rows.flatMap((row) => chainsIn(row.steps));
    return step.kind === 'verdict' && 'chain' in step.verdict ? [step.verdict.chain] : [];
  });
}

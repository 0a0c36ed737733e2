import type { ElementChange, RuleChange } from '../../compiler';
import type { HostOp } from '../host/port';

/**
 * prepare: new things that no packet can reach yet; switch: the ruleset, in one transaction; activate: what is new goes
 * up; record: what is now applied is written down; retire: what leaves is deleted, the only steps without an undo.
 */
export const PHASES = ['prepare', 'switch', 'activate', 'record', 'retire'] as const;
export type Phase = (typeof PHASES)[number];

export interface Step {
  readonly phase: Phase;
  /** What an operator reads: `add bridge tn-front`. */
  readonly title: string;
  readonly do: HostOp;
  readonly undo: readonly HostOp[] | 'irreversible';
  /** The part of the intent that it is done for. */
  readonly subject?: Subject;
  /** What it changes in sets of the ruleset, and in chains that were there before. */
  readonly elements?: readonly ElementChange[];
  readonly rules?: readonly RuleChange[];
}

export interface Subject {
  readonly kind: 'network' | 'container';
  readonly name: string;
}

/** Says what the steps are done for. */
export function doneFor(kind: Subject['kind'], name: string, steps: readonly Step[]): Step[] {
  const subject: Subject = { kind, name };
  return steps.map((step) => ({ ...step, subject }));
}

export function inOrder(steps: readonly Step[]): Step[] {
  return PHASES.flatMap((phase) => steps.filter((step) => step.phase === phase));
}

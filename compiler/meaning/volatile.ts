import type { Condition, Field } from './condition';
import { isRenewed } from './fields';
import type { Routine, Sentence, Step, Write } from './steps';

/**
 * What is asked of a packet as a whole (a hash, raw bytes, a checksum, whether a set that changes has an address, the
 * routes) says something else when headers or marks are written to; nobody can tell what.
 */
const DERIVED = /^(@|fib |\?(?!limit|quota|ct count|numgen)|.* checksum$)/;
/** Of a translation these are known, or written by it. */
const KNOWN: ReadonlySet<Field> = new Set(['fib daddr type', 'fib saddr type']);
const OF_MARK = /\bmark\b/;
const BIT_OF_MARK = /^(ct )?mark\./;
/** These are told by name in what is made of headers: a hash of an address says the same whatever the ports are. */
const NAMED = /^\?.*\b(jhash|has|is in)\b/;

const OF_TRANSPORT = /^@(th|ih),/;
const OF_NETWORK = /^(ttl|dscp|ecn)$/;

/** The fields of these routines that are made of others. */
export function derivedFields(routines: Iterable<Routine>): readonly Field[] {
  const found = new Set<Field>();
  const askField = (field: Field): void => {
    if (DERIVED.test(field) && !KNOWN.has(field)) found.add(field);
  };
  const ask = (condition: Condition): void => {
    switch (condition.kind) {
      case 'within':
        askField(condition.field);
        break;
      case 'boxes':
        condition.fields.forEach(askField);
        break;
      case 'member':
        condition.of.fields.forEach(askField);
        break;
      case 'not':
        ask(condition.of);
        break;
      case 'all':
      case 'any':
        for (const one of condition.of) ask(one);
    }
  };
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps)
      if (step.kind === 'when') ask(step.condition);
      else if (step.kind === 'choose') {
        ask(step.guard);
        // What a row does asks for nothing that is made of others.
        for (const condition of step.rows.conditions()) ask(condition);
      }
  };
  for (const { rules } of routines) for (const { steps } of rules) visit(steps);
  return [...found];
}

/** The fields that change when one of those written to does. */
export function alsoWritten(derived: readonly Field[], written: readonly Field[]): readonly Field[] {
  const isMark = written.some((field) => BIT_OF_MARK.test(field));
  const headers = written.filter(isHeader);
  const parts = headers.map((field) => /^([sd])(addr|port)/.exec(field)?.[0]);
  return derived.filter((field) => {
    if (written.includes(field)) return false;
    if (isMark && OF_MARK.test(field)) return true;
    if (headers.length === 0) return false;
    // No checksum of a transport is over these.
    if (OF_TRANSPORT.test(field) && headers.every((header) => OF_NETWORK.test(header))) return false;
    return !NAMED.test(field) || parts.some((part) => part === undefined || field.includes(part));
  });
}

/** Conntrack, marks and notes of this model's own are no headers. */
function isHeader(field: Field): boolean {
  return !isRenewed(field) && !/^(!|\?|ct[ .]|mark\.|fib |meta )/.test(field);
}

/** The same rules, writing to what is made of what they write to. */
export function withDerived(rules: readonly Sentence[], derived: readonly Field[]): readonly Sentence[] {
  if (derived.length === 0) return rules;
  const again = (steps: readonly Step[]): readonly Step[] =>
    steps.map((step): Step => {
      if (step.kind === 'choose') return { ...step, rows: step.rows.with(again) };
      if (step.kind !== 'act' || step.action.kind !== 'write') return step;
      const { writes } = step.action;
      const more = alsoWritten(
        derived,
        writes.map(({ field }) => field),
      ).map((field): Write => ({ field, to: 'unknown' }));
      return more.length === 0 ? step : { kind: 'act', action: { kind: 'write', writes: [...writes, ...more] } };
    });
  return rules.map(({ rule, steps }) => ({ rule, steps: again(steps) }));
}

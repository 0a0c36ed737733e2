import { assertNever } from '../../dsl/core/brand';
import type {
  Element,
  Expression,
  Log,
  MapReference,
  NamedObject,
  NamedSet,
  Statement,
  Verdict,
} from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText, plainPrefix, statementText } from '../targets/nft/notation';
import { observe, unknownStep, when, write } from './acts';
import { assignSteps } from './assignment';
import { ALWAYS, all, any, bit, type Condition, type Field, NEVER, not, within } from './condition';
import { queueSteps, rejectSteps, synproxySteps } from './ends';
import { ctStateNumber, unknown } from './fields';
import { headerGuard } from './guards';
import { contentsText, hasKey, isLearnt, keyText } from './learnt';
import { found, lookup } from './lookups';
import type { Reading } from './reading';
import { ListedRows } from './rows';
import type { Decision, Observed, Step, Write } from './steps';
import type { Surroundings } from './surroundings';
import { readable } from './terms';
import { conditionOf, rateName, statefulTest } from './tests';
import { natSteps } from './translation';

type SetUpdate = Extract<Statement, { kind: 'set-update' }>;

/** What a rule's statements mean, one after the other. */
export function stepsOf(statements: readonly Statement[], around: Surroundings): readonly Step[] {
  if (onlyLogs(statements)) return logSteps(statements, around);
  const steps: Step[] = statements.flatMap((statement) => askedFirst(statement, around.reading));
  if (steps.some(isNever)) return steps;
  for (const statement of statements) {
    const more = stepsOfOne(statement, around);
    steps.push(...more);
    // What stands behind is not asked: limits of another family's rules are not counted among this one's.
    if (more.some(isNever)) break;
  }
  return steps;
}

function isNever(step: Step): boolean {
  return step.kind === 'when' && step.condition.kind === 'never';
}

/**
 * What nft puts before all that a rule says, so that nothing is logged or counted that is not rejected (src/evaluate.c,
 * stmt_reject_gen_dependency).
 */
function askedFirst(statement: Statement, reading: Reading): readonly Step[] {
  if (statement.kind !== 'reject') return [];
  switch (statement.with?.kind) {
    case 'tcp reset':
      return [when(within('l4proto', 6, 6))];
    case 'icmp':
      return [when(headerGuard('ip', reading))];
    case 'icmpv6':
      return [when(headerGuard('ip6', reading))];
    default:
      return [];
  }
}

/** Rules that do nothing but log from their limit on: nobody but them asks it. */
function onlyLogs(statements: readonly Statement[]): boolean {
  const limit = statements.findIndex(({ kind }) => kind === 'limit');
  return limit >= 0 && statements.slice(limit).every(({ kind }) => ['match', 'limit', 'log', 'counter'].includes(kind));
}

function logSteps(statements: readonly Statement[], around: Surroundings): readonly Step[] {
  const { reading } = around;
  const own: Reading = { ...reading, occurrence: (text) => reading.occurrence(`${text} of a log`) };
  const steps: Step[] = [];
  for (const statement of statements) {
    const more = statement.kind === 'limit' ? statefulSteps(statement, own, '', 'log') : stepsOfOne(statement, around);
    steps.push(...more);
    if (more.some(isNever)) break;
  }
  return steps;
}

function stepsOfOne(statement: Statement, around: Surroundings): readonly Step[] {
  const { reading, sets } = around;
  switch (statement.kind) {
    case 'match':
      return matchSteps(statement, around);
    case 'verdict':
      return [verdictStep(statement.verdict, around)];
    case 'vmap':
      return (
        lookup(statement.key, statement.map, around, (data) =>
          isVerdict(data) ? [verdictStep(data, around)] : undefined,
        ) ?? [found(statement.key, statement.map, around), unknownStep(statement)]
      );
    case 'counter':
      return [];
    case 'object':
      return objectSteps(statement, around);
    case 'limit':
    case 'quota':
    case 'connlimit':
      return statefulSteps(statement, reading);
    case 'log':
      return [observe('log', logText(statement))];
    case 'reject':
      return rejectSteps(statement.with, reading);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return natSteps(statement, around);
    case 'notrack':
      return [observe('other', 'notrack'), write({ field: 'ct.state', to: ctStateNumber('untracked') })];
    case 'assign':
      return assignSteps(statement, around);
    case 'set-update': {
      const set = sets.get(statement.set);
      const isAsked = around.asked.has(statement.set);
      const text = `${statement.op} ${keyText(statement.key)} to ${setText(set?.name ?? statement.set, statement.timeoutMs ?? set?.timeoutMs)}`;
      return [
        when(all(readable(statement.key, reading), ...(set && isAsked ? [taken(statement, set)] : []))),
        // What is asked for is no longer a note for others to read: it decides.
        observe(isAsked ? 'stateful' : 'set', text),
        ...(set && isAsked ? [learnt(statement, set, around)] : []),
        ...statement.statements.flatMap((inner) =>
          statefulSteps(inner, reading, ` of ${statement.set} by ${keyText(statement.key)}`),
        ),
      ];
    }
    case 'queue':
      return queueSteps(statementText({ ...statement, flags: [...statement.flags].sort() }));
    case 'tproxy': {
      const { family, ...plain } = statement;
      if (family && family !== reading.plane) return [when(NEVER)];
      const text = statementText(plain);
      return [when(bit(unknown(`${text} finds a socket`))), observe('other', text)];
    }
    case 'dup':
    case 'reset-option':
      return [observe('other', statementText(statement))];
    case 'fwd':
      return [{ kind: 'verdict', verdict: { kind: 'other', text: statementText(statement) } }];
    case 'synproxy':
      return synproxySteps(statementText({ ...statement, flags: [...statement.flags].sort() }));
    case 'either': {
      if (!statement.negated && statement.alternatives.some((all) => all.some(({ kind }) => kind === 'set-update')))
        return [chosen(statement.alternatives, around)];
      const alternatives = statement.alternatives.map((alternative) =>
        all(
          ...alternative.map((one) =>
            one.kind === 'match' ? conditionOf(one, reading, sets) : bit(unknown(statementText(one))),
          ),
        ),
      );
      const some = any(...alternatives);
      return [when(statement.negated ? not(some) : some)];
    }
    case 'opaque':
      switch (statement.role) {
        case 'match': {
          const name = unknown(statement.stateful ? reading.occurrence(statement.text) : statement.text);
          return [...(statement.stateful ? [observe('stateful', name)] : []), when(bit(name))];
        }
        case 'action':
          return [observe('other', statement.text)];
        case 'verdict':
          return [{ kind: 'verdict', verdict: { kind: 'other', text: statement.text } }];
      }
      break;
    default:
      return assertNever(statement);
  }
}

/** The first alternative whose matches hold and whose sets take what it adds, with what it does. */
function chosen(alternatives: readonly (readonly Statement[])[], around: Surroundings): Step {
  const element: Element = { key: 'default', origin: { kind: 'program' } };
  return {
    kind: 'choose',
    guard: ALWAYS,
    rows: new ListedRows(
      alternatives.map((alternative) => ({
        condition: all(...alternative.map((one) => holds(one, around))),
        steps: alternative.flatMap((one) => (one.kind === 'match' ? [] : stepsOfOne(one, around))),
        element,
      })),
    ),
  };
}

function holds(statement: Statement, { reading, sets }: Surroundings): Condition {
  if (statement.kind === 'match') return conditionOf(statement, reading, sets);
  const set = statement.kind === 'set-update' ? sets.get(statement.set) : undefined;
  return statement.kind === 'set-update' && set ? taken(statement, set) : ALWAYS;
}

/** Whether a set takes the key: one that is full takes no more, and the rule ends there. */
function taken({ op, key }: SetUpdate, set: NamedSet): Condition {
  return op === 'delete' ? ALWAYS : any(hasKey(set, key), not(bit(unknown(`@${set.name} is full`))));
}

/** From now on the set has the key, or has it no more; what it has by other keys nobody can tell. */
function learnt({ op, key }: SetUpdate, set: NamedSet, { asked }: Surroundings): Step {
  const own = fieldIn(hasKey(set, key));
  const others = (asked.get(set.name) ?? []).map((other) => fieldIn(hasKey(set, other)));
  const fields = [...new Set(others)].filter((field) => field !== undefined && field !== own);
  return write(
    ...(own === undefined ? [] : [{ field: own, to: op === 'delete' ? 0 : 1 }]),
    ...fields.map((field): Write => ({ field: field as Field, to: 'unknown' })),
  );
}

function setText(name: string, timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? name : `${name} for ${timeoutMs} ms`;
}

/** Asking something that remembers being asked is itself seen. */
function statefulSteps(
  statement: Statement,
  reading: Reading,
  owner = '',
  what: Observed = 'stateful',
): readonly Step[] {
  const condition = statefulTest(statement, { ...reading, occurrence: (text) => reading.occurrence(text + owner) });
  const field = fieldIn(condition);
  return field === undefined ? [] : [observe(what, field), when(condition)];
}

function fieldIn(condition: Condition): Field | undefined {
  if (condition.kind === 'within') return condition.field;
  return condition.kind === 'not' ? fieldIn(condition.of) : undefined;
}

function matchSteps(match: Extract<Statement, { kind: 'match' }>, around: Surroundings): readonly Step[] {
  const { reading, sets } = around;
  const set = match.right.kind === 'named set' ? sets.get(match.right.name) : undefined;
  const limited =
    set &&
    (set.limit !== undefined ||
      set.elements.some(({ statements }) => statements?.some(({ kind }) => kind !== 'counter')));
  if (!set || !limited || isLearnt(set) || match.op !== '==') return askedSteps(conditionOf(match, reading, sets));
  const map: MapReference = { kind: 'anonymous', elements: set.elements };
  const rows = lookup(match.left, map, around, (_, { statements = [] }) =>
    statements.flatMap((one) => statefulSteps(one, reading)),
  );
  return rows ?? [when(conditionOf(match, reading, sets))];
}

/** A counter that is asked for the next number remembers that it was. */
function askedSteps(condition: Condition): readonly Step[] {
  const drawn = fieldsIn(condition).filter((field) => field.startsWith('?numgen'));
  return [...[...new Set(drawn)].map((field) => observe('stateful', field)), when(condition)];
}

function fieldsIn(condition: Condition): readonly Field[] {
  switch (condition.kind) {
    case 'within':
      return [condition.field];
    case 'boxes':
      return condition.fields;
    case 'member':
      return condition.of.fields;
    case 'not':
      return fieldsIn(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(fieldsIn);
    default:
      return [];
  }
}

function verdictStep(verdict: Verdict, around: Surroundings): Step {
  const decision: Decision =
    'chain' in verdict ? { kind: verdict.kind, chain: around.routine(verdict.chain) } : { kind: verdict.kind };
  return { kind: 'verdict', verdict: decision };
}

function objectSteps({ object, name }: Extract<Statement, { kind: 'object' }>, around: Surroundings): readonly Step[] {
  const text = typeof name === 'string' ? name : chosenText(name, object, around);
  const found = around.table.objects.find((one) => one.kind === object && one.name === name);
  switch (object) {
    case 'counter':
      return [observe('counter', text)];
    case 'ct helper':
      return [observe('other', `ct helper ${found?.kind === 'ct helper' ? found.helper : text}`)];
    case 'limit':
    case 'quota': {
      // Of what one rule alone asks, the name says nothing.
      if (found?.kind === object && around.own.has(`${object} ${found.name}`))
        return statefulSteps(
          found.kind === 'limit' ? { kind: 'limit', rate: found.rate } : { kind: 'quota', quota: found.quota },
          around.reading,
        );
      const size =
        found?.kind === 'limit' ? rateName(found.rate) : found?.kind === 'quota' ? `${found.quota.bytes} bytes` : '';
      const field = unknown(`${object} ${text}, ${size}`);
      const has = bit(field);
      const over = found && (found.kind === 'limit' ? found.rate.over : found.kind === 'quota' && found.quota.over);
      return [observe('stateful', field), when(over ? not(has) : has)];
    }
  }
}

/** An object that a map chooses is the same where the map and all objects of the kind are. */
function chosenText(name: Expression, object: NamedObject['kind'], { table, sets }: Surroundings): string {
  const map = name.kind === 'map' && name.map.kind === 'named' ? sets.get(name.map.name) : undefined;
  const sizes = table.objects.flatMap((one) =>
    one.kind === object
      ? [`${one.name} ${one.kind === 'limit' ? rateName(one.rate) : one.kind === 'quota' ? one.quota.bytes : ''}`]
      : [],
  );
  return [expressionText(name), map ? contentsText(map) : '', ...sizes.sort()].join(' ');
}

const LOG_FLAGS = ['tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether'] as const;
const LOG_LEVELS = { level: 'warn' } as const;

/** With what the kernel takes for what is not said, and a prefix as nft can have it. */
function logText({ prefix, ...rest }: Log): string {
  const plain = plainPrefix(prefix ?? '');
  const log: Log = plain === '' ? rest : { ...rest, prefix: plain };
  if (log.group !== undefined) return statementText({ ...log, flags: [] });
  const flags = log.flags.includes('all') ? LOG_FLAGS : log.flags;
  return statementText({ ...LOG_LEVELS, ...log, flags: [...flags].sort() });
}

import { assertNever } from '../../dsl/core/brand';
import type {
  Element,
  Expression,
  Log,
  MapReference,
  NamedObject,
  NamedSet,
  Nat,
  Reject,
  Statement,
  Table,
  Verdict,
} from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText, mapText, plainPrefix, statementText } from '../targets/nft/notation';
import { ALWAYS, all, any, bit, type Condition, type Field, NEVER, not, within } from './condition';
import { bitsOf, ctStateNumber, DESTINATION_DONE, SOURCE_DONE, unknown, wordsOf } from './fields';
import { headerGuard } from './guards';
import type { Reading } from './reading';
import type { Choose, Decision, Observed, Routine, Row, Step, Write } from './steps';
import { keyTerms, readable, type Term, termOf } from './terms';
import {
  boxesByElement,
  boxFields,
  conditionOf,
  contentsText,
  elementCondition,
  hasKey,
  isLearnt,
  keyText,
  rateName,
  type Sets,
  statefulTest,
} from './tests';
import { constantValue, rangeOf } from './values';

type SetUpdate = Extract<Statement, { kind: 'set-update' }>;

export interface Surroundings {
  readonly reading: Reading;
  readonly table: Table;
  readonly sets: Sets;
  /** The sets of the table that something looks a key up in, with the keys. */
  readonly asked: ReadonlyMap<string, readonly Expression[]>;
  /** Objects that one rule alone refers to, by kind and name. */
  readonly own: ReadonlySet<string>;
  routine(chain: string): Routine;
}

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
    fields: undefined,
    rows: alternatives.map((alternative) => ({
      boxes: undefined,
      condition: all(...alternative.map((one) => holds(one, around))),
      steps: alternative.flatMap((one) => (one.kind === 'match' ? [] : stepsOfOne(one, around))),
      element,
    })),
  };
}

function holds(statement: Statement, { reading, sets }: Surroundings): Condition {
  if (statement.kind === 'match') return conditionOf(statement, reading, sets);
  const set = statement.kind === 'set-update' ? sets.get(statement.set) : undefined;
  return statement.kind === 'set-update' && set ? taken(statement, set) : ALWAYS;
}

/** A program gets it, and says whether it goes on behind this hook's chain; so does what nobody takes (nf_reinject). */
function queueSteps(text: string): readonly Step[] {
  const element: Element = { key: 'default', origin: { kind: 'program' } };
  const verdict = (decision: Decision): readonly Step[] => [{ kind: 'verdict', verdict: decision }];
  return [
    observe('other', text),
    {
      kind: 'choose',
      guard: ALWAYS,
      fields: undefined,
      rows: [
        {
          boxes: undefined,
          condition: bit(unknown(`${text} lets it pass`)),
          steps: verdict({ kind: 'accept' }),
          element,
        },
        { boxes: undefined, condition: ALWAYS, steps: verdict({ kind: 'queue', text }), element },
      ],
    },
  ];
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

/** It takes what opens a connection, or answers what it sent; the rest goes on (nf_synproxy_core.c). */
function synproxySteps(text: string): readonly Step[] {
  const element: Element = { key: 'default', origin: { kind: 'program' } };
  const takes: Step = { kind: 'verdict', verdict: { kind: 'other', text } };
  return [
    {
      kind: 'choose',
      guard: ALWAYS,
      fields: undefined,
      rows: [
        { boxes: undefined, condition: bit(unknown(`${text} takes it`)), steps: [takes], element },
        { boxes: undefined, condition: ALWAYS, steps: [], element },
      ],
    },
  ];
}

function setText(name: string, timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? name : `${name} for ${timeoutMs} ms`;
}

function when(condition: Condition): Step {
  return { kind: 'when', condition };
}

function observe(what: Observed, text: string): Step {
  return { kind: 'act', action: { kind: 'observe', what, text } };
}

function write(...writes: readonly Write[]): Step {
  return { kind: 'act', action: { kind: 'write', writes } };
}

function unknownStep(statement: Statement): Step {
  return { kind: 'verdict', verdict: { kind: 'other', text: statementText(statement) } };
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

/** A look-up in a map; undefined when its keys are not in the model. */
function lookup(
  key: Expression,
  map: MapReference,
  { reading, sets }: Surroundings,
  stepsFor: (data: Expression | Verdict | undefined, element: Element) => readonly Step[] | undefined,
): readonly Step[] | undefined {
  const named = map.kind === 'named' ? sets.get(map.name) : undefined;
  const elements = map.kind === 'anonymous' ? map.elements : named?.elements;
  if (!elements || (named && isLearnt(named))) return undefined;
  const parts = keyTerms(key, named !== undefined, reading);
  const terms = parts.filter((term) => term !== undefined);
  if (terms.length < parts.length) return undefined;
  const guard = all(...terms.map((term) => term.guard));
  if (guard.kind === 'never') return [when(NEVER)];
  const fields = boxFields(terms);
  const known = fields ? boxesByElement(terms, elements, reading) : [];
  const rows: Row[] = [];
  const others: Row[] = [];
  // Data of one map are all of a kind. What is read of the first is kept: a rate that is read twice is two rates.
  const [head] = elements;
  const first = head && stepsFor(head.data, head);
  if (head && !first) return undefined;
  for (const [index, element] of elements.entries()) {
    const boxes = known[index];
    const condition: Condition | undefined =
      boxes && fields ? { kind: 'boxes', fields, boxes } : elementCondition(terms, element, reading);
    if (!condition) return undefined;
    (element.key === 'default' ? others : rows).push(
      rowOf(element, boxes, condition, index === 0 && first ? () => first : stepsFor),
    );
  }
  rows.push(...others);
  const boxed = rows.every(({ boxes, element }) => boxes !== undefined || element.key === 'default');
  const step: Choose = {
    kind: 'choose',
    guard,
    fields: boxed ? fields : undefined,
    rows,
  };
  const drawn = terms.flatMap((term) =>
    term.kind === 'number' && term.field.startsWith('?numgen') ? [term.field] : [],
  );
  return [...drawn.map((field) => observe('stateful', field)), step];
}

/** Maps have many rows, of which a packet meets one: what the others do need not be read. Verdicts lead to chains, which are. */
function rowOf(
  element: Element,
  boxes: Row['boxes'],
  condition: Condition,
  stepsFor: (data: Expression | Verdict | undefined, element: Element) => readonly Step[] | undefined,
): Row {
  const read = () => stepsFor(element.data, element) ?? [];
  if (element.data === undefined || isVerdict(element.data)) return { boxes, condition, element, steps: read() };
  let steps: readonly Step[] | undefined;
  const get = () => {
    steps ??= read();
    return steps;
  };
  return Object.defineProperty({ boxes, condition, element, steps: [] }, 'steps', { enumerable: true, get });
}

/** Whether a map whose keys are not in the model, or that changes, has the packet's. */
function found(key: Expression, map: MapReference, { reading, sets }: Surroundings): Step {
  const named = map.kind === 'named' ? sets.get(map.name) : undefined;
  const has = named ? hasKey(named, key) : bit(unknown(`${expressionText(key)} is in ${mapText(map)}`));
  return when(all(readable(key, reading), has));
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

/** What nft's codes for both families are in each (nft(8), reject). */
const ICMPX: Readonly<Record<string, { readonly ip: string; readonly ip6: string }>> = {
  'port-unreachable': { ip: 'port-unreachable', ip6: 'port-unreachable' },
  'admin-prohibited': { ip: 'admin-prohibited', ip6: 'admin-prohibited' },
  'no-route': { ip: 'net-unreachable', ip6: 'no-route' },
  'host-unreachable': { ip: 'host-unreachable', ip6: 'addr-unreachable' },
};

function rejectSteps(reject: Reject | undefined, reading: Reading): readonly Step[] {
  const { plane } = reading;
  const decide = (text: string): Step => ({ kind: 'verdict', verdict: { kind: 'reject', text } });
  if (!reject) return [decide('port-unreachable')];
  switch (reject.kind) {
    case 'tcp reset':
      return [decide('tcp reset')];
    case 'icmp':
    case 'icmpv6':
      return [decide(reject.code)];
    case 'icmpx':
      return [decide(ICMPX[reject.code]?.[plane === 'ip6' ? 'ip6' : 'ip'] ?? reject.code)];
  }
}

function natSteps(nat: Nat, around: Surroundings): readonly Step[] {
  const { reading } = around;
  const { plane } = reading;
  if (nat.family && nat.family !== plane) return [when(NEVER)];
  const destination = nat.kind === 'dnat' || nat.kind === 'redirect';
  if (nat.address?.kind === 'map') {
    const { key, map } = nat.address;
    const rows = lookup(key, map, around, (data) => {
      if (!data || isVerdict(data)) return undefined;
      const [address, port] = data.kind === 'concat' ? data.parts : [data, nat.port];
      return address && translation({ ...nat, address, ...(port ? { port } : {}) }, destination, around);
    });
    return rows ?? [found(key, map, around), unknownStep(nat)];
  }
  if (nat.port?.kind === 'map') {
    const { key, map } = nat.port;
    const rows = lookup(key, map, around, (port) =>
      !port || isVerdict(port) ? undefined : translation({ ...nat, port }, destination, around),
    );
    return rows ?? [found(key, map, around), unknownStep(nat)];
  }
  return translation(nat, destination, around);
}

/** The first packet of a connection is translated; what its headers say from then on, and that it was done. */
function translation(nat: Nat, destination: boolean, { reading }: Surroundings): readonly Step[] {
  const { plane } = reading;
  const side = destination ? 'daddr' : 'saddr';
  const addressFields = plane === 'ip6' ? wordsOf(`${side}6`) : [side];
  const portField = destination ? 'dport' : 'sport';
  const addressType = plane === 'ip6' ? ('ipv6_addr' as const) : ('ipv4_addr' as const);
  const address = nat.address && rangeOf(nat.address, addressType);
  const port = nat.port && rangeOf(nat.port, 'inet_service');
  if ((nat.address && !address) || (nat.port && !port)) return [unknownStep(nat)];
  const word = (value: bigint, index: number) =>
    Number((value >> BigInt(32 * (addressFields.length - 1 - index))) & 0xffffffffn);
  const fixed = address && address[0] === address[1] ? address[0] : undefined;
  const moved = nat.address !== undefined || nat.kind === 'masquerade' || nat.kind === 'redirect';
  const writes: Write[] = [
    ...(moved
      ? addressFields.map((field, index): Write => {
          if (fixed !== undefined) return { field, to: word(fixed, index) };
          return { field, to: 'unknown', ...(address ? { first: word(address[0], index) } : {}) };
        })
      : []),
    ...(port
      ? [{ field: portField, to: port[0] === port[1] ? Number(port[0]) : ('unknown' as const), first: Number(port[0]) }]
      : []),
  ];
  const same = all(...writes.map(({ field, to }) => (typeof to === 'number' ? within(field, to, to) : NEVER)));
  const about = destination ? 'daddr' : 'saddr';
  const flags = [...nat.flags].sort().join(' ');
  const what = nat.kind === 'dnat' || nat.kind === 'snat' ? `${nat.kind} to` : nat.kind;
  const target = nat.prefix ? `prefix ${expressionText(nat.address as Expression)}` : rangesText(address, plane);
  const text = [what, target, port ? `port ${port[0] === port[1] ? port[0] : `${port[0]}-${port[1]}`}` : '', flags]
    .filter((part) => part !== '')
    .join(' ');
  return [
    ...(port ? [when(headerGuard('transport', reading))] : []),
    observe('nat', text),
    write(
      ...writes,
      { field: `fib ${about} type`, to: 'unknown' },
      { field: bitsOf('ct.status', 16)[destination ? 5 : 4] as Field, to: not(same) },
      { field: destination ? DESTINATION_DONE : SOURCE_DONE, to: 1 },
    ),
    { kind: 'verdict', verdict: { kind: 'accept' } },
  ];
}

function rangesText(range: readonly [bigint, bigint] | undefined, plane: Reading['plane']): string {
  if (!range) return '';
  const text = (value: bigint) =>
    plane === 'ip6'
      ? expressionText({ kind: 'ipv6', value: value as never })
      : expressionText({ kind: 'ipv4', value: Number(value) as never });
  return range[0] === range[1] ? text(range[0]) : `${text(range[0])}-${text(range[1])}`;
}

function assignSteps(statement: Extract<Statement, { kind: 'assign' }>, around: Surroundings): readonly Step[] {
  const { reading } = around;
  const { target, value } = statement;
  const written = termOf(target, reading);
  if (target.kind === 'field' && target.field === 'meta nftrace') return [observe('log', 'trace')];
  if (!written) return [observe('mangle', statementText(statement))];
  if (value.kind === 'map') {
    const ownKey = expressionText(value.key) === expressionText(target);
    const rows = lookup(value.key, value.map, around, (data, { key }) => {
      if (!data || isVerdict(data)) return undefined;
      // What is there already is not written.
      if (ownKey && key !== 'default' && expressionText(key) === expressionText(data)) return [];
      return assignSteps({ ...statement, value: data }, around);
    });
    return (
      rows ?? [
        found(value.key, value.map, around),
        observe('mangle', statementText(statement)),
        write(...unknownWrites(written)),
      ]
    );
  }
  const constant = constantValue(value, written.type);
  const guard = target.kind === 'ct' ? ALWAYS : written.guard;
  switch (written.kind) {
    case 'bits': {
      const fields = fieldsOf(written);
      const bits =
        constant === undefined
          ? undefined
          : fields.map((_, index) => ((constant >> BigInt(index)) & 1n ? ALWAYS : NEVER));
      const source = bits ? undefined : termOf(value, reading);
      const read =
        bits ?? (source?.kind === 'bits' ? fields.map((_, index) => source.bits[index] ?? NEVER) : undefined);
      if (!read) return [observe('mangle', statementText(statement)), write(...unknownWrites(written))];
      return [
        when(all(guard, source?.guard ?? ALWAYS)),
        write(...fields.map((field, index) => ({ field, to: read[index] as Condition }))),
      ];
    }
    case 'number':
      if (constant !== undefined)
        return [
          when(guard),
          // What is written here a translation may write too; there the translation is what is compared.
          ...(/^[sd](addr|port)/.test(written.field) ? [observe('mangle', statementText(statement))] : []),
          write({ field: written.field, to: Number(constant) }),
        ];
      break;
    default:
      break;
  }
  return [when(guard), observe('mangle', statementText(statement)), write(...unknownWrites(written))];
}

function unknownWrites(term: Term): Write[] {
  return fieldsOf(term).map((field) => ({ field, to: 'unknown' }));
}

function fieldsOf(term: Term): readonly Field[] {
  switch (term.kind) {
    case 'bits':
      return term.bits.flatMap((one) => (one.kind === 'within' ? [one.field] : []));
    case 'wide':
      return term.fields;
    case 'constant':
      return [];
    default:
      return [term.field];
  }
}

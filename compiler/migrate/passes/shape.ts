import type { DataType } from '../../../dsl/ruleset/data-type';
import { FIELDS, type FieldName, type Header } from '../../../dsl/ruleset/fields';
import { field, symbol } from '../../../dsl/ruleset/nodes';
import type { Expression, Rule, Statement } from '../../../dsl/ruleset/tree';
import { typeOf } from '../../../dsl/ruleset/type-of';
import { isValue } from '../../../dsl/ruleset/value';
import { expressionText, statementText } from '../../targets/nft/notation';
import { inReadingOrder } from '../reading-order';

/** A value that a rule asks for, with what was said of it. */
export interface Member {
  readonly value: Expression;
  readonly comment?: string;
}

/** Something that a rule asks of one field, by equality, so that rules may differ in it and still be one. */
export interface Test {
  readonly subject: Expression;
  readonly members: readonly Member[];
}

/**
 * A rule taken apart: what it asks of fields, by the field's text; what else it asks; and what it does. Ports are asked of
 * any transport (`th dport`) beside the protocol, so that those of tcp and udp are the same question.
 */
export interface Shape {
  readonly tests: ReadonlyMap<string, Test>;
  readonly others: readonly Statement[];
  readonly tail: readonly Statement[];
  readonly otherText: string;
  readonly tailText: string;
}

type Match = Extract<Statement, { kind: 'match' }>;

export const PROTOCOL = 'meta l4proto';
const WITH_PORTS: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp']);

/** Undefined for a rule that cannot be taken apart so: it asks one field twice, or something that changes by being asked. */
export function shapeOf(rule: Rule): Shape | undefined {
  const tests = new Map<string, Test>();
  const others: Match[] = [];
  const end = rule.statements.findIndex(({ kind }) => kind !== 'match');
  const matches = (end < 0 ? rule.statements : rule.statements.slice(0, end)) as readonly Match[];
  const tail = end < 0 ? [] : rule.statements.slice(end);
  const put = (subject: Expression, values: readonly Expression[]): boolean => {
    const key = expressionText(subject);
    const known = tests.get(key);
    if (known) return expressionsText(known.members.map(({ value }) => value)) === expressionsText(values);
    tests.set(key, { subject, members: values.map((value) => ({ value })) });
    return true;
  };
  for (const match of matches) {
    if (changesByAsking(match.left)) return undefined;
    const port = portOf(match.left);
    if (port && !put(field(PROTOCOL), [symbol(port.protocol)])) return undefined;
    const values = match.op === '==' && isFoldable(match.left) ? valuesOf(match.right, typeOf(match.left)) : undefined;
    if (values && !put(port ? field(port.any) : match.left, values)) return undefined;
    // `tcp dport != 22`: the protocol is asked for already, the port whatever carries it.
    if (!values) others.push(port ? { ...match, left: field(port.any) } : match);
  }
  if (impliesProtocol(tests, others)) tests.delete(PROTOCOL);
  return {
    tests,
    others,
    tail,
    otherText: others.map(statementText).sort().join(' '),
    tailText: tail.map(statementText).join(' '),
  };
}

/** Whether the protocol need not be said: another field is only there with it. */
function impliesProtocol(tests: ReadonlyMap<string, Test>, others: readonly Match[]): boolean {
  const protocol = tests.get(PROTOCOL);
  if (!protocol) return false;
  if (tests.has('th dport') || tests.has('th sport')) return false;
  if (others.some(({ left }) => left.kind === 'field' && /^th /.test(left.field))) return false;
  return [...[...tests.values()].map(({ subject }) => subject), ...others.map(({ left }) => left)].some((one) => {
    const header = headerOf(one);
    return header !== undefined && isOf(header, protocol);
  });
}

function isOf(header: Header, { members }: Test): boolean {
  const [only] = members;
  return (
    members.length === 1 &&
    only?.value.kind === 'symbol' &&
    only.value.name === (header === 'icmpv6' ? 'ipv6-icmp' : header)
  );
}

export function headerOf(expression: Expression): Header | undefined {
  if (expression.kind === 'binary') return headerOf(expression.left);
  return expression.kind === 'field' ? FIELDS[expression.field].needs : undefined;
}

function portOf(expression: Expression): { readonly protocol: string; readonly any: FieldName } | undefined {
  if (expression.kind !== 'field') return undefined;
  const [protocol = '', side] = expression.field.split(' ');
  if (!WITH_PORTS.has(protocol) || (side !== 'dport' && side !== 'sport')) return undefined;
  return { protocol, any: `th ${side}` };
}

/** The rule again, as a person writes it: `tcp dport` where one protocol is asked for, and ports of it. */
export function ruleOf({ tests, others, tail }: Shape, rest: Omit<Rule, 'statements'>): Rule {
  const members = tests.get(PROTOCOL)?.members ?? [];
  const [only] = members;
  const name = members.length === 1 && only?.value.kind === 'symbol' ? only.value.name : undefined;
  const carrier = name !== undefined && WITH_PORTS.has(name) ? name : undefined;
  const key = tail.map(keyOf).find((one) => one !== undefined);
  const asked = [...[...tests.values()].map(({ subject }) => subject), ...others.map(matchLeft), ...(key ? [key] : [])];
  const said = carrier !== undefined && asked.some(asksPort);
  const spelt = (one: Expression): Expression => (said ? withProtocol(one, carrier) : one);
  const matches = [...tests].flatMap(([subject, test]): Statement[] =>
    subject === PROTOCOL && said ? [] : [{ kind: 'match', left: spelt(test.subject), op: '==', right: rightOf(test) }],
  );
  const also = others.map((one) => (one.kind === 'match' ? { ...one, left: spelt(one.left) } : one));
  return { ...rest, statements: [...inReadingOrder([...matches, ...also]), ...tail.map((one) => withKey(one, spelt))] };
}

/** What a match asks. */
function matchLeft(statement: Statement): Expression {
  return statement.kind === 'match' ? statement.left : { kind: 'number', value: 0n };
}

function asksPort(subject: Expression): boolean {
  if (subject.kind === 'concat') return subject.parts.some(asksPort) && !subject.parts.some(isProtocol);
  return subject.kind === 'field' && /^th [ds]port$/.test(subject.field);
}

function isProtocol(expression: Expression): boolean {
  return expression.kind === 'field' && expression.field === PROTOCOL;
}

function withProtocol(subject: Expression, protocol: string): Expression {
  if (subject.kind === 'concat')
    return { ...subject, parts: subject.parts.map((part) => withProtocol(part, protocol)) };
  return subject.kind === 'field' && asksPort(subject)
    ? field(subject.field.replace('th', protocol) as FieldName)
    : subject;
}

/** What a map is asked with. */
function keyOf(statement: Statement): Expression | undefined {
  switch (statement.kind) {
    case 'vmap':
      return statement.key;
    case 'dnat':
    case 'snat':
      return statement.address?.kind === 'map' ? statement.address.key : undefined;
    case 'assign':
      return statement.value.kind === 'map' ? statement.value.key : undefined;
    default:
      return undefined;
  }
}

function withKey(statement: Statement, spelt: (one: Expression) => Expression): Statement {
  switch (statement.kind) {
    case 'vmap':
      return { ...statement, key: spelt(statement.key) };
    case 'dnat':
    case 'snat':
      return statement.address?.kind === 'map'
        ? { ...statement, address: { ...statement.address, key: spelt(statement.address.key) } }
        : statement;
    case 'assign':
      return statement.value.kind === 'map'
        ? { ...statement, value: { ...statement.value, key: spelt(statement.value.key) } }
        : statement;
    default:
      return statement;
  }
}

function rightOf({ subject, members }: Test): Expression {
  const [first] = members;
  if (members.length === 1 && first) {
    const type = typeOf(subject);
    if (type === 'ct_state' && first.value.kind === 'symbol') return { kind: 'flags', flags: [first.value] };
    return first.value;
  }
  if (
    typeOf(subject) === 'ct_state' &&
    members.every(({ value, comment }) => value.kind === 'symbol' && comment === undefined)
  )
    return { kind: 'flags', flags: members.flatMap(({ value }) => (value.kind === 'symbol' ? [value] : [])) };
  return setOf(members);
}

export function setOf(members: readonly Member[]): Expression {
  return {
    kind: 'set',
    elements: members.map(({ value, comment }) => ({
      key: value,
      origin: { kind: 'program' },
      ...(comment === undefined ? {} : { comment }),
    })),
  };
}

/** Whether rules that differ in it may be one: the table of fields says so; conntrack's are like its enumerations. */
function isFoldable(expression: Expression): boolean {
  switch (expression.kind) {
    case 'field':
      return FIELDS[expression.field].folding === 'element';
    case 'ct':
      return ['state', 'mark', 'direction', 'zone', 'protocol', 'proto-src', 'proto-dst', 'saddr', 'daddr'].includes(
        expression.key,
      );
    case 'fib':
      return expression.result === 'type';
    case 'binary':
      return expression.right.kind === 'number' && isFoldable(expression.left);
    default:
      return false;
  }
}

function changesByAsking(expression: Expression): boolean {
  if (expression.kind === 'field') return FIELDS[expression.field].folding === 'barrier';
  return expression.kind === 'numgen' || expression.kind === 'hash';
}

function valuesOf(right: Expression, type: DataType | undefined): readonly Expression[] | undefined {
  if (isValue(right)) return [right];
  switch (right.kind) {
    case 'flags':
      return type === 'ct_state' ? right.flags : undefined;
    case 'set':
      return right.elements.every(
        ({ key, data, statements, timeoutMs }) => key !== 'default' && !data && !statements && timeoutMs === undefined,
      )
        ? right.elements.map(({ key }) => key as Expression)
        : undefined;
    default:
      return undefined;
  }
}

function expressionsText(expressions: readonly Expression[]): string {
  return expressions.map(expressionText).join(', ');
}

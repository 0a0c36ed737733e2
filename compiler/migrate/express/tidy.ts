import { FIELDS, type FieldName, type Header } from '../../../dsl/ruleset/fields';
import type { Constant, Expression, Rule, Statement, TableFamily } from '../../../dsl/ruleset/tree';
import { CT_STATES } from '../../meaning/fields';
import { DSCP_CLASSES, ICMP_TYPES, ICMPV6_TYPES, TCP_FLAGS } from '../../meaning/symbols';
import { countsPackets } from '../reading-order';
import { inHex, isMark, simpleAssign } from './marks';
import { withComment, withPrefix } from './texts';

/** A rule in the words that a person would write it in; nothing that it does changes. */
export function tidied(rule: Rule, family: TableFamily, note: (text: string) => void): Rule {
  const commented = withComment(rule);
  if (commented.note !== undefined) note(commented.note);
  const statements = commented.rule.statements.map((statement) => tidyStatement(statement, family, note));
  return { ...commented.rule, statements: withoutImplied(statements) };
}

function tidyStatement(statement: Statement, family: TableFamily, note: (text: string) => void): Statement {
  switch (statement.kind) {
    case 'match':
      return tidyMatch(statement);
    case 'assign':
      return isMark(statement.target) ? simpleAssign(statement) : namedAssign(statement);
    case 'log': {
      const prefixed = withPrefix(statement);
      if (prefixed.note !== undefined) note(prefixed.note);
      return prefixed.statement;
    }
    case 'reject':
      return statement.with?.kind.startsWith('icmp') &&
        'code' in statement.with &&
        statement.with.code === 'port-unreachable'
        ? { kind: 'reject' }
        : statement;
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect': {
      const { family: named, ...rest } = statement;
      return named === undefined || named !== family ? statement : rest;
    }
    case 'either':
      return {
        ...statement,
        alternatives: statement.alternatives.map((all) => all.map((one) => tidyStatement(one, family, note))),
      };
    default:
      return statement;
  }
}

type Match = Extract<Statement, { kind: 'match' }>;

function tidyMatch(match: Match): Match {
  const { left, right } = match;
  const of = left.kind === 'binary' ? left.left : left;
  if (isMark(of)) return { ...match, left: inHex(left), right: right.kind === 'number' ? inHex(right) : right };
  if (of.kind === 'ct' && of.key === 'state' && right.kind === 'flags')
    return { ...match, right: { kind: 'flags', flags: [...right.flags].sort((a, b) => rank(a) - rank(b)) } };
  if (of.kind !== 'field') return match;
  if (of.field === 'tcp flags') return tidyFlags(match);
  const names = left.kind === 'field' ? TYPE_NAMES[of.field] : undefined;
  return names && right.kind === 'number' ? { ...match, right: named(right, names) } : match;
}

type Assign = Extract<Statement, { kind: 'assign' }>;

function namedAssign(assign: Assign): Assign {
  const { target, value } = assign;
  const names = target.kind === 'field' ? TYPE_NAMES[target.field] : undefined;
  return names && value.kind === 'number' ? { ...assign, value: named(value, names) } : assign;
}

/** Conntrack states are listed by nft's bits for them. */
function rank(flag: Constant): number {
  return flag.kind === 'symbol' ? CT_STATES.findIndex(([name]) => name === flag.name) : CT_STATES.length;
}

/** Classes by the names that all versions of nft have. */
const CLASSES = Object.fromEntries(Object.entries(DSCP_CLASSES).filter(([name]) => /^(cs|af|ef)/.test(name)));

const TYPE_NAMES: Readonly<Partial<Record<FieldName, Readonly<Record<string, number>>>>> = {
  'icmp type': ICMP_TYPES,
  'icmpv6 type': ICMPV6_TYPES,
  'ip dscp': CLASSES,
  'ip6 dscp': CLASSES,
};

function named(value: Extract<Expression, { kind: 'number' }>, names: Readonly<Record<string, number>>): Expression {
  const name = Object.keys(names).find((one) => names[one] === Number(value.value));
  return name === undefined ? value : { kind: 'symbol', name };
}

function tidyFlags(match: Match): Match {
  const { left, right } = match;
  if (right.kind !== 'number') return match;
  if (left.kind === 'field') return { ...match, right: flagsOf(right.value) };
  if (left.kind !== 'binary' || left.op !== '&' || left.right.kind !== 'number') return match;
  return { ...match, left: { ...left, right: flagsOf(left.right.value) }, right: flagsOf(right.value) };
}

/** Bits by their names, joined with `|`. */
function flagsOf(bits: bigint): Expression {
  const names = Object.keys(TCP_FLAGS).filter((name) => (bits & BigInt(TCP_FLAGS[name] ?? 0)) !== 0n);
  const [first, ...rest] = names.map((name): Expression => ({ kind: 'symbol', name }));
  if (!first) return { kind: 'number', value: 0n, base: 16 };
  return rest.reduce((left, right): Expression => ({ kind: 'binary', op: '|', left, right }), first);
}

const PROTOCOLS: Readonly<Partial<Record<Header, readonly string[]>>> = {
  tcp: ['tcp'],
  udp: ['udp'],
  udplite: ['udplite'],
  sctp: ['sctp'],
  dccp: ['dccp'],
  icmp: ['icmp'],
  icmpv6: ['ipv6-icmp', 'icmpv6'],
  esp: ['esp'],
  ah: ['ah'],
};

/** Without the `meta l4proto tcp` that a `tcp dport` asks by itself; not where something in between remembers being asked. */
function withoutImplied(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter((statement, index) => {
    if (statement.kind !== 'match' || statement.op !== '==' || statement.left.kind !== 'field') return true;
    if (statement.left.field !== 'meta l4proto' || statement.right.kind !== 'symbol') return true;
    const { name } = statement.right;
    for (const later of statements.slice(index + 1)) {
      if (later.kind !== 'match' || countsPackets(later)) return true;
      const header = headerOf(later.left);
      if (header && PROTOCOLS[header]?.includes(name)) return false;
    }
    return true;
  });
}

function headerOf(expression: Expression): Header | undefined {
  if (expression.kind === 'binary') return headerOf(expression.left);
  return expression.kind === 'field' ? FIELDS[expression.field].needs : undefined;
}

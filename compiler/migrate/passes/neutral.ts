import type { Reject, Rule, Statement } from '../../../dsl/ruleset/tree';
import { expressionsOf } from '../../../dsl/ruleset/walk';
import { statementText } from '../../targets/nft/notation';

type Family = 'ip' | 'ip6';

/** What a way to reject is called for both families (nft(8), reject statement). */
const FOR_BOTH: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  ip: {
    'port-unreachable': 'port-unreachable',
    'admin-prohibited': 'admin-prohibited',
    'net-unreachable': 'no-route',
    'host-unreachable': 'host-unreachable',
  },
  ip6: {
    'port-unreachable': 'port-unreachable',
    'admin-prohibited': 'admin-prohibited',
    'no-route': 'no-route',
    'addr-unreachable': 'host-unreachable',
  },
};

/**
 * A rule in words that mean the same for both families; undefined when it speaks of one, or remembers being asked: a limit
 * for each family is two, and one for both would be asked by twice the packets.
 */
export function neutral(rule: Rule, family: Family): Rule | undefined {
  const statements: Statement[] = [];
  for (const statement of rule.statements) {
    const one = neutralStatement(statement, family);
    if (!one) return undefined;
    statements.push(one);
  }
  return { ...rule, statements };
}

function neutralStatement(statement: Statement, family: Family): Statement | undefined {
  switch (statement.kind) {
    case 'reject': {
      const both = statement.with && rejectForBoth(statement.with, family);
      return statement.with && !both ? undefined : { kind: 'reject', ...(both ? { with: both } : {}) };
    }
    case 'match':
    case 'assign':
    case 'masquerade':
    case 'redirect':
      return expressionsOf(statement).every(isNeutral) && !/icmp/.test(statementText(statement))
        ? statement
        : undefined;
    case 'verdict':
    case 'log':
    case 'notrack':
      return statement;
    default:
      return undefined;
  }
}

function rejectForBoth(reject: Reject, family: Family): Reject | undefined {
  if (reject.kind === 'tcp reset' || reject.kind === 'icmpx') return reject;
  const code = FOR_BOTH[family][reject.code];
  return code === undefined ? undefined : { kind: 'icmpx', code };
}

function isNeutral(expression: ReturnType<typeof expressionsOf>[number]): boolean {
  switch (expression.kind) {
    case 'field':
      return (
        !/^(ip|ip6|icmp|icmpv6|igmp|hbh|dst|frag|rt|mh|arp) /.test(expression.field) &&
        expression.field !== 'meta nfproto'
      );
    case 'ct':
      return expression.family === undefined;
    case 'ipv4':
    case 'ipv6':
    case 'named set':
    case 'map':
    case 'numgen':
    case 'hash':
    case 'exthdr':
    case 'payload':
      return false;
    case 'option':
      return expression.protocol !== 'ip';
    default:
      return true;
  }
}

/** Whether the first thing that a rule asks keeps the other family's packets from it. */
export function isGuarded({ statements }: Rule, family: Family): boolean {
  const own = family === 'ip' ? /^(ip|icmp|igmp) / : /^(ip6|icmpv6) /;
  for (const statement of statements) {
    if (statement.kind !== 'match') return false;
    if (statement.left.kind === 'field' && own.test(statement.left.field)) return true;
  }
  return false;
}

/** The rule in a table for both families, met by packets of its own only. */
export function forOne(rule: Rule, family: Family): Rule {
  const statements = rule.statements.map((one): Statement => {
    if ((one.kind === 'dnat' || one.kind === 'snat' || one.kind === 'tproxy') && one.address) return { ...one, family };
    return one;
  });
  if (isGuarded(rule, family)) return { ...rule, statements };
  const guard: Statement = {
    kind: 'match',
    left: { kind: 'field', field: 'meta nfproto' },
    op: '==',
    right: { kind: 'symbol', name: family === 'ip' ? 'ipv4' : 'ipv6' },
  };
  // nft lists neither `meta nfproto ipv6 meta l4proto ipv6-icmp` nor its like of IPv4 whole: it takes the family for said.
  const after = statements.findIndex(isIcmp) + 1;
  return { ...rule, statements: statements.toSpliced(after, 0, guard) };
}

function isIcmp(statement: Statement): boolean {
  return (
    statement.kind === 'match' &&
    statement.left.kind === 'field' &&
    statement.left.field === 'meta l4proto' &&
    /icmp/.test(statementText(statement))
  );
}

import type { Rule, Statement } from '../../dsl/ruleset/tree';
import { expressionText, statementText } from '../targets/nft/notation';

/** nft lists no `meta l4proto tcp` before `tcp option x missing`, which packets without TCP pass too; behind it, it does. */
const MISSING = /^tcp option .* missing$/;

/** Where it comes in and leaves, who speaks to whom, by what, and then the state: as rules are read. */
const READING_ORDER = [
  /nfproto/,
  /^iif/,
  /^oif/,
  /^(?!fib .* oif).*saddr/,
  /^(?!fib .* oif).*daddr/,
  MISSING,
  /l4proto|ip protocol/,
  /sport/,
  /dport/,
];

/** Questions, which may be asked in any order, in the order of reading. */
export function inReadingOrder(statements: readonly Statement[]): Statement[] {
  const rank = (statement: Statement) => {
    const text = isMissing(statement) ? statementText(statement) : leftText(statement);
    const found = READING_ORDER.findIndex((pattern) => pattern.test(text));
    return found < 0 ? READING_ORDER.length : found;
  };
  return statements
    .map((statement, index) => ({ statement, index, rank: rank(statement) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ statement }) => statement);
}

function leftText(statement: Statement): string {
  return statement.kind === 'match' ? expressionText(statement.left) : '';
}

function isMissing(statement: Statement): boolean {
  return statement.kind === 'match' && statement.right.kind === 'exists' && MISSING.test(statementText(statement));
}

/** What is drawn anew each time it is asked. */
export function isDrawn(statement: Statement): boolean {
  return /numgen|random|hash/.test(leftText(statement));
}

/** What numbers packets, in turn or at random: who is asked before it gets no number. */
export function countsPackets(statement: Statement): boolean {
  return /^numgen/.test(leftText(statement));
}

/** What speaks of a header above that of IP. */
const HEADERS = /\b(tcp|udp|udplite|sctp|dccp|th|icmp|icmpv6|esp|ah|comp) [a-z]|@(th|ih),/;

/** nft lists no protocol of a header that is asked for behind a number; where something else stands between, it does. */
function heldApart(rule: Rule): Rule {
  const { statements } = rule;
  const at = statements.findIndex(countsPackets);
  const asksFor = (one: Statement | undefined) => /^meta (l4proto|nfproto)$/.test(one ? leftText(one) : '');
  const before = statements.slice(0, Math.max(at, 0)).findLastIndex((one) => one.kind !== 'match');
  if (!statements.slice(before + 1, Math.max(at, 0)).some(asksFor)) return rule;
  if (!statements.slice(at + 1).some((one) => HEADERS.test(statementText(one)))) return rule;
  return { ...rule, statements: statements.toSpliced(at, 0, { kind: 'counter' }) };
}

/** A rule that nft lists as it is read. */
export function listedWhole(rule: Rule): Rule {
  return heldApart(portsOfConnectionLast(missingFirst(rule)));
}

/** nft reads a connection's port where it knows the protocol, and lists no protocol before a port of the packet. */
function portsOfConnectionLast(rule: Rule): Rule {
  const { statements } = rule;
  const at = statements.findIndex((one) => /^ct (original|reply) proto-/.test(leftText(one)));
  const end = statements.findIndex((one, index) => index > at && (one.kind !== 'match' || isDrawn(one)));
  const last = statements
    .slice(0, end < 0 ? statements.length : end)
    .findLastIndex((one) => /port$/.test(leftText(one)));
  const port = statements[at];
  if (!port || last < at) return rule;
  return { ...rule, statements: statements.toSpliced(last + 1, 0, port).toSpliced(at, 1) };
}

function missingFirst(rule: Rule): Rule {
  const at = rule.statements.findIndex((one) => leftText(one) === 'meta l4proto');
  const missing = rule.statements.findIndex(isMissing);
  const found = rule.statements[missing];
  if (!found || at < 0 || missing < at) return rule;
  return { ...rule, statements: rule.statements.toSpliced(missing, 1).toSpliced(at, 0, found) };
}

/** A rule with what it asks first in the order of reading; what is drawn anew each time stays where it is. */
export function asRead(rule: Rule): Rule {
  const end = rule.statements.findIndex((one) => one.kind !== 'match' || isDrawn(one));
  const asked = end < 0 ? rule.statements : rule.statements.slice(0, end);
  return heldApart({ ...rule, statements: [...inReadingOrder(asked), ...rule.statements.slice(asked.length)] });
}

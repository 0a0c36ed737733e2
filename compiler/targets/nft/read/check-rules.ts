import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Origin } from '../../../../dsl/core/origin';
import { FIELDS, type FieldName, type Header } from '../../../../dsl/ruleset/fields';
import type { Rule, Statement, Table, TableFamily } from '../../../../dsl/ruleset/tree';
import { expressionsOf } from '../../../../dsl/ruleset/walk';
import { errorAt } from './error-at';

const NETWORKS = ['ip', 'ip6', 'arp'] as const;
type Network = (typeof NETWORKS)[number];

const TRANSPORTS = ['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** The network that a protocol is carried by, unless its table is of one family. */
const CARRIERS: Readonly<Partial<Record<Transport, Network>>> = { icmp: 'ip', igmp: 'ip', icmpv6: 'ip6' };

const PROTOCOL_FIELDS: readonly FieldName[] = ['meta l4proto', 'ip protocol', 'ip6 nexthdr'];

/** Rules that nft refuses because a part of them can never take effect. */
export function checkRules({ family, chains }: Table): Diagnostic[] {
  return chains.flatMap(({ rules }) => rules.flatMap((rule) => [...checkEnd(rule), ...checkHeaders(rule, family)]));
}

function checkEnd({ statements, origin }: Rule): Diagnostic[] {
  const end = statements.findIndex(endsRule);
  if (end < 0 || end === statements.length - 1) return [];
  const hint = 'put the verdict last';
  return [errorAt('TN3111', 'the rule goes on after a statement that ends it', origin, { hint })];
}

function endsRule(statement: Statement): boolean {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict.kind !== 'continue';
    case 'reject':
    case 'queue':
    case 'fwd':
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return true;
    default:
      return false;
  }
}

/**
 * No packet has two network headers, or two transport headers, that a rule could both read. As nft does, this takes a
 * header for known from where it is first asked for.
 */
function checkHeaders({ statements, origin }: Rule, family: TableFamily): Diagnostic[] {
  const oneFamily = family === 'ip' || family === 'ip6';
  let network: Network | undefined;
  let transport: Transport | undefined;
  for (const statement of statements) {
    for (const header of headersOf(statement)) {
      if (isTransport(header)) {
        const other = network === 'arp' ? network : transport;
        if (other && other !== header) return [conflict(other, header, origin)];
        transport = header;
        if (!oneFamily) network ??= CARRIERS[header];
      } else if (isNetwork(header)) {
        if (network && network !== header) return [conflict(network, header, origin)];
        network = header;
      }
    }
    transport ??= protocolOf(statement);
  }
  return [];
}

function conflict(one: string, other: string, origin: Origin): Diagnostic {
  const hint = 'make two rules of it';
  return errorAt('TN3112', `no packet is both ${one} and ${other}`, origin, { hint });
}

function headersOf(statement: Statement): Header[] {
  return expressionsOf(statement).flatMap((expression) => {
    const needs = expression.kind === 'field' ? FIELDS[expression.field].needs : undefined;
    return needs ? [needs] : [];
  });
}

/** The one protocol that a match lets pass. */
function protocolOf(statement: Statement): Transport | undefined {
  if (statement.kind !== 'match' || statement.op !== '==') return undefined;
  const { left, right } = statement;
  if (left.kind !== 'field' || !PROTOCOL_FIELDS.includes(left.field) || right.kind !== 'symbol') return undefined;
  const name = right.name === 'ipv6-icmp' ? 'icmpv6' : right.name;
  return TRANSPORTS.find((one) => one === name);
}

function isTransport(header: Header): header is Transport {
  return (TRANSPORTS as readonly Header[]).includes(header);
}

function isNetwork(header: Header): header is Network {
  return (NETWORKS as readonly Header[]).includes(header);
}

import type { ForeignRule, ForeignTable, ForeignVerdict, Probe, Truth } from './chains';
import { inState, inSubnet, not, onInterface, undecided } from './conditions';

/** What `nft --json list table` gives; only what is asked for here. */
type Json = { readonly [key: string]: unknown };

export function readNftTable(text: string): ForeignTable | undefined {
  const { nftables = [] } = JSON.parse(text) as { nftables?: readonly Json[] };
  const objects = (kind: string) => nftables.flatMap((one) => (one[kind] ? [one[kind] as Json] : []));
  const [table] = objects('table');
  if (!table) return undefined;
  const chains = new Map<string, ForeignRule[]>(objects('chain').map(({ name }) => [String(name), []]));
  for (const rule of objects('rule')) chains.get(String(rule.chain))?.push(readRule(rule.expr as readonly Json[]));
  const bases = objects('chain')
    .filter(({ hook, type }) => hook === 'forward' && type === 'filter')
    .map(({ name, policy }) => ({
      chain: String(name),
      policy: policy === 'drop' ? ('drop' as const) : ('accept' as const),
    }));
  const family = table.family === 'ip' ? 4 : table.family === 'ip6' ? 6 : 'both';
  return { name: `${table.family} ${table.name}`, tool: 'nft', family, chains, bases };
}

function readRule(expressions: readonly Json[]): ForeignRule {
  const conditions: ((probe: Probe) => Truth)[] = [];
  let verdict: ForeignVerdict = { kind: 'next' };
  const text: string[] = [];
  for (const expression of expressions) {
    const [kind = '', body] = Object.entries(expression)[0] ?? [];
    if (kind === 'match') {
      const match = body as { op: string; left: Json; right: unknown };
      const condition = conditionOf(match.left, match.right);
      conditions.push(match.op === '!=' ? not(condition) : condition);
      text.push(describe(match.left), ...(match.op === '!=' ? ['!='] : []), describe(match.right));
    } else if (['accept', 'drop', 'return'].includes(kind)) verdict = { kind: kind as 'accept' };
    else if (kind === 'reject') verdict = { kind: 'drop' };
    else if (kind === 'jump' || kind === 'goto') verdict = { kind, chain: String((body as Json).target) };
    else if (kind === 'vmap' || kind === 'queue') verdict = { kind: 'unknown' };
    else if (!['counter', 'log', 'comment', 'mangle'].includes(kind)) conditions.push(undecided);
    if (kind !== 'match' && kind !== 'counter') text.push(kind);
  }
  return { conditions, verdict, text: text.join(' ') };
}

function conditionOf(left: Json, right: unknown): (probe: Probe) => Truth {
  const values = membersOf(right);
  if (!values) return undecided;
  const any = (of: (value: string) => (probe: Probe) => Truth) => (probe: Probe) => {
    const truths = values.map((value) => of(value)(probe));
    return truths.includes(true) || (truths.includes('unknown') ? 'unknown' : false);
  };
  const { meta, payload, ct } = left as { meta?: Json; payload?: Json; ct?: Json };
  if (meta?.key === 'iifname' || meta?.key === 'iif') return any((value) => onInterface('in', value));
  if (meta?.key === 'oifname' || meta?.key === 'oif') return any((value) => onInterface('out', value));
  if (meta?.key === 'nfproto') return (probe) => values.includes(probe.family === 4 ? 'ipv4' : 'ipv6');
  if (meta?.key === 'l4proto') return () => values.includes('tcp');
  if (['udp', 'sctp', 'icmp', 'icmpv6'].includes(String(payload?.protocol))) return () => false;
  if (payload?.field === 'saddr') return any((value) => inSubnet('from', value));
  if (payload?.field === 'daddr') return any((value) => inSubnet('to', value));
  if (ct?.key === 'state') return inState(values);
  if (ct?.key === 'status') return (probe) => values.includes('dnat') && probe.translated;
  return undecided;
}

/** The values of a right side; undefined when it holds something else, such as a named set. */
function membersOf(right: unknown): readonly string[] | undefined {
  if (typeof right === 'string') return right.startsWith('@') ? undefined : [right];
  if (Array.isArray(right)) return flat(right);
  const { set, prefix } = right as { set?: unknown; prefix?: { addr: string; len: number } };
  if (prefix) return [`${prefix.addr}/${prefix.len}`];
  return set === undefined ? undefined : flat(Array.isArray(set) ? set : [set]);
}

function flat(members: readonly unknown[]): readonly string[] | undefined {
  const all = members.map(membersOf);
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
}

function describe(part: unknown): string {
  if (typeof part === 'string') return part;
  const { meta, payload, ct, set, prefix } = part as Record<string, Json | undefined>;
  if (meta) return String(meta.key);
  if (ct) return `ct ${ct.key}`;
  if (payload) return `${payload.protocol} ${payload.field}`;
  if (prefix) return `${prefix.addr}/${prefix.len}`;
  return set ? '{ ... }' : '...';
}

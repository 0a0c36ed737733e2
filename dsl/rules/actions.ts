import type { Log, RateLimit, Reject, TableFamily } from '../ruleset/tree';
import type { Typed } from './operand';
import type { SetRef } from './references';
import { type Place, type Statement, statement, verdict } from './statement';
import type { Key } from './values';
import { quotable } from './words';

export const accept = verdict({ kind: 'accept' });
export const drop = verdict({ kind: 'drop' });
/** Back to the chain that jumped here. */
export const return_ = verdict({ kind: 'return' });
/** On to the next rule. */
export const continue_ = verdict({ kind: 'continue' });

/** At most 128 bytes, printed with the rule. */
export function comment(text: string): Statement {
  return statement({ kind: 'comment', text: quotable(text) });
}

export const counter: Statement = statement({ kind: 'counter' });

type Unit = RateLimit['per'];
export type RateText = `${number}/${Unit}` | `${number} ${'bytes' | 'kbytes' | 'mbytes'}/${Unit}`;

export interface RateOptions {
  /** Matches what exceeds the rate, not what keeps within it. */
  readonly over?: boolean;
  /** In packets, or bytes where the rate is of bytes. */
  readonly burst?: number;
}

/** Matches while no more than so many packets or bytes came in a unit of time. */
export function limit(rate: RateText, options: RateOptions = {}): Statement {
  return statement({ kind: 'limit', rate: rateLimit(rate, options) });
}

const FACTORS: Readonly<Record<string, bigint>> = { bytes: 1n, kbytes: 1024n, mbytes: 1048576n };

export function rateLimit(text: RateText, { over = false, burst }: RateOptions): RateLimit {
  const [, count, unit, per] = /^(\d+)(?: (bytes|kbytes|mbytes))?\/(\w+)$/.exec(text) ?? [];
  if (count === undefined) throw new RangeError(`\`${text}\` is not a rate such as 10/second`);
  return {
    count: BigInt(count) * (FACTORS[unit ?? 'bytes'] ?? 1n),
    unit: unit ? 'bytes' : 'packets',
    per: per as Unit,
    over,
    ...(burst === undefined ? {} : { burst: BigInt(burst) }),
  };
}

/** Matches while, or with `over` once, so many bytes have come in all. */
export function quota(bytes: number, { over = false }: { readonly over?: boolean } = {}): Statement {
  return statement({ kind: 'quota', quota: { bytes: BigInt(bytes), over } });
}

/** Matches by the number of connections there are. */
export function connections(count: number, { over = false }: { readonly over?: boolean } = {}): Statement {
  return statement({ kind: 'connlimit', count, over });
}

/** NF_LOG_PREFIXLEN, with its terminating zero. */
const LONGEST_PREFIX = 127;

export type LogOptions = Partial<Omit<Log, 'kind'>>;

export function log(options: LogOptions = {}): Statement {
  quotable(options.prefix ?? '', LONGEST_PREFIX);
  return statement({ kind: 'log', flags: [], ...options });
}

type RejectWith =
  | 'tcp reset'
  | `icmpx ${'port-unreachable' | 'no-route' | 'host-unreachable' | 'admin-prohibited'}`
  | `icmp ${'port' | 'net' | 'host' | 'prot'}-unreachable`
  | `icmp ${'net' | 'host' | 'admin'}-prohibited`
  | `icmpv6 ${'port-unreachable' | 'no-route' | 'admin-prohibited' | 'addr-unreachable' | 'policy-fail' | 'reject-route'}`;

/** Drops, and tells the sender; nft's default is `icmpx port-unreachable`. */
export function reject(
  how?: RejectWith,
): Statement<
  'filter prerouting' | 'filter input' | 'filter forward' | 'filter output',
  'ip' | 'ip6' | 'inet' | 'bridge'
> {
  return statement(how ? { kind: 'reject', with: rejectNode(how) } : { kind: 'reject' });
}

function rejectNode(how: RejectWith): Reject {
  if (how === 'tcp reset') return { kind: 'tcp reset' };
  const [kind, code] = how.split(' ') as ['icmp' | 'icmpv6' | 'icmpx', string];
  return { kind, code };
}

/** Keeps the packet out of connection tracking. */
export const notrack: Statement<'filter prerouting' | 'filter output', 'ip' | 'ip6' | 'inet'> = statement({
  kind: 'notrack',
});

export interface UpdateOptions {
  readonly timeoutMs?: number;
  /** What each element keeps: a counter, a limit. */
  readonly statements?: readonly Statement[];
}

/** Puts the packet's key into a set, and leaves one that is there already as it is. */
export function addTo<K extends Key, F extends TableFamily>(
  set: SetRef<K, 'dynamic'>,
  key: Typed<NoInfer<K>, F>,
  options: UpdateOptions = {},
): Statement<Place, F> {
  return setUpdate('add', set.name, key, options);
}

/** Puts the packet's key into a set, and starts the time of one that is there already anew. */
export function updateIn<K extends Key, F extends TableFamily>(
  set: SetRef<K, 'dynamic'>,
  key: Typed<NoInfer<K>, F>,
  options: UpdateOptions = {},
): Statement<Place, F> {
  return setUpdate('update', set.name, key, options);
}

/** Takes the packet's key out of a set. */
export function removeFrom<K extends Key, F extends TableFamily>(
  set: SetRef<K, 'dynamic'>,
  key: Typed<NoInfer<K>, F>,
): Statement<Place, F> {
  return setUpdate('delete', set.name, key, {});
}

function setUpdate(
  op: 'add' | 'update' | 'delete',
  set: string,
  { expression }: Typed<Key, never>,
  { timeoutMs, statements = [] }: UpdateOptions,
): Statement {
  const kept = statements.flatMap(({ node }) => (node.kind === 'comment' ? [] : [node]));
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  return statement({ kind: 'set-update', op, set, key: expression, statements: kept, ...timeout });
}

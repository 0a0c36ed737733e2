import type { DataType } from '../../../../../dsl/ruleset/data-type';
import { concat, field, types } from '../../../../../dsl/ruleset/nodes';
import type { Expression, NamedObject, NamedSet, RateLimit, Statement } from '../../../../../dsl/ruleset/tree';
import { type Around, BOTH, type Meaning, type Module, means, type Options, wrong } from '../module';
import { addressKey, addressType, lengthMask, wholeNumber } from '../values';
import { readRate } from './limit';

const ONE = { values: 1 } as const;
const RATE = { values: 1, negatable: true } as const;
const MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** How long a rate of bytes is remembered where nothing is said, without and with a burst (libxt_hashlimit.c). */
const BYTES_EXPIRE = { plain: 15_000, burst: 60_000 } as const;
const MOST = 1_000_000n;

interface Budget {
  readonly rate: Omit<RateLimit, 'over'>;
  /** After which time without a packet it is whole again. */
  readonly expireMs: number;
  readonly note?: string;
}

const FACTORS: Readonly<Record<string, bigint>> = { '': 1n, k: 1024n, m: 1024n * 1024n };

function amountOf(text: string | undefined): bigint | undefined {
  const [, count = '', factor = ''] = /^(\d+)([km]?)b?$/.exec(text ?? '') ?? [];
  return count === '' ? undefined : BigInt(count) * (FACTORS[factor] ?? 1n);
}

function budgetOf(text: string, options: Options): Budget | string {
  const bytes = amountOf(/^(\d+[km]?b)\/s/.exec(text)?.[1]);
  const burstText = options.value('--hashlimit-burst');
  const expire = options.value('--hashlimit-htable-expire');
  const given = expire === undefined ? undefined : wholeNumber(expire);
  if (expire !== undefined && given === undefined) return 'not a time in milliseconds';
  if (bytes !== undefined && bytes > 0n) {
    const burst = burstText === undefined ? undefined : amountOf(burstText);
    if (burstText !== undefined && (burst === undefined || burst < bytes)) return 'a burst is not below the rate';
    const expireMs = Number(given ?? BYTES_EXPIRE[burst === undefined ? 'plain' : 'burst']);
    const rate = { count: bytes, unit: 'bytes', per: 'second' } as const;
    // Counted in what the rate gives in a second (hashlimit_mt_check).
    const whole = burst && ((burst + bytes - 1n) / bytes) * bytes;
    return whole === undefined
      ? { rate, expireMs }
      : {
          rate: { ...rate, burst: whole },
          expireMs,
          note: 'the burst of bytes fills up again as time goes by; hashlimit gives it once',
        };
  }
  const rate = readRate(text);
  if (!rate || rate.count > MOST * BigInt(MS[rate.per] / 1000)) return `\`${text}\` is not a rate like \`5/minute\``;
  const burst = burstText === undefined ? 5n : wholeNumber(burstText);
  if (burst === undefined || burst === 0n || burst > MOST) return `a burst is a number from 1 to ${MOST}`;
  return { rate: { ...rate, unit: 'packets', burst }, expireMs: Number(given ?? MS[rate.per]) };
}

interface Key {
  readonly type: DataType;
  readonly of: Expression;
}

const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;

/** The protocols by which two ports stand first in the header, by number; `th` where the header says so of itself. */
const WITH_PORTS: Readonly<Record<number, 'tcp' | 'udp' | 'dccp' | 'sctp' | 'udplite' | 'th'>> = {
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'th',
  132: 'sctp',
  136: 'udplite',
};

/** What tells budgets apart; a message where an option is wrong. Ports of what has none are all the same. */
function keysOf(options: Options, { family, protocol }: Around): readonly Key[] | string {
  const words = (options.value('--hashlimit-mode') ?? '').split(/[,|]/).filter((word) => word !== '');
  const stray = words.find((word) => !MODES.some((mode) => mode === word));
  if (stray !== undefined) return `\`${stray}\` is not one of ${MODES.join(', ')}`;
  const keys: Key[] = [];
  for (const mode of MODES) {
    const side = mode.startsWith('src') ? 'src' : 'dst';
    if (mode.endsWith('ip')) {
      const bits = family === 'ip' ? 32 : 128;
      const length = wholeNumber(options.value(`--hashlimit-${side}mask`) ?? String(bits), BigInt(bits));
      if (length === undefined) return `\`${options.value(`--hashlimit-${side}mask`)}\` is not the length of a prefix`;
      const of = addressKey(side === 'src' ? 'saddr' : 'daddr', lengthMask(Number(length), family), family);
      if (of && words.includes(mode)) keys.push({ type: addressType(family), of });
    } else if (words.includes(mode)) {
      const carrier = protocol === undefined ? 'th' : WITH_PORTS[protocol];
      if (carrier) keys.push({ type: 'inet_service', of: field(`${carrier} ${side === 'src' ? 'sport' : 'dport'}`) });
    }
  }
  return keys;
}

export const hashlimit: Module = {
  name: 'hashlimit',
  families: BOTH,
  options: {
    '--hashlimit-upto': RATE,
    '--hashlimit-above': RATE,
    '--hashlimit': { ...RATE, is: '--hashlimit-upto' },
    '--hashlimit-burst': ONE,
    '--hashlimit-mode': ONE,
    '--hashlimit-srcmask': ONE,
    '--hashlimit-dstmask': ONE,
    '--hashlimit-name': ONE,
    '--hashlimit-htable-size': ONE,
    '--hashlimit-htable-max': ONE,
    '--hashlimit-htable-gcinterval': ONE,
    '--hashlimit-htable-expire': ONE,
    '--hashlimit-rate-match': { values: 0 },
    '--hashlimit-rate-interval': ONE,
  },
  read(options, around): Meaning {
    const [upto, above] = [options.find('--hashlimit-upto'), options.find('--hashlimit-above')];
    const given = upto ?? above;
    const name = options.value('--hashlimit-name');
    if (!given || (upto && above)) return wrong('hashlimit needs `--hashlimit-upto` or `--hashlimit-above`');
    if (!name || name.includes('/')) return wrong('hashlimit needs `--hashlimit-name`');
    const budget = budgetOf(given.values[0] ?? '', options);
    if (typeof budget === 'string') return wrong(budget, given.span);
    const keys = keysOf(options, around);
    if (typeof keys === 'string') return wrong(keys, options.find('--hashlimit-mode')?.span);
    if (options.has('--hashlimit-rate-match'))
      return {
        kind: 'impossible',
        reason: 'nft holds flows to a rate, and does not tell the rate that one had (--hashlimit-rate-match)',
      };
    const max = wholeNumber(options.value('--hashlimit-htable-max') ?? '0');
    if (max === undefined) return wrong('not a number', options.find('--hashlimit-htable-max')?.span);
    const rate: RateLimit = { ...budget.rate, over: (above !== undefined) !== given.negated };
    const unclear = keys.some(({ of }) => of.kind === 'field' && of.field.startsWith('th '));
    const notes = [
      ...(budget.note === undefined ? [] : [budget.note]),
      ...(unclear ? ['of packets without ports, what stands in their place tells the budgets apart'] : []),
    ];
    return keys.length === 0
      ? oneBudget(name, rate, budget.expireMs, notes, around)
      : budgets(
          name,
          rate,
          { keys, timeoutMs: budget.expireMs, ...(max > 0n ? { size: Number(max) } : {}) },
          notes,
          around,
        );
  },
};

function withNotes(
  meaning: Extract<Meaning, { kind: 'means' }>,
  notes: readonly string[],
  name: string,
  own: string,
): Meaning {
  const shared =
    own === `hashlimit-${name}`
      ? []
      : [`it has a budget of its own; by hashlimit, all rules of the name \`${name}\` share the first's`];
  const all = [...notes, ...shared];
  return all.length === 0 ? meaning : { ...meaning, note: all.join('; ') };
}

function oneBudget(
  name: string,
  rate: RateLimit,
  expireMs: number,
  notes: readonly string[],
  { nameFor }: Around,
): Meaning {
  const own = nameFor(`hashlimit-${name}`, contentOf(rate));
  const object: NamedObject = { kind: 'limit', name: own, rate, origin: { kind: 'program' } };
  const refillMs = (Number(rate.burst ?? 0n) * MS[rate.per as keyof typeof MS]) / Number(rate.count);
  const late =
    refillMs > expireMs
      ? [
          `after ${expireMs / 1000} s without a packet hashlimit gives the whole burst again, nft what has come in by then`,
        ]
      : [];
  return withNotes(
    { ...means({ kind: 'object', object: 'limit', name: own }), objects: [object] },
    [...notes, ...late],
    name,
    own,
  );
}

function budgets(
  name: string,
  rate: RateLimit,
  { keys, timeoutMs, size }: { readonly keys: readonly Key[]; readonly timeoutMs: number; readonly size?: number },
  notes: readonly string[],
  { nameFor }: Around,
): Meaning {
  const of = keys.map((one) => one.of);
  const key = of.length === 1 && of[0] ? of[0] : concat(...of);
  const own = nameFor(`hashlimit-${name}`, contentOf([key, rate, timeoutMs, size]));
  const set: NamedSet = {
    name: own,
    key: types(...keys.map(({ type }) => type)),
    ...(size === undefined ? {} : { size }),
    flags: ['dynamic', 'timeout'],
    timeoutMs,
    elements: [],
    origin: { kind: 'program' },
  };
  const update: Statement = { kind: 'set-update', op: 'update', set: own, key, statements: [{ kind: 'limit', rate }] };
  return withNotes({ ...means(update), sets: [set] }, notes, name, own);
}

/** Says whether two rules count by the same. */
function contentOf(what: unknown): string {
  return JSON.stringify(what, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

import { match, number } from '../../../../../dsl/ruleset/nodes';
import { BOTH, impossible, type Meaning, type Module, means, type Options, wrong } from '../module';
import { NEVER, wholeNumber } from '../values';

/** What xt_statistic compares 31 random bits with. */
const WHOLE = 0x80000000;
/** The largest share that is written as one of its parts (`mod 3 0`) rather than in 31 bits. */
const MOST_PARTS = 100;

/** The fewest equal parts, and how many of them, that come to the same in 31 bits. */
function sharesOf(value: number): { readonly parts: number; readonly of: number } {
  for (let of = 2; of <= MOST_PARTS; of++) {
    const parts = Math.round((value / WHOLE) * of);
    if (parts > 0 && parts < of && Math.round((WHOLE * parts) / of) === value) return { parts, of };
  }
  return { parts: value, of: WHOLE };
}

function randomMeaning(options: Options): Meaning {
  const given = options.find('--probability');
  const text = given?.values[0] ?? '';
  const share = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!given || !(share <= 1)) return wrong('mode random needs `--probability` with a number from 0 to 1', given?.span);
  return shareMeaning(Math.round(WHOLE * share), isNegated(options));
}

function shareMeaning(value: number, negated: boolean): Meaning {
  if (value === 0 || value === WHOLE) return (value === WHOLE) !== negated ? means() : means(NEVER);
  const { parts, of } = sharesOf(value);
  const left = { kind: 'numgen', mode: 'random', modulus: of, offset: 0 } as const;
  if (parts === 1) return means(match(left, negated ? '!=' : '==', number(0)));
  return means(match(left, negated ? '>=' : '<', number(parts)));
}

/** The counter of nft begins with 0, as one of iptables does that begins `--packet` before its end. */
function nthMeaning(options: Options): Meaning {
  const [every, packet] = ['--every', '--packet'].map((name) => wholeNumber(options.value(name) ?? ''));
  if (!every || packet === undefined || packet >= every)
    return wrong('mode nth needs `--every N` and `--packet P`, a number below N', options.all[0]?.span);
  if (every > 0x7fffffffn) return { kind: 'impossible', reason: `no counter of nft comes to ${every}` };
  const left = { kind: 'numgen', mode: 'inc', modulus: Number(every), offset: 0 } as const;
  return means(match(left, isNegated(options) ? '!=' : '==', number(packet)));
}

/** One `!` before any of its options is for the match (libxt_statistic.c). */
function isNegated({ all }: Options): boolean {
  return all.some(({ negated }) => negated);
}

export const statistic: Module = {
  name: 'statistic',
  families: BOTH,
  options: {
    '--mode': { values: 1 },
    '--probability': { values: 1, negatable: true },
    '--every': { values: 1, negatable: true },
    '--packet': { values: 1 },
  },
  read(options) {
    const [random, nth] = [options.has('--probability'), options.has('--every') || options.has('--packet')];
    if (random && nth) return wrong('`--probability` does not go with `--every` and `--packet`', options.all[0]?.span);
    switch (options.value('--mode')) {
      case 'random':
        return randomMeaning(options);
      case 'nth':
        return nthMeaning(options);
      default:
        return wrong('statistic needs `--mode random` or `--mode nth`', options.find('--mode')?.span);
    }
  },
};

/** What statistic's two modes were called before Linux 2.6.18. */
export const random: Module = {
  name: 'random',
  families: BOTH,
  options: { '--average': { values: 1 } },
  read(options) {
    const average = wholeNumber(options.value('--average') ?? '50', 99n);
    if (!average) return wrong('`--average` is a number from 1 to 99, of a hundred', options.find('--average')?.span);
    return shareMeaning(Math.round((WHOLE * Number(average)) / 100), false);
  },
};

export const nth: Module = {
  name: 'nth',
  families: BOTH,
  options: {
    '--every': { values: 1, negatable: true },
    '--counter': { values: 1 },
    '--start': { values: 1 },
    '--packet': { values: 1 },
  },
  needsOption: true,
  read(options) {
    const every = wholeNumber(options.value('--every') ?? '', 100n);
    if (!every) return wrong('nth needs `--every` with a number up to 100', options.find('--every')?.span);
    if (['--counter', '--start', '--packet'].some((name) => options.has(name)))
      return impossible('rules shared a counter of nth by its number, and nft counts for each rule');
    const left = { kind: 'numgen', mode: 'inc', modulus: Number(every), offset: 0 } as const;
    return means(match(left, isNegated(options) ? '!=' : '==', number(0)));
  },
};

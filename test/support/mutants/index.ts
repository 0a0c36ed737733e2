import { randomly } from '../random';
import { type Judgement, judge } from './judge';
import { type Mutant, mutant } from './one-field';
import { corpusPairs, goldenPairs, type Maker, type Pair, randomPairs } from './pairs';

export type { Judgement, Reason } from './judge';
export type { Mutant } from './one-field';

export interface Judged {
  readonly seed: number;
  readonly pair: Pair;
  readonly side: 0 | 1;
  readonly mutant: Mutant;
  readonly judgement: Exclude<Judgement, { kind: 'no mutant' }>;
}

/** Mutants without end, of goldens, dumps of software and random rulesets in turn. */
export function* mutants(first: number): Generator<Judged> {
  const makers = [goldenPairs(), corpusPairs(), randomPairs(first, 150)];
  const made = new Map<Maker, Pair | undefined>();
  for (let seed = first; ; seed++) {
    const from = makers[seed % makers.length] as readonly Maker[];
    const make = from[(Math.floor(seed / makers.length) * 7) % from.length] as Maker;
    if (!made.has(make)) made.set(make, make());
    const pair = made.get(make);
    const judged = pair && judgedMutant(pair, seed);
    if (judged) yield judged;
  }
}

/** Lines that speak of the other family alone. */
const OTHERS = { ip: /\bip6 |\bicmpv6|[0-9a-f]::/, ip6: /\bip (?!6)|\bicmp |\d+\.\d+\.\d+\.\d+/ } as const;

/** One mutant of a pair, judged; undefined when many tries gave none. */
function judgedMutant(pair: Pair, seed: number): Judged | undefined {
  const below = randomly(seed * 7919 + 17);
  const side = (seed % 2) as 0 | 1;
  for (let tries = 0; tries < 40; tries++) {
    const one = mutant(pair.sides[side].text, below, OTHERS[pair.plane]);
    if (!one) return undefined;
    const judgement = judge(pair, side, one, below);
    if (judgement.kind !== 'no mutant') return { seed, pair, side, mutant: one, judgement };
  }
  return undefined;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observed } from '../../../compiler/meaning/steps';
import { migrate } from '../../../compiler/migrate';
import { type ProvenPlane, prove } from '../../../compiler/prove';
import { readDump } from '../../../compiler/targets/iptables/read';
import { readRulesetText } from '../../../compiler/targets/nft/read/tables';
import type { Ruleset } from '../../../dsl/ruleset/tree';
import { hostsIn } from '../dumps';
import { randomly } from '../random';
import { randomRules } from '../random-rules';

export interface Side {
  readonly kind: 'nft' | 'iptables';
  readonly text: string;
}

/** Two texts that are proven to do the same to every packet of a plane. */
export interface Pair {
  readonly of: 'goldens' | 'software' | 'chance';
  readonly name: string;
  readonly plane: Extract<ProvenPlane, 'ip' | 'ip6'>;
  readonly sides: readonly [Side, Side];
  readonly ignore: ReadonlySet<Observed>;
}

export const CAP = 1_000_000;

/** The ruleset that a text says; undefined when it says none. */
export function rulesetOf({ kind, text }: Side, plane: Pair['plane']): Ruleset | undefined {
  const source = { name: kind === 'nft' ? 'rules.nft' : 'rules', text };
  const outcome = kind === 'nft' ? readRulesetText(source) : readDump(source, plane);
  return outcome.ok ? { tables: outcome.value } : undefined;
}

const FOLDERS = { golden: join(__dirname, '../../golden'), corpus: join(__dirname, '../../migrate/corpus') };
const NOTHING: ReadonlySet<Observed> = new Set();
/** Each table of iptables has a copy of a chain that logs, with a rate of its own: nft has one for all. */
const LOGS: ReadonlySet<Observed> = new Set<Observed>(['log', 'counter']);

/** A pair that is made, and proven, when it is wanted; undefined when it is none after all. */
export type Maker = () => Pair | undefined;

/** The nft and the iptables form of every golden. */
export function goldenPairs(): Maker[] {
  const names = readdirSync(FOLDERS.golden).flatMap((file) => /^(.*)\.tsnet$/.exec(file)?.[1] ?? []);
  return names.flatMap((name) =>
    (['ip', 'ip6'] as const).map((plane) => () => {
      const read = (kind: string) => readFileSync(join(FOLDERS.golden, `${name}.${kind}`), 'utf8');
      const nft: Side = { kind: 'nft', text: read('nft').replace(/\ntable bridge \S+ \{.*$/s, '\n') };
      const iptables: Side = { kind: 'iptables', text: read(plane === 'ip' ? 'iptables' : 'ip6tables') };
      return proven({ of: 'goldens', name: `${name} (${plane})`, plane, sides: [nft, iptables], ignore: LOGS });
    }),
  );
}

/** Dumps of software, and what migrate makes of them. */
export function corpusPairs(): Maker[] {
  return readdirSync(FOLDERS.corpus)
    .filter((folder) => folder !== 'extensions')
    .sort()
    .flatMap((folder) =>
      hostsIn(join(FOLDERS.corpus, folder)).flatMap(([host, files]) =>
        files.map((file) => () => {
          const plane = file.endsWith('.v6.rules') ? 'ip6' : 'ip';
          return migrated('software', `${folder}/${host} (${plane})`, plane, readFileSync(file, 'utf8'));
        }),
      ),
    );
}

/** What random-rules writes for iptables, with what migrate makes of it; for nft, with itself. */
export function randomPairs(first: number, count: number): Maker[] {
  return Array.from({ length: count }, (_, at) => at + first).map((seed) => () => {
    const { tool, family, text } = randomRules(randomly(seed * 7919 + 17), seed);
    const plane = family === 4 ? 'ip' : 'ip6';
    if (tool !== 'nft') return migrated('chance', `random ${seed}`, plane, text);
    const side: Side = { kind: 'nft', text };
    return proven({ of: 'chance', name: `random ${seed}`, plane, sides: [side, side], ignore: NOTHING });
  });
}

function migrated(of: Pair['of'], name: string, plane: Pair['plane'], text: string): Pair | undefined {
  const { unit, whole } = migrate([{ name: 'rules', text }]);
  if (!whole) return undefined;
  return proven({
    of,
    name,
    plane,
    sides: [
      { kind: 'iptables', text },
      { kind: 'nft', text: unit.text },
    ],
    ignore: NOTHING,
  });
}

function proven(pair: Pair): Pair | undefined {
  const [one, other] = pair.sides.map((side) => rulesetOf(side, pair.plane));
  if (!one || !other) return undefined;
  const [proof] = prove(one, other, [pair.plane], { ignore: pair.ignore, cap: CAP, most: 1 });
  return proof?.comparison.kind === 'equal' ? pair : undefined;
}

import { prove } from '../../compiler/prove';
import { mutant } from '../support/mutants/one-field';
import { type Pair, rulesetOf, type Side } from '../support/mutants/pairs';
import { faultsOf } from '../support/mutants/witness';
import { randomly } from '../support/random';
import { randomRules } from '../support/random-rules';

const NO_OTHERS = /(?!)/;
const MOST = 20;

/** A random ruleset, and the same with some fields that are others. */
function changedTwice(seed: number): Pair | undefined {
  const below = randomly(seed * 7919 + 17);
  const { tool, family, text } = randomRules(below, seed);
  const kind: Side['kind'] = tool === 'nft' ? 'nft' : 'iptables';
  let changed = text;
  for (let count = 0; count < 3; count++) changed = mutant(changed, below, NO_OTHERS)?.text ?? changed;
  const sides: readonly [Side, Side] = [
    { kind, text },
    { kind, text: changed },
  ];
  return { of: 'chance', name: `random ${seed}`, plane: family === 4 ? 'ip' : 'ip6', sides, ignore: new Set() };
}

test('each packet of all that are told is treated otherwise, says no more than it has to, and is told once', () => {
  const faults: unknown[] = [];
  let told = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const pair = changedTwice(seed);
    const [one, other] = pair ? pair.sides.map((side) => rulesetOf(side, pair.plane)) : [];
    if (!pair || !one || !other) continue;
    const rulesets = [one, other] as const;
    const [proof] = prove(...rulesets, [pair.plane], { ignore: new Set(), cap: 200_000, most: MOST });
    for (const difference of proof?.differences ?? []) {
      told++;
      const found = faultsOf({ kind: 'killed', difference, rulesets }, pair);
      if (found.length > 0) faults.push({ seed, question: difference.question?.join(' '), found });
    }
    const texts = (proof?.differences ?? []).map(({ packet, journey, first, second }) =>
      JSON.stringify([packet, journey, first.verdict, first.seen, second.verdict, second.seen]),
    );
    if (new Set(texts).size < texts.length) faults.push({ seed, found: 'told twice', texts });
    if (texts.length > MOST) faults.push({ seed, found: 'more than were wanted' });
  }
  expect(faults).toEqual([]);
  expect(told).toBeGreaterThan(60);
});

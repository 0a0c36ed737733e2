import { migrate, PASSES, proveMigration } from '../../compiler/migrate';
import { express } from '../../compiler/migrate/express';
import { proofOf } from '../../compiler/migrate/verify';
import { readDumps } from '../../compiler/targets/iptables/read';
import { positionOf } from '../../dsl/core/source';
import type { Table } from '../../dsl/ruleset/tree';
import { mergeableDump } from '../support/mergeable-dumps';
import { randomly } from '../support/random';

/** `CASES=20000 npx jest test/property/merged` looks longer. */
const CASES = Number(process.env.CASES ?? 300);
const FIRST = Number(process.env.SEED ?? 1);
const CAP = 300_000;

/** Without the lines that iptables would not take. */
function valid(text: string): string {
  const wrong = readDumps([{ source: { name: 'made', text } }]).diagnostics.flatMap(({ severity, primary }) =>
    severity === 'error' && primary?.span ? [positionOf(primary.span.source, primary.span.start).line] : [],
  );
  return text
    .split('\n')
    .filter((_, at) => !wrong.includes(at + 1))
    .join('\n');
}

const texts = (seed: number) => {
  const below = randomly(seed * 7919);
  const families = below(2) === 0 ? (['ip', 'ip6'] as const) : [below(3) === 0 ? ('ip6' as const) : ('ip' as const)];
  return families.map((family) => ({ name: family, text: valid(mergeableDump(below, family)) }));
};

test(`what the passes make of ${CASES} random dumps does the same as they do`, () => {
  let [before, after] = [0, 0];
  for (let seed = FIRST; seed < FIRST + CASES; seed++) {
    const { tables, families } = readDumps(texts(seed).map((source) => ({ source })));
    const literal = tables.map((table) => express(table, { hookNames: true }, () => undefined));
    const merged = PASSES.reduce<readonly Table[]>((result, pass) => pass.run(result, () => undefined), literal);
    const results = proofOf(tables, merged, families, CAP).map(({ comparison }) => comparison.kind);
    expect([seed, ...new Set(results)]).toEqual([seed, 'equal']);
    before += rulesIn(literal);
    after += rulesIn(merged);
  }
  // That there was something to be merged at all.
  expect(after / before).toBeLessThan(0.8);
});

test('so does the text that is printed, and nothing had to be taken back', () => {
  for (let seed = FIRST; seed < FIRST + CASES; seed += 20) {
    const migration = migrate(texts(seed));
    expect([seed, migration.diagnostics.filter(({ code }) => code === 'TN4011')]).toEqual([seed, []]);
    const results = proveMigration(migration, 'merged', CAP).map(({ comparison }) => comparison.kind);
    expect([seed, ...new Set(results)]).toEqual([seed, 'equal']);
  }
});

function rulesIn(tables: readonly Table[]): number {
  return tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules)).length;
}

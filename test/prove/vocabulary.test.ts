import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prove } from '../../compiler/prove';
import { readDumps } from '../../compiler/targets/iptables/read';
import type { Chain, Policy, Ruleset } from '../../dsl/ruleset/tree';
import { casesOf } from '../support/extension-cases';

const FOLDER = join(__dirname, '../migrate/extensions');
const OPTIONS = { ignore: new Set<never>(), cap: 200_000, most: 1 };

type ChainChange = (chain: Chain) => Chain;

function changed({ tables }: Ruleset, change: ChainChange): Ruleset {
  return { tables: tables.map((table) => ({ ...table, chains: table.chains.map(change) })) };
}

const withoutRules: ChainChange = (chain) => ({ ...chain, rules: [] });
/** Where all else is dropped what a rule accepts is seen, and where all else passes what it drops. */
const withPolicy =
  (policy: Policy): ChainChange =>
  (chain) =>
    chain.base?.type === 'filter' ? { ...chain, base: { ...chain.base, policy } } : chain;

/** Every option of every extension, as rules: one that is overlooked would be as good as none. */
test('no rule of iptables is the same as none, but those that do nothing', () => {
  const counts = { different: 0 };
  const same: string[] = [];
  for (const file of readdirSync(FOLDER).sort())
    for (const one of casesOf(readFileSync(join(FOLDER, file), 'utf8'))) {
      const family = one.tool === 'iptables' ? 'ip' : 'ip6';
      const source = { name: 'rule', text: `${one.words.replace(/-A .*/, '-N led')}\n${one.words}\n` };
      const sets = { name: 'sets', text: one.ipsets.map((line) => `${line}\n`).join('') };
      const read = readDumps([{ source, family }, ...(one.ipsets.length > 0 ? [{ source: sets }] : [])]);
      if (read.diagnostics.some(({ severity, code }) => severity === 'error' && code !== 'TN4001')) continue;
      const isSeen = (['accept', 'drop'] as const).some((policy) => {
        const ruleset = changed({ tables: read.tables }, withPolicy(policy));
        return prove(ruleset, changed(ruleset, withoutRules), [family], OPTIONS)[0]?.comparison.kind === 'different';
      });
      if (isSeen) counts.different++;
      else same.push(`${one.tool} ${one.words}`);
    }
  expect(counts.different).toBeGreaterThan(300);
  expect(same).toMatchSnapshot('rules that are as good as none');
});

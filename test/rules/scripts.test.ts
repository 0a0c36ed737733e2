import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesetOf, rulesOf } from '../../cli/rulesets';
import { PROVEN_PLANES, prove } from '../../compiler/prove';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import { execute } from '../support/lab';

const folder = join('test', 'rules', 'scripts');
const scripts = readdirSync(folder).filter((file) => file.endsWith('.nft'));

async function read(name: string, text: string) {
  const given = await rulesOf([{ name, text }], [], []);
  if (!given.ok) throw new Error(given.diagnostics.map(({ message }) => message).join('\n'));
  return rulesetOf(given.value);
}

describe.each(scripts)('%s', (file) => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');

  const listings = [['list', 'ruleset'], ...(file === 'unnamed.nft' ? [] : [['--json', 'list', 'ruleset']])];

  test.each(listings.map((list) => [list]))('is read as nft carries it out: %j', async (list) => {
    const script = 'nft -f "$1" && shift && nft "$@"';
    const { code, stdout, stderr } = execute('unshare', ['--net', 'sh', '-c', script, 'sh', path, ...list]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [listed, written] = [await read('listed', stdout), await read(path, text)];
    const shape = ({ tables }: typeof listed) =>
      tables.map(({ family, name, chains, sets }) => [
        `${family} ${name}`,
        chains.map((chain) => `${chain.name}: ${chain.rules.length}`).sort(),
        sets.map((set) => set.name).sort(),
      ]);
    expect(shape(written)).toEqual(shape(listed));
    const proofs = prove(written, listed, PROVEN_PLANES, { ignore: new Set(), cap: 100_000, most: 1 });
    expect(proofs.map(({ plane, comparison }) => [plane, comparison.kind])).toEqual(
      PROVEN_PLANES.map((plane) => [plane, 'equal']),
    );
  });
});

const MISTAKES: readonly (readonly [name: string, text: string, message: string])[] = [
  [
    'a variable that is not there',
    'define wan = eth0\ntable t { chain c { iifname $wam accept; }; }',
    'nothing defines `$wam`',
  ],
  ['a chain that is not there', 'add table t\nadd rule t c accept', 'there is no chain `c` in the table'],
  ['a table that is not there', 'add rule inet t c accept', 'the table inet t is not made here'],
  ['a set that is not there', 'add table t\nadd element t s { 1 }', 'there is no set `s` in the table'],
  [
    'a handle',
    'table t { chain c { accept; }; }\ninsert rule t c handle 3 drop',
    'a file does not know the handles of rules',
  ],
  [
    'an index that no rule has',
    'table t { chain c { accept; }; }\nadd rule t c index 1 drop',
    'the chain has no rule with that index',
  ],
  ['a command that is none', 'add tabel t', '`add tabel` is outside of what tsnet reads'],
  ['a file that is not there', 'include "./nowhere.nft"', 'cannot read ./nowhere.nft'],
];

test.each(MISTAKES)('%s is said', (_, text, message) => {
  const read = readRulesetText({ name: 'x.nft', text });
  expect(read.ok ? [] : read.diagnostics.map((one) => one.message)).toEqual([expect.stringContaining(message)]);
});

test('files that include each other come to an end', () => {
  const source = { name: 'x.nft', text: 'include "x.nft"\ntable t { chain c { accept; }; }' };
  const read = readRulesetText(source, () => [source]);
  expect(read.ok ? [] : read.diagnostics.map((one) => one.message)).toEqual(['files include each other too deeply']);
});

test('time is linear in the number of commands', () => {
  const script = (rules: number) =>
    [
      'add table t',
      'add chain t c',
      ...Array.from({ length: rules }, (_, at) => `add rule t c tcp dport ${at + 1} drop`),
    ].join('\n');
  const read = readRulesetText({ name: 'x.nft', text: script(20_000) });
  expect(read.ok && read.value[0]?.chains[0]?.rules.length).toBe(20_000);
});

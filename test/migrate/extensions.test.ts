import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableText } from '../../compiler/targets/nft/print';
import { casesOf, type ExtensionCase, outcomeOf, withOutcomes } from '../support/extension-cases';
import { execute } from '../support/lab';

/** Rules of iptables, and what becomes of each. UPDATE_GOLDEN=1 writes it anew; read what changed. */
const update = process.env.UPDATE_GOLDEN === '1';
if (update && process.env.CI) throw new Error('goldens are not updated in CI');

const folder = join(__dirname, 'extensions');
const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
if (update) for (const file of files) writeFileSync(join(folder, file), withOutcomes(textOf(file)));
const cases = files.flatMap((file) => casesOf(textOf(file)).map((one) => ({ ...one, place: `${file}:${one.line}` })));
type Placed = ExtensionCase & { readonly place: string };

test.each(files)('what becomes of the rules in %s', (file) => {
  const text = textOf(file);
  expect(text).toBe(withOutcomes(text));
});

const isRefused = ({ expected }: Placed) => expected.some((line) => line.startsWith('wrong: '));

/** Each set of ipset that a rule speaks of is made before. */
function restore(tool: Placed['tool'], rules: readonly Placed[]) {
  const tables = [...new Set(rules.map(({ table }) => table))];
  const dump = tables.flatMap((table) => {
    const lines = rules.filter((one) => one.table === table).map(({ words }) => words.replace(/^-t \S+ /, ''));
    return [`*${table}`, ':led -', ...lines, 'COMMIT'];
  });
  const sets = [...new Set(rules.flatMap(({ ipsets }) => ipsets))];
  const script = 'printf %s "$1" | ipset restore && printf %s "$2" | "$3"';
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  return execute('unshare', ['--net', 'sh', '-c', script, 'sh', text(sets), text(dump), `${tool}-legacy-restore`]);
}

describe.each(['iptables', 'ip6tables'] as const)('%s itself', (tool) => {
  const own = cases.filter((one) => one.tool === tool && !one.old);

  test('takes all that is said to be a rule', () => {
    const rules = own.filter((one) => !isRefused(one));
    const all = restore(tool, rules);
    // Which of them it was, only when something is wrong: each alone takes a process.
    const refused = all.code === 0 ? [] : rules.filter((one) => restore(tool, [one]).code !== 0);
    expect(
      refused.map(({ place, words }) => [
        place,
        words,
        restore(
          tool,
          own.filter((one) => one.place === place),
        ).stderr,
      ]),
    ).toEqual([]);
  });

  test('refuses what is said to be wrong', () => {
    const taken = own.filter(isRefused).filter((one) => restore(tool, [one]).code === 0);
    expect(taken.map(({ place, words }) => [place, words])).toEqual([]);
  });
});

test('nft takes what is given for each', () => {
  const load = (text: string) => execute('unshare', ['--net', 'nft', '-f', '-'], text);
  const queues = load('table ip t { chain c { queue to 0; }; }').code === 0;
  if (!queues) process.stdout.write('not loaded: rules with `queue`, which this kernel does not have\n');
  const tables = cases.flatMap((one) => {
    const { table } = outcomeOf(one);
    const queued = table?.chains.some(({ rules }) =>
      rules.some(({ statements }) => statements.some(({ kind }) => kind === 'queue')),
    );
    return table && (queues || !queued)
      ? [{ place: one.place, text: tableText({ ...table, name: `c${one.place.replace(/\W/g, '_')}` }) }]
      : [];
  });
  const all = load(tables.map(({ text }) => text).join('\n'));
  const refused = all.code === 0 ? [] : tables.map(({ place, text }) => [place, load(text).stderr, text]);
  expect(refused.filter(([, stderr]) => stderr !== '')).toEqual([]);
});

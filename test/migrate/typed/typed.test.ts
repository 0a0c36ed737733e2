import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Migration, migrate } from '../../../compiler/migrate';
import { type Raised, toIntent, toTables, toTypeScript } from '../../../compiler/migrate/intent';
import { lossOf } from '../../../compiler/migrate/lost';
import { asRules } from '../../../compiler/migrate/raise';
import { statementText } from '../../../compiler/targets/nft/notation';
import type { Table } from '../../../dsl/ruleset/tree';
import { compile } from '../../../index';
import { hostsIn, sourcesOf } from '../../support/dumps';
import { casesOf, outcomeOf } from '../../support/extension-cases';
import { comparable, stackOf, typeErrors } from '../../support/typed';

const CORPUS = join(__dirname, '../corpus');
const EXTENSIONS = join(__dirname, '../extensions');

function compiled(input: Parameters<typeof compile>[0]): readonly Table[] {
  const outcome = compile(input);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return outcome.value.ruleset.tables;
}

/** What is printed as nft: lost rules are comments there. */
function printed({ ruleset }: Migration): readonly Table[] {
  return ruleset.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.filter((rule) => !lossOf(rule)) })),
  }));
}

const texts = new Map<string, string>();

/** As TypeScript and as text of the language, the same tables; nothing is left as text in TypeScript. */
function expectSame(name: string, raised: Raised, wanted: readonly Table[]): void {
  const { text, untyped } = toTypeScript(raised);
  texts.set(name, text);
  expect(comparable(compiled(stackOf(text)))).toEqual(comparable(wanted));
  expect(comparable(compiled([{ name: 'host.tsnet', text: raised.text }]))).toEqual(comparable(wanted));
  const allowed = wanted.some(
    ({ sets, chains }) =>
      sets.some(
        ({ key, elements }) =>
          key.kind === 'typeof' || elements.some((one) => one.timeoutMs !== undefined || one.statements !== undefined),
      ) ||
      chains.some(({ rules }) =>
        rules.some(({ statements }) =>
          statements.map(statementText).some((text) => UNTYPED.has(text) || LONG.test(text)),
        ),
      ),
  );
  expect(untyped.length > 0).toBe(allowed);
}

/** What the typed rules have no words for; nor have they any for keys by `typeof` and for what elements carry. */
const LONG = /^@\w+,\d+,1\d\d /;
const UNTYPED = new Set([
  'comp flags == 0',
  'ct event set new,destroy',
  'ct label ! 40',
  'ct secmark set meta secmark',
  'meta secmark set ct secmark',
  'tcp flags & 0x0 == 0x0',
]);

describe.each(readdirSync(CORPUS).filter((program) => program !== 'extensions'))('dumps of %s', (program) => {
  test.each([...hostsIn(join(CORPUS, program)), ['(end)', []] as const])('%s', (host, files) => {
    const migration = migrate(sourcesOf(files));
    expectSame(`${program} ${host}`, toTables(migration), printed(migration));
  });
});

describe.each(readdirSync(EXTENSIONS))('rules of %s', (file) => {
  const cases = casesOf(readFileSync(join(EXTENSIONS, file), 'utf8')).map((one) => [one.words, one] as const);
  test.each(cases)('%s', (_, one) => {
    const { table } = outcomeOf(one);
    if (table) expectSame(`${file} ${one.line}`, asRules([table]), [table]);
  });
});

/** Dumps whose TypeScript is there to be read. */
const READ: readonly (readonly [string, (migration: Migration) => Raised])[] = [
  ['docker/docker20-18-foreign-rules', toIntent],
  ['docker/docker20-06-icc-false-link', toIntent],
  ['fail2ban/several', toTables],
  ['sshguard/documented', toTables],
];

test.each(READ)('%s reads as a reviewer has read it', (host, raise) => {
  const [folder = '', name] = host.split('/');
  const files = hostsIn(join(CORPUS, folder)).find(([one]) => one === name)?.[1] ?? [];
  const migration = migrate(sourcesOf(files));
  const raised = raise(migration);
  const { text } = toTypeScript(raised);
  texts.set(`golden ${name}`, text);
  const golden = join(__dirname, 'cases', `${name}.ts.txt`);
  if (process.env.UPDATE_GOLDEN || !existsSync(golden)) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
  expect(comparable(compiled(stackOf(text)))).toEqual(
    comparable(compiled([{ name: 'host.tsnet', text: raised.text }])),
  );
});

test('a strict compiler takes all of it', () => {
  expect(typeErrors(texts)).toEqual([]);
}, 120_000);

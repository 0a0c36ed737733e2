import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate, proveMigration } from '../../compiler/migrate';
import { renderDiagnostics } from '../../dsl/core/render';
import { execute } from '../support/lab';

/** Setups as administrators have them, each with the ruleset and the report it gives. UPDATE_GOLDEN=1 writes them: read what changed. */
const update = process.env.UPDATE_GOLDEN === '1';
if (update && process.env.CI) throw new Error('goldens are not updated in CI');
const folder = join(__dirname, 'golden');
const CAP = 1_000_000;

const setups = readdirSync(folder)
  .filter((file) => /\.(rules|sh)$/.test(file))
  .map((file) => {
    const migration = migrate([{ name: file, text: readFileSync(join(folder, file), 'utf8') }]);
    return { file, migration, nft: migration.unit.text };
  });

function expectGolden(file: string, text: string): void {
  const path = join(folder, file);
  if (update) writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

test.each(setups)('$file', ({ file, migration, nft }) => {
  expectGolden(file.replace(/\.\w+$/, '.nft'), nft);
  const proofs = proveMigration(migration, file, CAP);
  const report = [
    ...(migration.diagnostics.length > 0 ? [renderDiagnostics(migration.diagnostics, { color: false })] : []),
    ...proofs.map(({ plane, comparison }) => `${plane}: ${comparison.kind}`),
  ];
  expectGolden(file.replace(/\.\w+$/, '.report'), `${report.join('\n')}\n`);
});

test('nft loads each of them', () => {
  for (const { file, nft } of setups) {
    const { code, stderr } = execute('unshare', ['--net', 'nft', '-f', '-'], nft);
    expect([file, code, stderr]).toEqual([file, 0, '']);
  }
});

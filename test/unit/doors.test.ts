import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const depcruise = join(root, 'node_modules', '.bin', 'depcruise');

/** A house in which every file imports one other; those of `doors` may, those of `breaches` may not. */
const doors = {
  'cli/door.ts': '../runtime/door',
  'runtime/door.ts': '../compiler/door',
  'runtime/files.ts': 'node:fs',
  'runtime/host/exec.ts': 'node:child_process',
  'compiler/door.ts': '../grammar/door',
  'compiler/hash.ts': 'node:crypto',
  'grammar/door.ts': '../dsl/core/door',
  'dsl/door.ts': './core/door',
  'dsl/core/door.ts': './leaf',
};
const breaches = {
  'dsl/core/breach.ts': ['core-stands-alone', '../door'],
  'dsl/breach.ts': ['dsl', '../compiler/leaf'],
  'grammar/breach.ts': ['grammar', '../dsl/leaf'],
  'compiler/breach.ts': ['compiler', '../runtime/leaf'],
  'compiler/impure.ts': ['pure-rooms', 'node:fs'],
  'runtime/breach.ts': ['runtime', '../cli/leaf'],
  'runtime/spawn.ts': ['one-door-to-processes', 'node:child_process'],
  'cli/breach.ts': ['cli', '../grammar/leaf'],
  'cli/circle.ts': ['no-cycles', './circle'],
} as const;

function build(house: string): void {
  for (const config of ['.dependency-cruiser.cjs', 'tsconfig.json'])
    copyFileSync(join(root, config), join(house, config));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  };
  for (const room of ['dsl', 'dsl/core', 'grammar', 'compiler', 'runtime', 'cli'])
    write(`${room}/leaf.ts`, 'export const leaf = 1;\n');
  for (const [path, module] of Object.entries(doors)) write(path, `export * from '${module}';\n`);
  for (const [path, [, module]] of Object.entries(breaches)) write(path, `export * from '${module}';\n`);
}

test('every breach of a door between the rooms is refused, and the way forward is open', () => {
  const house = mkdtempSync(join(tmpdir(), 'tsnet-doors-'));
  try {
    build(house);
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        depcruise,
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'json',
        'dsl',
        'grammar',
        'compiler',
        'runtime',
        'cli',
      ],
      { cwd: house, encoding: 'utf8', env: { ...process.env, NODE_PATH: join(root, 'node_modules') } },
    );
    expect(stderr).toBe('');
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    expect(new Map(summary.violations.map(({ from, rule }) => [from, rule.name]))).toEqual(
      new Map(Object.entries(breaches).map(([path, [rule]]) => [path, rule])),
    );
  } finally {
    rmSync(house, { recursive: true });
  }
});

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds `dist/`: what the compiler emits, the shell scripts that stand beside the sources, and a program that can be
 * run. `--clean` forgets what an earlier build left, so that no module outlives its source.
 */
const root = join(__dirname, '..');
const dist = join(root, 'dist');

if (process.argv.includes('--clean')) rmSync(dist, { recursive: true, force: true });
require('./generate');
compile();
copyScripts('runtime');
chmodSync(join(dist, 'cli', 'main.js'), 0o755);

function compile(): void {
  const tsc = require.resolve('typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  } catch (error) {
    process.exit((error as { status?: number }).status ?? 1);
  }
}

function copyScripts(room: string): void {
  for (const file of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.sh')) copyFileSync(join(root, room, file), join(dist, room, file));
}

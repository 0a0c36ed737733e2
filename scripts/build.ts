import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Builds `dist/`: what the compiler emits, the scripts that stand beside the sources, the JSON Schema of an intent,
 * the manual's pages, and a program that can be run. `--clean` forgets what an earlier build left, so that no module outlives its source.
 */
const root = join(__dirname, '..');
const dist = join(root, 'dist');

if (process.argv.includes('--clean')) rmSync(dist, { recursive: true, force: true });
require('./generate');
compile();
copyScripts('runtime');
require('./schema');
require('./manual');
linkProgram();
require('./bundle');

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
    if (/\.(sh|pl|service|init)$/.test(file)) {
      mkdirSync(dirname(join(dist, room, file)), { recursive: true });
      copyFileSync(join(root, room, file), join(dist, room, file));
    }
}

/** npx looks here first; without the link it would install the package a second time to find its own program. */
function linkProgram(): void {
  const program = join(dist, 'cli', 'main.js');
  const link = join(root, 'node_modules', '.bin', 'tsnet');
  chmodSync(program, 0o755);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHAPES } from './migrate-shapes';

/**
 * `npm run bench:migrate`: the whole process of `tsnet migrate` on made dumps, the median of three, beside
 * iptables-restore-translate where that is installed. It translates rule by rule, merges nothing and proves nothing.
 * `npm run bench:migrate -- 50000` takes other sizes.
 */
const SIZES = process.argv.slice(2).map(Number);
const program = join(__dirname, '..', 'dist', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'bench-migrate-'));

/** Seconds; undefined when it fails. */
function seconds(command: string, args: readonly string[]): number | undefined {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const start = process.hrtime.bigint();
    const { status } = spawnSync(command, args, { stdio: 'ignore' });
    if (status !== 0) return undefined;
    times.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return times.sort((a, b) => a - b)[1];
}

function shown(time: number | undefined): string {
  return time === undefined ? 'fails' : `${time.toFixed(2)} s`;
}

function lines(args: readonly string[]): number {
  return spawnSync(process.execPath, [program, 'migrate', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  }).stdout.split('\n').length;
}

try {
  process.stdout.write('| dump | rules | tsnet migrate | lines | with --prove | iptables-restore-translate |\n');
  process.stdout.write('| --- | --- | --- | --- | --- | --- |\n');
  for (const [name, dumpOf] of Object.entries(SHAPES))
    for (const rules of SIZES.length > 0 ? SIZES : [1_000, 5_000, 10_000]) {
      const file = join(folder, `${name}-${rules}.rules`);
      writeFileSync(file, dumpOf(rules));
      const tsnet = (...flags: readonly string[]) => seconds(process.execPath, [program, 'migrate', ...flags, file]);
      const cells = [
        name,
        rules,
        shown(tsnet()),
        lines([file]),
        shown(tsnet('--prove')),
        shown(seconds('iptables-restore-translate', ['-f', file])),
      ];
      process.stdout.write(`| ${cells.join(' | ')} |\n`);
    }
} finally {
  rmSync(folder, { recursive: true });
}

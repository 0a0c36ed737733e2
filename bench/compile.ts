import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `tsnet compile` as a whole process, for intents of 1,000, 10,000 and 100,000 containers with a publish each: the median
 * of some runs, and the most memory any of them used. What counts is how the figures grow.
 */
const program = join(__dirname, '../dist/cli/main.js');
const RUNS = 5;

/** Ports run out before containers do, so each 50,000 publish on an address of their own. */
function intentOf(containers: number): string {
  const lines = ['network front { subnet 10.0.0.0/8 }'];
  for (let index = 0; index < containers; index++)
    lines.push(
      `container c${index} {`,
      '  network front',
      `  publish 192.0.2.${1 + Math.floor(index / 50_000)}:${10_000 + (index % 50_000)}:80`,
      '}',
    );
  return `${lines.join('\n')}\n`;
}

function measure(file: string): { seconds: number; megabytes: number } {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(
    '/usr/bin/time',
    ['-f', '%M', process.execPath, program, 'compile', '-o', '/dev/null', file],
    { encoding: 'utf8' },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(stderr);
  return { seconds, megabytes: Number(stderr.trim().split('\n').at(-1)) / 1024 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const folder = mkdtempSync(join(tmpdir(), 'tsnet-bench-'));
process.stdout.write('| containers | seconds | MB | microseconds a container |\n| --- | --- | --- | --- |\n');
for (const containers of [1_000, 10_000, 100_000]) {
  const file = join(folder, `${containers}.tsnet`);
  writeFileSync(file, intentOf(containers));
  const runs = Array.from({ length: RUNS }, () => measure(file));
  const seconds = median(runs.map((run) => run.seconds));
  const megabytes = Math.max(...runs.map((run) => run.megabytes));
  process.stdout.write(
    `| ${containers} | ${seconds.toFixed(2)} | ${megabytes.toFixed(0)} | ${((seconds / containers) * 1e6).toFixed(0)} |\n`,
  );
}
rmSync(folder, { recursive: true, force: true });

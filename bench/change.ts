import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What one container more or less costs beside many others: `npm run bench:change [-- COUNT...]`. Whole processes, on a
 * throwaway host; the bytes are those that nft is given. Ratios are to the smallest count.
 */
const PROGRAM = join(__dirname, '..', 'dist', 'cli', 'main.js');
const ROUNDS = 9;

/** Stands before nft in the PATH and adds up what it is given. */
const WRAPPER = `#!/bin/sh
folder=\${0%/*}
cat >"$folder/input"
wc -c <"$folder/input" >>"$folder/bytes"
PATH=\${PATH#"$folder:"} exec nft "$@" <"$folder/input"
`;

interface Measured {
  readonly count: number;
  readonly run: number;
  readonly remove: number;
  readonly bytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'tsnet-bench-'));

function tsnet(args: readonly string[], input = '', env: NodeJS.ProcessEnv = process.env): void {
  const stdio = ['pipe', 'ignore', 'pipe'] as const;
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    input,
    encoding: 'utf8',
    env,
    stdio: [...stdio],
  });
  if (status !== 0) throw new Error(stderr);
}

function milliseconds(action: () => void): number {
  const started = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function measure(count: number): Measured {
  // A bridge of Linux has no more than 1,023 ports.
  const networks = Array.from(
    { length: Math.floor(count / 1000) + 1 },
    (_, at) => `network n${at} { subnet 10.${at}.0.0/16 }\n`,
  );
  const containers = Array.from(
    { length: count },
    (_, at) => `container c${at} { network n${Math.floor(at / 1000)}; publish ${10000 + at}:80 }\n`,
  );
  tsnet(['apply', '-'], [...networks, ...containers].join(''));
  const [runs, removals]: [number[], number[]] = [[], []];
  const add = [
    'run',
    '-d',
    '--net',
    `n${networks.length - 1}`,
    '--name',
    'more',
    '-p',
    '60000:80',
    '--',
    'sleep',
    '600',
  ];
  for (let round = 0; round < ROUNDS; round++) {
    runs.push(milliseconds(() => tsnet(add)));
    removals.push(milliseconds(() => tsnet(['rm', 'more'])));
  }
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  writeFileSync(join(folder, 'bytes'), '');
  tsnet(add, '', env);
  const bytes = readFileSync(join(folder, 'bytes'), 'utf8')
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0);
  tsnet(['down']);
  return { count, run: median(runs), remove: median(removals), bytes };
}

writeFileSync(join(folder, 'nft'), WRAPPER);
chmodSync(join(folder, 'nft'), 0o755);
const counts = process.argv.slice(2).map(Number);
const all = (counts.length > 0 ? counts : [0, 1000, 10000]).map(measure);
const [first] = all;
const ratio = (value: number, to: number | undefined) => (to ? (value / to).toFixed(2) : '-');
console.log('containers   run ms  ratio    rm ms  ratio  bytes to nft  ratio');
for (const { count, run, remove, bytes } of all)
  console.log(
    [
      String(count).padStart(10),
      run.toFixed(0).padStart(8),
      ratio(run, first?.run).padStart(6),
      remove.toFixed(0).padStart(8),
      ratio(remove, first?.remove).padStart(6),
      String(bytes).padStart(13),
      ratio(bytes, first?.bytes).padStart(6),
    ].join(' '),
  );
rmSync(folder, { recursive: true });

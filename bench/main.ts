import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOnThrowawayHost } from '../runtime';
import { type Kept, kept, report } from './report';
import { ROWS } from './rows';

/** What is measured beside us, and what it is measured with: a file that says that it is there, and Debian's package. */
const NEEDED = {
  '/usr/lib/podman/netavark': 'netavark',
  '/usr/lib/cni/portmap': 'containernetworking-plugins',
  '/usr/sbin/xtables-legacy-multi': 'iptables',
  '/usr/bin/iperf3': 'iperf3',
} as const;

/** Seconds that a row may take. */
const LIMIT = 900;

/** `npm run bench [-- --quick] [--row NAME...]`: measures, and writes docs/benchmarks.md and its plots. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, row: { type: 'string', multiple: true } },
  });
  const names = values.row ?? Object.keys(ROWS);
  for (const name of names) if (!ROWS[name]) throw new Error(`no row ${name}: ${Object.keys(ROWS).join(', ')}`);
  install();
  takeRoom();
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-bench-'));
  let failed = false;
  for (const name of names) {
    const started = performance.now();
    const found = await measure(name, join(folder, `${name}.json`), values.quick);
    console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    if (!found) failed = true;
    else {
      for (const { what, ours, others, ratio, target, met } of found.result.lines)
        console.log([what, ours, others, ratio, target, met === undefined ? '' : met ? 'met' : 'NOT MET'].join(' | '));
      // What a quick run finds is to be read, not kept.
      if (!values.quick) report({ ...kept(), [name]: found });
    }
  }
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = failed ? 1 : 0;
}

async function measure(name: string, file: string, quick: boolean): Promise<Kept | undefined> {
  const tsNode = require.resolve('ts-node/dist/bin.js');
  const command = [
    process.execPath,
    tsNode,
    '--swc',
    join(__dirname, 'row.ts'),
    name,
    file,
    ...(quick ? ['--quick'] : []),
  ];
  const ended = await runOnThrowawayHost(['timeout', String(LIMIT), ...command]);
  if (!ended.ok || ended.value !== 0 || !existsSync(file)) {
    console.error(`${name}: not measured${ended.ok ? '' : `: ${ended.fault.message}`}`);
    return undefined;
  }
  return {
    result: JSON.parse(readFileSync(file, 'utf8')),
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench -- --row ${name}`,
    machine: machine(),
  };
}

function machine(): string {
  const all = cpus();
  const version = (program: string, ...args: string[]) =>
    spawnSync(program, args, { encoding: 'utf8' }).stdout?.match(/\d+(\.\d+)+/)?.[0] ?? 'none';
  return [
    `${all.length} cores of ${all[0]?.model.trim()}`,
    `Linux ${release().replace(/-.*/, '')}`,
    `Node ${process.versions.node}`,
    `nft ${version('nft', '--version')}`,
    `iptables ${version('iptables', '--version')}`,
    `netavark ${version('/usr/lib/podman/netavark', 'version')}`,
    `load average ${(loadavg()[1] ?? 0).toFixed(0)} while it was measured`,
  ].join(', ');
}

/** On a machine that does other things too, a greater share of it, where we may (sched(7), autogroup). */
function takeRoom(): void {
  try {
    writeFileSync('/proc/self/autogroup', '-10');
  } catch {
    // There is no such thing here, or we are not root.
  }
}

/** Who is not root measures beside what there is. */
function install(): void {
  const missing = Object.entries(NEEDED).flatMap(([path, name]) => (existsSync(path) ? [] : [name]));
  if (missing.length === 0 || process.geteuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...missing]])
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Bindings, bindings } from '../runtime/host/native/bindings';
import { enter, inNamespace } from '../runtime/host/native/namespaces';

export const PROGRAM = join(__dirname, '..', 'dist', 'cli', 'main.js');
export const TSNET = [process.execPath, PROGRAM] as const;

/** Milliseconds of wall time, and of processor time of the process and of those that it waited for. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

export interface How {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace to run in, by its name. */
  readonly host?: string;
}

const RUSAGE_CHILDREN = -1;
const koffi = require('koffi');
const rusage = koffi.load('libc.so.6').func('getrusage', 'int', ['int', 'void *']);

/** What the kernel is spoken with; the benchmarks cannot do without. */
export function kernel(): Bindings {
  const found = bindings();
  if (!found) throw new Error('benchmarks need koffi and libnftables');
  return found;
}

/** User and system time of all children that have ended, ms. */
function childrensTime(): number {
  const usage = Buffer.alloc(144);
  rusage(RUSAGE_CHILDREN, usage);
  const milliseconds = (at: number) =>
    Number(usage.readBigInt64LE(at)) * 1e3 + Number(usage.readBigInt64LE(at + 8)) / 1e3;
  return milliseconds(0) + milliseconds(16);
}

/** Does something in another network namespace, without waiting. */
export function within<T>(host: string | undefined, action: () => T): T {
  if (host === undefined) return action();
  const libc = kernel();
  const file = openSync(`/run/netns/${host}`, 'r');
  try {
    return inNamespace(libc, enter(libc, file), action);
  } finally {
    closeSync(file);
  }
}

/** Runs a program to its end; throws when it says that it failed. */
export function run([program = '', ...args]: readonly string[], { input = '', env, host }: How = {}): string {
  const { status, stdout, stderr, error } = within(host, () =>
    spawnSync(program, args, {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      env: { ...process.env, ...env },
    }),
  );
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.slice(0, 2000)}`);
  return stdout;
}

/** A whole process, from its start to its end, and what it printed. */
export function timed(command: readonly string[], how: How = {}): Sample & { readonly output: string } {
  const [before, started] = [childrensTime(), performance.now()];
  const output = run(command, how);
  return { wall: performance.now() - started, cpu: childrensTime() - before, output };
}

/** Something that this process does itself. */
export async function timedHere(action: () => unknown): Promise<Sample> {
  const [before, started] = [process.cpuUsage(), performance.now()];
  await action();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - started, cpu: (user + system) / 1000 };
}

/** The most memory that a process used, MB. */
export function peakOf(command: readonly string[], how: How = {}): number {
  const script = `
    const { spawnSync } = require('node:child_process');
    const usage = Buffer.alloc(144);
    const { status, stderr } = spawnSync(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'ignore', 'pipe'] });
    if (status !== 0) throw new Error(String(stderr));
    require('koffi').load('libc.so.6').func('getrusage', 'int', ['int', 'void *'])(${RUSAGE_CHILDREN}, usage);
    process.stdout.write(String(Number(usage.readBigInt64LE(32)) / 1024));`;
  return Number(run([process.execPath, '-e', script, ...command], how));
}

/** Something that is measured, and what comes before and after it that is not. */
export interface Candidate {
  readonly name: string;
  readonly before?: () => void;
  readonly run: () => Sample | Promise<Sample>;
  readonly after?: () => void | Promise<void>;
}

/** Each candidate in turn, so that what slows the machine down for a while slows all of them; the first round is not counted. */
export async function interleaved(candidates: readonly Candidate[], rounds: number): Promise<Measured> {
  const samples = new Map(candidates.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 0; round <= rounds; round++)
    for (const { name, before, run: measured, after } of candidates) {
      before?.();
      const sample = await measured();
      await after?.();
      if (round > 0 || rounds === 1) samples.get(name)?.push(sample);
    }
  return new Measured(samples);
}

export class Measured {
  constructor(private readonly samples: ReadonlyMap<string, readonly Sample[]>) {}

  median(name: string, of: keyof Sample = 'wall'): number {
    return median(this.of(name).map((sample) => sample[of]));
  }

  /** The median of the ratios of the rounds. */
  ratio(name: string, to: string, of: keyof Sample = 'wall'): number {
    const others = this.of(to);
    return median(this.of(name).map((sample, round) => sample[of] / (others[round]?.[of] ?? Number.NaN)));
  }

  private of(name: string): readonly Sample[] {
    const samples = this.samples.get(name);
    if (!samples) throw new Error(`not measured: ${name}`);
    return samples;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

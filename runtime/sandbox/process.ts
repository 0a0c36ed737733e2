import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attach, leave } from '../host/exec';
import { done, type HostFault, type Result } from '../host/fault';
import { writeFileAtomic } from '../host/files';
import { paths } from '../state/store';

/** Where a command runs: a network namespace, and the directory of the files it finds in /etc. */
export interface Place {
  /** Undefined: the host's own. */
  readonly namespace: string | undefined;
  readonly files: string | undefined;
}

const GRACE_MS = 2000;

/** Runs a command on our terminal inside a sandbox; gives its exit code. */
export async function enter(place: Place, command: readonly string[]): Promise<Result<number, HostFault>> {
  const [program = '', ...args] = argumentsFor(place, command);
  const result = await attach(program, args);
  return result.ok ? done(result.value.exitCode) : result;
}

/** Leaves a command running inside a sandbox, in a session of its own, what it prints going to the container's log. */
export async function leaveRunning(
  place: Place,
  command: readonly string[],
  directory: string,
  name: string,
): Promise<Result<number, HostFault>> {
  const log = openSync(paths.log(directory, name), 'a', 0o600);
  const [program = '', ...args] = argumentsFor(place, command);
  const result = await leave(program, args, log);
  closeSync(log);
  if (!result.ok) return result;
  const pid = result.value;
  writeFileAtomic(processFile(directory, name), JSON.stringify({ pid, started: startTime(pid) }), 0o600);
  return done(pid);
}

function argumentsFor({ namespace, files }: Place, command: readonly string[]): string[] {
  const script = join(__dirname, 'enter.sh');
  const inNamespace = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`, '--'];
  if (namespace === undefined && files === undefined) return [...command];
  return [
    ...inNamespace,
    'unshare',
    '--mount',
    '--uts',
    '--propagation',
    'private',
    '--',
    '/bin/sh',
    script,
    files ?? '',
    ...command,
  ];
}

/** The container's detached process, when it still is the one that was started. */
export function runningProcess(directory: string, name: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(processFile(directory, name), 'utf8')) as {
      pid: number;
      started: string;
    };
    return startTime(pid) === started ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a container's detached process and its group: asked first, then killed. */
export async function stopProcess(directory: string, name: string): Promise<void> {
  const pid = runningProcess(directory, name);
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const started = process.uptime();
  for (let pause = 2; 1000 * (process.uptime() - started) < GRACE_MS; pause = Math.min(2 * pause, 20)) {
    if (runningProcess(directory, name) === undefined) return;
    await sleep(pause);
  }
  if (runningProcess(directory, name) !== undefined) signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function processFile(directory: string, name: string): string {
  return join(paths.files(directory, name), 'process.json');
}

/** Clock ticks since boot at which a process started (proc(5), stat field 22): with the id it names a process for good. */
function startTime(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? '' : (fields[18] ?? '');
}

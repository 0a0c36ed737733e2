import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { flock, holdWhileRunning } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { fileFault } from '../host/files';

/** How long to wait for the lock, in turns of some seconds, each followed by a look at who holds it. */
const TURNS = 6;
const TURN_SECONDS = 5;

/**
 * Takes the state directory's lock. flock(1) locks the open file that it inherits from us, so the lock is ours after it
 * exits, and the kernel frees it when we die. The tools that we run inherit it too: one that outlives us is waited for, so
 * that nobody repairs what is still being changed.
 */
export async function withLock<T>(
  stateDirectory: string,
  notice: (text: string) => void,
  action: () => Promise<Result<T, HostFault>>,
): Promise<Result<T, HostFault>> {
  const path = join(stateDirectory, 'lock');
  const opened = openLock(path);
  if (!opened.ok) return opened;
  const file = opened.value;
  try {
    const locked = await acquire(file, path, notice);
    if (!locked.ok) return locked;
    if (!locked.value)
      return refused('TN5008', `another tsnet is at work: ${holder(path)}`, {
        hint: `it had ${TURNS * TURN_SECONDS} seconds; wait for it, or end it`,
      });
    ftruncateSync(file);
    writeSync(file, `pid ${process.pid}: tsnet ${process.argv.slice(2, 4).join(' ')}\n`, 0);
    holdWhileRunning(file);
    return await action();
  } finally {
    holdWhileRunning(undefined);
    closeSync(file);
  }
}

function openLock(path: string): Result<number, HostFault> {
  try {
    return done(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  } catch (error) {
    const fault = fileFault(error as NodeJS.ErrnoException, path);
    if (fault) return refused(...fault);
    throw error;
  }
}

async function acquire(
  file: number,
  path: string,
  notice: (text: string) => void,
): Promise<Result<boolean, HostFault>> {
  const first = await flock(file, 0);
  if (!first.ok || first.value) return first;
  notice(`waiting for ${holder(path)}`);
  for (let turn = 0; turn < TURNS; turn++) {
    const locked = await flock(file, TURN_SECONDS);
    if (!locked.ok || locked.value) return locked;
    endOrphans(file, path);
  }
  return { ok: true, value: false };
}

function holder(path: string): string {
  return readFileSync(path, 'utf8').trim() || 'a tsnet that did not say which';
}

/** Tools whose tsnet died have had their time: nobody is left to stop one that hangs. */
function endOrphans(file: number, path: string): void {
  const owner = Number(/^pid (\d+):/.exec(holder(path))?.[1]);
  const holders = holdersOf(file);
  if (holders.includes(owner)) return;
  for (const pid of holders)
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** The processes, as far as we see them, that have the locked file open; others that wait for it do not count. */
function holdersOf(file: number): number[] {
  const { dev, ino } = fstatSync(file);
  const waiting = /^tsnet|flock|node/;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((handle) => {
        const stat = statSync(`/proc/${pid}/fd/${handle}`);
        return stat.dev === dev && stat.ino === ino;
      });
      return holds && !waiting.test(readFileSync(`/proc/${pid}/comm`, 'utf8')) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { flock } from '../host/exec';
import { type HostFault, type Result, refused } from '../host/fault';

const WAIT_SECONDS = 30;

/**
 * Takes the state directory's lock. flock(1) locks the open file that it inherits from us, so the lock is ours after it
 * exits, and the kernel frees it when we die.
 */
export async function withLock<T>(
  stateDirectory: string,
  action: () => Promise<Result<T, HostFault>>,
): Promise<Result<T, HostFault>> {
  const path = join(stateDirectory, 'lock');
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    const locked = await flock(file, WAIT_SECONDS);
    if (!locked.ok) return locked;
    if (!locked.value)
      return refused(
        'TN5008',
        `another tsnet is at work: ${readFileSync(path, 'utf8').trim() || 'it did not say which'}`,
        {
          hint: `it had ${WAIT_SECONDS} seconds; wait for it, or end it`,
        },
      );
    ftruncateSync(file);
    writeSync(file, `pid ${process.pid}: tsnet ${process.argv.slice(2, 4).join(' ')}\n`, 0);
    return await action();
  } finally {
    closeSync(file);
  }
}

import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { leave, run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { fileFault } from '../host/files';

/** The program that waits, and takes the change back. */
const PROGRAM = join(__dirname, '..', '..', 'cli', 'watchdog.js');

/**
 * Starts what takes a change back when nobody confirms it: a process in a session of its own, that outlives us, our
 * shell and our terminal; below systemd where that runs this host, for it ends what a login leaves behind. Gives the
 * token that names the change.
 */
export async function armWatchdog(directory: string): Promise<Result<string, HostFault>> {
  const token = randomBytes(8).toString('hex');
  const args = [PROGRAM, directory, token];
  if (underSystemd()) {
    const unit = ['--quiet', '--collect', `--unit=tsnet-confirm-${token}`, process.execPath];
    const ran = await run('systemd-run', [...unit, ...args]);
    if (ran.ok && ran.value.exitCode === 0) return done(token);
  }
  const opened = openLog(join(directory, 'confirm.log'));
  if (!opened.ok) return opened;
  const started = await leave(process.execPath, args, opened.value);
  closeSync(opened.value);
  return started.ok ? done(token) : started;
}

function openLog(path: string): Result<number, HostFault> {
  try {
    return done(
      openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600),
    );
  } catch (error) {
    const fault = fileFault(error as NodeJS.ErrnoException, path);
    if (fault) return refused(...fault);
    throw error;
  }
}

/** Whether systemd runs this host, and starts its services where we are. */
function underSystemd(): boolean {
  try {
    return existsSync('/run/systemd/system') && readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attach } from '../host/exec';
import { done, type HostFault, type Result } from '../host/fault';

/** The program that waits, and takes the change back. */
const PROGRAM = join(__dirname, '..', '..', 'cli', 'watchdog.js');

/**
 * Starts what takes a change back when nobody confirms it: a process in a session of its own, that outlives us, our
 * shell and our terminal; below systemd where that runs this host, for it ends what a login leaves behind. Gives the
 * token that names the change.
 */
export async function armWatchdog(directory: string): Promise<Result<string, HostFault>> {
  const token = randomBytes(8).toString('hex');
  const command = [process.execPath, PROGRAM, directory, token];
  const [program = '', ...args] = underSystemd()
    ? ['systemd-run', '--quiet', '--collect', `--unit=tsnet-confirm-${token}`, ...command]
    : command;
  const log = openSync(join(directory, 'confirm.log'), 'a', 0o600);
  const started = await attach(program, args, { detached: true, stdio: ['ignore', log as 1, log as 1] });
  return started.ok ? done(token) : started;
}

/** Whether systemd runs this host, and starts its services where we are. */
function underSystemd(): boolean {
  try {
    return existsSync('/run/systemd/system') && readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

import { constants } from 'node:os';
import { join } from 'node:path';
import { type AttachOptions, attach, isFromTerminal, run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { readOptional } from '../host/files';

/** Settings that forbid user namespaces to ordinary users, with the value that does, and the mend. */
const FORBIDDEN_BY = [
  { setting: 'kernel.apparmor_restrict_unprivileged_userns', value: '1', mend: '0' },
  { setting: 'kernel.unprivileged_userns_clone', value: '0', mend: '1' },
  { setting: 'user.max_user_namespaces', value: '0', mend: '15000' },
] as const;

/**
 * Runs a command on a throwaway host of its own: new network, mount and process namespaces, and a user namespace when
 * we are not root. Nothing of this host's network is seen or touched, and no process outlives the command, or us: a
 * killed process of ours takes the host with it. Gives the command's exit code.
 */
export async function runOnThrowawayHost(
  command: readonly string[],
  options: Pick<AttachOptions, 'stdio'> = {},
): Promise<Result<number, HostFault>> {
  const rehearsal = await run('unshare', [...namespaces(), 'true']);
  if (!rehearsal.ok) return rehearsal;
  if (rehearsal.value.exitCode !== 0) return forbidden(rehearsal.value.stderr.trim());
  let endedBy: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals, unshare: number) => {
    if (signal === 'SIGINT' || signal === 'SIGQUIT') interrupt(signal, unshare);
    else {
      endedBy = signal;
      sendSignal(unshare, 'SIGKILL');
    }
  };
  const unshare = ['unshare', ...namespaces(), '/bin/sh', join(__dirname, 'throwaway.sh'), ...command];
  const result = await attach('setpriv', ['--pdeathsig', 'KILL', ...unshare], { ...options, onSignal });
  if (!result.ok) return result;
  return done(endedBy ? 128 + constants.signals[endedBy] : result.value.exitCode);
}

/** unshare itself blocks signals: what they are meant for is its child, the first process of the throwaway host. */
function interrupt(signal: NodeJS.Signals, unshare: number): void {
  if (isFromTerminal(signal)) return;
  const children = readOptional(`/proc/${unshare}/task/${unshare}/children`) ?? '';
  for (const child of children.split(' ').filter(Boolean)) sendSignal(Number(child), signal);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function namespaces(): string[] {
  const user = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return [...user, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
}

function forbidden(reason: string): Result<never, HostFault> {
  const cause = FORBIDDEN_BY.find(
    ({ setting, value }) => readOptional(`/proc/sys/${setting.replaceAll('.', '/')}`)?.trim() === value,
  );
  const hint = cause ? `as root: sysctl -w ${cause.setting}=${cause.mend}; or run this as root` : 'run this as root';
  return refused('TN5002', `no throwaway host can be made here: ${reason}`, { hint });
}

import { join } from 'node:path';
import { attach, isFromTerminal, isInstalled } from '../host/exec';
import { done, type HostFault, type Result } from '../host/fault';
import { COMMANDS, LAB_DIRECTORY } from './host';

/**
 * Runs the user's shell in the lab that we are in: with a command for it to run, or to read commands from standard
 * input. Gives its exit code.
 */
export async function runShell(command: string | undefined): Promise<Result<number, HostFault>> {
  const [program = '', ...args] = command === undefined ? fromInput() : ['/bin/sh', '-c', command];
  const env = {
    PATH: `${COMMANDS}:${process.env.PATH ?? ''}`,
    PS1: 'lab# ',
    HISTFILE: join(LAB_DIRECTORY, 'history'),
  };
  const onSignal = (signal: NodeJS.Signals, pid: number) => {
    if (!isFromTerminal(signal)) process.kill(pid, signal);
  };
  const result = await attach(program, args, { env, onSignal });
  return result.ok ? done(result.value.exitCode) : result;
}

/** At a terminal without the user's own start-up files, which would set a prompt and a path of theirs. */
function fromInput(): readonly string[] {
  if (process.stdin.isTTY !== true) return ['/bin/sh'];
  return isInstalled('bash') ? ['bash', '--norc', '--noprofile', '-i'] : ['/bin/sh', '-i'];
}

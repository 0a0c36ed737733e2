import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Options } from 'execa';
import { done, type HostFault, type Result, refused } from './fault';
import { bindings } from './native/bindings';

/** Programs that system administration needs and an ordinary user's PATH leaves out. */
const FOLDERS = [
  ...new Set([...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']),
].filter(Boolean);
const PATH = FOLDERS.join(':');

export function isInstalled(program: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  nft: 'nftables',
  ip: 'iproute2',
  tc: 'iproute2',
  ipset: 'ipset',
  'iptables-save': 'iptables',
  ip6tables: 'iptables',
  iptables: 'iptables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
};

/** A descriptor that the programs we run hold too, for as long as they run. */
let held: number | undefined;

export function holdWhileRunning(file: number | undefined): void {
  held = file;
}

/** Seconds that a single run may take; a tool that hangs must not hang us. */
function timeLimit(): number {
  const seconds = Number(process.env.TSNET_TOOL_TIMEOUT);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 120;
}

/**
 * Input longer than this is given as a file: a process that dies while it writes into a pipe leaves its reader with half
 * of a text, and half of a text may well be a command.
 */
const PIPED = 16 * 1024;

/** A file without a name that holds a text; undefined when there is no room for one. */
function inputFile(text: string): number | undefined {
  const path = join(tmpdir(), `.tsnet-${randomBytes(8).toString('hex')}`);
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      unlinkSync(path);
      writeSync(file, text, 0);
      return file;
    } catch {
      closeSync(file);
      return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Runs a program with an argument vector, never through a shell. */
export async function run(program: string, args: readonly string[], input = ''): Promise<Result<Ran, HostFault>> {
  const { execa } = await import('execa');
  const file = input.length > PIPED ? inputFile(input) : undefined;
  // execa passes any descriptor on, its types know only the first three.
  const stdin = file === undefined ? { input } : {};
  const stdio = [file ?? 'pipe', 'pipe', 'pipe', ...(held === undefined ? [] : [held])] as unknown as 'pipe';
  const result = await execa(program, args, {
    ...stdin,
    stdio,
    reject: false,
    timeout: timeLimit() * 1000,
    forceKillAfterDelay: 2000,
    env: { PATH, LC_ALL: 'C' },
    stripFinalNewline: false,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (file !== undefined) closeSync(file);
  return settle(program, result);
}

/** Leaves a program running in a session of its own, what it prints going to an open file. */
export async function leave(program: string, args: readonly string[], log: number): Promise<Result<number, HostFault>> {
  const { spawn } = await import('node:child_process');
  const env = { ...process.env, PATH };
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env });
  // Said by the result.
  child.on('error', () => undefined);
  child.unref();
  return child.pid === undefined ? missing(program) : done(child.pid);
}

export type AttachOptions = Pick<Options, 'stdio' | 'env'> & {
  /** What a signal to us does; passed on to the program unless given. */
  readonly onSignal?: (signal: NodeJS.Signals, pid: number) => void;
};

/**
 * Whether a signal is one that a terminal sends, for a key, to all that runs in its foreground: then the programs that
 * we started have it already.
 */
export function isFromTerminal(signal: NodeJS.Signals): boolean {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY === true;
}

/** Runs a program on our own terminal; its exit code, or 128 and the number of the signal that ended it. */
export async function attach(
  program: string,
  args: readonly string[],
  { onSignal, ...options }: AttachOptions = {},
): Promise<Result<{ exitCode: number }, HostFault>> {
  const { execa } = await import('execa');
  const child = execa(program, args, {
    stdio: 'inherit',
    reject: false,
    ...options,
    env: { PATH, ...options.env },
  } as Options);
  const { pid = 0 } = child;
  const { constants: os } = await import('node:os');
  const forward = (signal: NodeJS.Signals) => (onSignal ? onSignal(signal, pid) : child.kill(signal));
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, forward);
  const result = await child;
  for (const signal of signals) process.off(signal, forward);
  if (result.exitCode === undefined && result.signal === undefined) return missing(program);
  return done({ exitCode: result.exitCode ?? 128 + (os.signals[result.signal as NodeJS.Signals] ?? 0) });
}

const [LOCK_EX, LOCK_NB] = [2, 4];

/** Locks the open file with flock(1); whether that was granted within the time. The lock stays ours after flock exits. */
export async function flock(file: number, seconds: number): Promise<Result<boolean, HostFault>> {
  const libc = seconds === 0 ? bindings() : undefined;
  if (libc?.flock(file, LOCK_EX | LOCK_NB) === 0) return done(true);
  const { execa } = await import('execa');
  // execa passes any descriptor on, its types know only the first three.
  const stdin = file as 0;
  const result = await execa('flock', ['-x', ...(seconds === 0 ? ['-n'] : ['-w', String(seconds)]), '0'], {
    stdin,
    reject: false,
    env: { PATH },
  });
  return result.exitCode === undefined ? missing('flock') : done(result.exitCode === 0);
}

function settle(
  program: string,
  result: {
    exitCode?: number | undefined;
    stdout?: unknown;
    stderr?: unknown;
    timedOut?: boolean;
    signal?: string | undefined;
    code?: string | undefined;
  },
): Result<Ran, HostFault> {
  if (result.timedOut) return refused('TN5003', `\`${program}\` did not answer within ${timeLimit()} seconds`);
  if (result.signal) return refused('TN5003', `\`${program}\` was ended by ${result.signal}`);
  if (result.exitCode === undefined)
    return result.code === 'EACCES' ? refused('TN5002', `\`${program}\` may not be run`) : missing(program);
  return done({ exitCode: result.exitCode, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '') });
}

function missing(program: string) {
  const name = PACKAGES[program];
  return refused(
    'TN5001',
    `the program \`${program}\` is not installed`,
    name ? { hint: `apt-get install ${name}` } : {},
  );
}

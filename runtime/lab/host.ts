import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../../compiler';
import { type Address, formatAddress } from '../../dsl/core/address';
import { run } from '../host/exec';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { wiring } from './wiring';

/** The network namespace of the client outside; `outside.sh` enters it by this name. */
export const OUTSIDE = 'outside';
/** On a throwaway host this is a file system of its own, which ends with the host. */
export const LAB_DIRECTORY = '/run/tsnet-lab';
/** Where the commands of the lab are. */
export const COMMANDS = join(LAB_DIRECTORY, 'bin');

/** Puts the client outside on the throwaway host that we are on. */
export async function connectOutside(layout: Layout): Promise<Result<void, HostFault>> {
  for (const { namespace, lines } of wiring(layout, OUTSIDE)) {
    const place = namespace === undefined ? [] : ['-n', namespace];
    const ran = await run('ip', [...place, '-batch', '-'], `${lines.join('\n')}\n`);
    if (!ran.ok) return ran;
    if (ran.value.exitCode !== 0)
      return refused('TN5003', `the client outside cannot be made: ${ran.value.stderr.trim()}`);
  }
  return done(undefined);
}

/** Gives the client outside one more address. */
export async function addOutside(address: Address): Promise<Result<void, HostFault>> {
  const length = address.family === 4 ? ['32'] : ['128', 'nodad'];
  const words = [`${formatAddress(address)}/${length[0]}`, ...length.slice(1), 'dev', 'lo'];
  const ran = await run('ip', ['-n', OUTSIDE, 'address', 'add', ...words]);
  if (!ran.ok) return ran;
  const { exitCode, stderr } = ran.value;
  return exitCode === 0 ? done(undefined) : refused('TN5003', `the client outside takes no address: ${stderr.trim()}`);
}

/** Makes the commands of the lab: `outside`, and `tsnet`, which is the given program run by the Node.js that runs us. */
export function makeCommands(program: string): void {
  mkdirSync(COMMANDS, { recursive: true });
  symlinkSync(program, join(COMMANDS, 'tsnet'));
  symlinkSync(process.execPath, join(COMMANDS, 'node'));
  const outside = join(COMMANDS, 'outside');
  copyFileSync(join(__dirname, 'outside.sh'), outside);
  chmodSync(outside, 0o755);
}

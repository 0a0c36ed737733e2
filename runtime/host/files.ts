import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonFor } from '../../dsl/core/system-error';
import type { HostFault } from './fault';

/**
 * Writes a file so that a reader, or a crash, finds the old text or the new one whole: written beside it, synced,
 * renamed, and the directory synced. Throws what the file system throws.
 */
export function writeFileAtomic(path: string, text: string | Iterable<string>, mode: number): void {
  replaceFile(path, text, mode, true);
  syncDirectory(dirname(path));
}

/** The same for a reader; what a power cut leaves is up to the caller, who syncs many files at once. */
export function replaceFile(path: string, text: string | Iterable<string>, mode: number, sync = false): void {
  const directory = dirname(path);
  const temporary = join(directory, `.${randomName()}.tmp`);
  const file = openSync(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    mode,
  );
  try {
    for (const piece of typeof text === 'string' ? [text] : text) writeFileSync(file, piece);
    if (sync) fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The same where the file's directory, ours alone, may not be there yet. */
export function replaceFileBelow(path: string, text: string, mode: number): void {
  try {
    replaceFile(path, text, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, text, mode);
  }
}

/** Twelve digits; nobody has to be kept from guessing them, for the file must not be there. */
function randomName(): string {
  return Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
}

/** A file that is gone needs no syncing. */
export function syncFile(path: string): void {
  try {
    const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

export function syncDirectory(directory: string): void {
  syncFile(directory);
}

/** What the file system's complaint means, as the parts of a fault; undefined when it is none of its own. */
export function fileFault(
  { code = '', message }: NodeJS.ErrnoException,
  what: string,
): [HostFault['code'], string, Pick<HostFault, 'hint'>] | undefined {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return ['TN5002', `${what} cannot be written: ${reasonFor(code, 'file')}`, mendFor(code)];
    case 'ENOSPC':
    case 'EDQUOT':
      return ['TN5009', `${what} cannot be written: the disk is full`, { hint: 'make room, then try again' }];
    case '':
      return undefined;
    default:
      return ['TN5003', `${what}: ${message}`, {}];
  }
}

/** What to do where a file of the state may not be read or written. */
export function mendFor(code: string): Pick<HostFault, 'hint'> {
  return {
    hint:
      code === 'EROFS'
        ? 'give --state a directory that can be written'
        : 'run as root, or give --state a directory of your own',
  };
}

/** Empty when there is no such directory. */
export function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined when there is no such file. */
export function readOptional(path: string): string | undefined {
  // Most are asked for where they are new, and an exception takes ten times as long.
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

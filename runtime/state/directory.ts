import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reasonFor } from '../../dsl/core/system-error';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { fileFault, mendFor } from '../host/files';

/**
 * Makes the state directory, or checks the one that is there: ours, no symbolic link, closed to others. Gives its
 * canonical path.
 */
export function openStateDirectory(path: string): Result<string, HostFault> {
  const absolute = resolve(path);
  try {
    mkdirSync(dirname(absolute), { recursive: true });
    try {
      mkdirSync(absolute, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const stat = lstatSync(absolute);
    const wrong = wrongWith(stat, absolute);
    if (wrong)
      return refused('TN5007', `the state directory ${absolute} ${wrong.what}`, {
        hint: `${wrong.mend ? `${wrong.mend}, or ` : ''}give --state a directory of your own, mode 0700`,
      });
    return done(join(realpathSync(dirname(absolute)), absolute.slice(absolute.lastIndexOf('/') + 1)));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      return refused(
        'TN5002',
        `the state directory ${absolute} cannot be used: ${reasonFor(code, 'directory')}`,
        mendFor(code),
      );
    return refused('TN5007', `the state directory ${absolute} cannot be used: ${message}`);
  }
}

function wrongWith(stat: Stats, path: string): { readonly what: string; readonly mend?: string } | undefined {
  if (stat.isSymbolicLink()) return { what: 'is a symbolic link' };
  if (!stat.isDirectory()) return { what: 'is not a directory' };
  if (stat.uid !== process.geteuid?.())
    return { what: `belongs to user ${stat.uid}`, ...(stat.uid === 0 ? { mend: 'run as root' } : {}) };
  return (stat.mode & 0o022) === 0 ? undefined : { what: 'can be written by others', mend: `chmod 0700 ${path}` };
}

/** Removes what writers left that were killed before they could rename it: of the directory, and of those in it if `deep`. */
export function sweep(directory: string, deep: boolean): Result<void, HostFault> {
  try {
    for (const file of readdirSync(directory, { recursive: deep, encoding: 'utf8' }))
      if (/(^|\/)\.[0-9a-f]{12}\.tmp$/.test(file)) rmSync(join(directory, file), { force: true });
    return done(undefined);
  } catch (error) {
    const fault = fileFault(error as NodeJS.ErrnoException, directory);
    if (fault) return refused(...fault);
    throw error;
  }
}

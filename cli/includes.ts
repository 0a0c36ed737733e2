import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Include } from '../compiler/targets/nft/read/expansion';
import { unreadable } from './input';

/** Reads the files that nft's `include` names: from here, from beside the file that says it, or from /etc, where nft looks. */
export const includeFiles: Include = (pattern, from) => {
  const folders = isAbsolute(pattern) ? [''] : ['.', dirname(from.name), '/etc'];
  const isPattern = /[*?[]/.test(basename(pattern));
  let missing = unreadable(pattern, 'ENOENT');
  for (const folder of folders) {
    const path = join(folder, pattern);
    try {
      const paths = isPattern ? matching(path) : [path];
      return paths.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') missing = unreadable(path, code);
    }
  }
  // A pattern may match nothing; a name may not.
  return isPattern ? [] : missing;
};

/** As the shell matches names, in their order; those that begin with a dot are hidden. */
function matching(path: string): string[] {
  const shape = basename(path)
    .replace(/[\\^$.|+(){}]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const names = readdirSync(dirname(path)).filter((name) => new RegExp(`^(?!\\.)${shape}$`, 's').test(name));
  return names.sort().map((name) => join(dirname(path), name));
}

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's version: package.json stands one or two folders up, before and after the build. */
export function version(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (name === 'tsnet') return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('no package.json');
}

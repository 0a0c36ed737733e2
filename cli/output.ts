import { realpathSync, statSync, writeFileSync } from 'node:fs';
import type { Diagnostic } from '../dsl/core/diagnostic';

/**
 * Writes a result to the file of `--output`: a plain file is replaced as a whole or not at all, a link is followed, and
 * a device or pipe is written into, never replaced. Gives what went wrong.
 */
export async function writeResult(path: string, text: string): Promise<Diagnostic | undefined> {
  const { writeFileAtomic } = await import('../runtime');
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there) writeFileAtomic(path, text, 0o644);
    else if (there.isFile()) writeFileAtomic(realpathSync(path), text, there.mode & 0o777);
    else writeFileSync(path, text);
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return { code: 'TN5009', severity: 'error', message: `cannot write ${path}: ${code}`, secondary: [] };
  }
}

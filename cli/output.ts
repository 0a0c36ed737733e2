import { realpathSync, statSync, writeFileSync, writeSync } from 'node:fs';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { reasonFor } from '../dsl/core/system-error';

/**
 * Writes a result to the file of `--output`: a plain file is replaced as a whole or not at all, a link is followed, and
 * a device or pipe is written into, never replaced. Gives what went wrong.
 */
export async function writeResult(path: string, text: string): Promise<Diagnostic | undefined> {
  const { writeFileAtomic } = await import('../runtime/host/files');
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there) writeFileAtomic(path, text, 0o644);
    else if (there.isFile()) writeFileAtomic(realpathSync(path), text, there.mode & 0o777);
    else writeFileSync(path, text);
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const message = `cannot write ${path}: ${reasonFor(code, 'directory')}`;
    return { code: 'TN5009', severity: 'error', message, secondary: [] };
  }
}

const STDOUT = 1;

/** Prints a result. A stream for it would take Node as long to make as a small file to compile; it is for a pipe that is full. */
export function printText(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    if (!['EAGAIN', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    process.stdout.write(rest);
  }
}

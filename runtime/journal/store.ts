import { closeSync, constants, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from '../host/exec';
import { readOptional, syncDirectory, syncFile, writeFileAtomic } from '../host/files';
import { encodeMark, type Mark } from './entry';

/** Where a transaction's journal is kept: durable before what it tells of begins. Throws what the file system throws. */
export interface JournalStore {
  /** The journal's name, for people. */
  readonly path: string;
  read(): string | undefined;
  /** The text comes in pieces. */
  begin(text: Iterable<string>): Promise<void>;
  mark(mark: Mark): Promise<void>;
  /** Once the files that the transaction wrote are safe too. */
  end(written: readonly string[]): Promise<void>;
}

/** Keeps nothing: what is killed stays as it is. */
export const NO_JOURNAL: JournalStore = {
  path: 'none',
  read: () => undefined,
  begin: async () => undefined,
  mark: async () => undefined,
  end: async () => undefined,
};

/** Past this many files, one call for the whole file system is faster than one for each. */
const FEW = 16;

export class JournalFile implements JournalStore {
  constructor(readonly path: string) {}

  read(): string | undefined {
    return readOptional(this.path);
  }

  async begin(text: Iterable<string>): Promise<void> {
    writeFileAtomic(this.path, text, 0o600);
  }

  async mark(mark: Mark): Promise<void> {
    const file = openSync(this.path, constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      const { text, offset } = encodeMark(mark);
      writeSync(file, text, offset);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  async end(written: readonly string[]): Promise<void> {
    if (written.length > FEW) await run('sync', ['--file-system', dirname(this.path)]);
    else {
      for (const path of written) syncFile(path);
      for (const directory of new Set(written.map((path) => dirname(path)))) syncDirectory(directory);
    }
    // Found again after a power cut, it would be carried out once more, to no effect.
    rmSync(this.path, { force: true });
  }
}

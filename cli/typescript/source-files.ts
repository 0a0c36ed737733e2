import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Source } from '../../dsl/core/source';

/** The texts of a program, for diagnostics to show: its first file, and those that it imports. */
export class SourceFiles {
  private readonly known: Map<string, Source | undefined>;

  constructor(
    path: string,
    readonly main: Source,
  ) {
    this.known = new Map([[path, main]]);
  }

  /** By its absolute path; undefined where there is no such file. */
  read(path: string): Source | undefined {
    if (!this.known.has(path)) this.known.set(path, readSource(path));
    return this.known.get(path);
  }

  all(): Source[] {
    return [...this.known.values()].filter((source) => source !== undefined);
  }
}

function readSource(path: string): Source | undefined {
  const name = relative('', path);
  try {
    return { name: name.startsWith('..') ? path : name, text: readFileSync(path, 'utf8') };
  } catch {
    return undefined;
  }
}

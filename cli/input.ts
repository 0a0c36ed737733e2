import { readFileSync } from 'node:fs';
import type { NamedDocument } from '../compiler';
import type { Diagnostic } from '../dsl/core/diagnostic';
import type { Source } from '../dsl/core/source';
import { reasonFor } from '../dsl/core/system-error';

export interface Input {
  readonly sources: readonly Source[];
  readonly documents: readonly NamedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the files of a command line, `-` being standard input; every one that cannot be read is a diagnostic. */
export async function readInput(files: readonly string[]): Promise<Input> {
  const sources: Source[] = [];
  const documents: NamedDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const source = readSource(file);
    if ('code' in source) diagnostics.push(source);
    else if (/\.[cm]?ts$/.test(file)) {
      const { loadTypeScript } = await import('./typescript');
      const loaded = loadTypeScript(file, source);
      if (loaded.ok) documents.push(loaded.value);
      else diagnostics.push(...loaded.diagnostics);
    } else sources.push(source);
  }
  return { sources, documents, diagnostics };
}

function readSource(file: string): Source | Diagnostic {
  const name = file === '-' ? '<stdin>' : file;
  try {
    return { name, text: readFileSync(file === '-' ? 0 : file, 'utf8') };
  } catch (error) {
    return unreadable(name, (error as NodeJS.ErrnoException).code ?? '');
  }
}

/** `code` as the system names its errors: `ENOENT`. */
export function unreadable(name: string, code: string): Diagnostic {
  return {
    code: 'TN1010',
    severity: 'error',
    message: `cannot read ${name}: ${reasonFor(code, 'file')}`,
    secondary: [],
  };
}

import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { diagnosticToJson, renderDiagnostics } from '../dsl/core/render';
import type { Source } from '../dsl/core/source';
import type { Flags } from './command';

/** Whether a stream may be coloured: a terminal, and nobody said NO_COLOR (no-color.org). */
function colored(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : one), 2)}\n`);
}

/** Diagnostics go to standard error; with --json to standard output, for a program to read. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[], flags: Flags): void {
  if (flags.has('json')) printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
  else process.stderr.write(renderDiagnostics(diagnostics, { color: colored(process.stderr) }));
}

/** Reads the files of a command line, `-` being standard input; every one that cannot be read is a diagnostic. */
export function readSources(files: readonly string[]): { sources: Source[]; diagnostics: Diagnostic[] } {
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const name = file === '-' ? '<stdin>' : file;
    try {
      sources.push({ name, text: readFileSync(file === '-' ? 0 : file, 'utf8') });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const reasons: Record<string, string> = {
        ENOENT: 'there is no such file',
        EACCES: 'permission denied',
        EISDIR: 'it is a directory',
        ERR_STRING_TOO_LONG: 'it is too large',
        ERR_FS_FILE_TOO_LARGE: 'it is too large',
      };
      diagnostics.push({
        code: 'TN1010',
        severity: 'error',
        message: `cannot read ${name}: ${reasons[code] ?? code}`,
        secondary: [],
      });
    }
  }
  return { sources, diagnostics };
}

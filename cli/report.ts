import type { Diagnostic } from '../dsl/core/diagnostic';
import { diagnosticToJson, renderDiagnostics } from '../dsl/core/render';
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

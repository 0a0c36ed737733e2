import { type Compiled, compile } from '../compiler';
import { failure, type Outcome, success } from '../dsl/core/diagnostic';
import { type Input, readInput } from './input';

/** Reads and compiles the files of a command line; or everything that is wrong with them. */
export async function compileFiles(
  files: readonly string[],
): Promise<Outcome<{ readonly input: Input; readonly compiled: Compiled }>> {
  const input = await readInput(files);
  const outcome = compile(input.sources, { documents: input.documents });
  return outcome.ok && input.diagnostics.length === 0
    ? success({ input, compiled: outcome.value })
    : failure([...input.diagnostics, ...(outcome.ok ? [] : outcome.diagnostics)]);
}

import { type Compiled, lowered, type Resolved, resolveSources } from '../compiler';
import { failure, type Outcome, success } from '../dsl/core/diagnostic';
import { type Input, readInput } from './input';

/** Reads the files of a command line, as far as everything that can be wrong with them goes; or all that is. */
export async function resolveFiles(
  files: readonly string[],
): Promise<Outcome<{ readonly input: Input; readonly resolved: Resolved }>> {
  const input = await readInput(files);
  const outcome = resolveSources(input.sources, { documents: input.documents });
  return outcome.ok && input.diagnostics.length === 0
    ? success({ input, resolved: outcome.value })
    : failure([...input.diagnostics, ...(outcome.ok ? [] : outcome.diagnostics)]);
}

/** The same with the rules made. */
export async function compileFiles(
  files: readonly string[],
): Promise<Outcome<{ readonly input: Input; readonly compiled: Compiled }>> {
  const outcome = await resolveFiles(files);
  return outcome.ok ? success({ input: outcome.value.input, compiled: lowered(outcome.value.resolved) }) : outcome;
}

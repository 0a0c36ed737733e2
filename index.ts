import { type Compiled, type CompileOptions, compile as compileSources } from './compiler';
import type { Outcome } from './dsl/core/diagnostic';
import type { Source } from './dsl/core/source';
import type { Stack } from './dsl/intent/builders';

export { type Compiled, type CompileOptions, type LoadUnit, print, type TargetName } from './compiler';
export type { Diagnostic, Outcome } from './dsl/core/diagnostic';
export { renderDiagnostics } from './dsl/core/render';
export type { Source } from './dsl/core/source';
export * from './dsl/intent/builders';
export type { IntentDocument } from './dsl/intent/model';
export * from './dsl/rules';

/** Compiles texts of the language or of JSON, or a stack made by the builders. */
export function compile(input: readonly Source[] | Stack, options: CompileOptions = {}): Outcome<Compiled> {
  if (!('kind' in input)) return compileSources(input, options);
  const { documents = [], ...rest } = options;
  return compileSources([], {
    ...rest,
    documents: [...documents, { where: '', document: input.document, tables: input.tables, sites: input.sites }],
  });
}

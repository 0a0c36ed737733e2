export { compile, type Compiled, type CompileOptions, print, type TargetName } from './compiler';
export { renderDiagnostics } from './dsl/core/render';
export type { Diagnostic, Outcome } from './dsl/core/diagnostic';
export type { Source } from './dsl/core/source';
export type { IntentDocument } from './dsl/intent/model';

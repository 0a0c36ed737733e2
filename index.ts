export { type Compiled, type CompileOptions, compile, print, type TargetName } from './compiler';
export type { Diagnostic, Outcome } from './dsl/core/diagnostic';
export { renderDiagnostics } from './dsl/core/render';
export type { Source } from './dsl/core/source';
export type { IntentDocument } from './dsl/intent/model';

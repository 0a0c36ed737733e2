import type { DiagnosticCode } from './codes';
import type { Span } from './source';

/** Where in a document a value stands: `['containers', 0, 'publish', 2]`. */
export type Path = readonly (string | number)[];

/** A place and what to say of it. `where` stands in for the span of an input that is no text: a JSON pointer, a flag. */
export interface Label {
  readonly span?: Span;
  readonly where?: string;
  readonly text?: string;
}

/** A replacement that mends the input, for people and for editors. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface Hint {
  readonly text: string;
  readonly replace?: Edit;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly primary?: Label;
  readonly secondary: readonly Label[];
  readonly hint?: Hint;
}

/** What is wrong with a stretch of text, and what to say beside it. */
export function errorIn(span: Span, code: DiagnosticCode, message: string, text?: string): Diagnostic {
  return { code, severity: 'error', message, primary: text ? { span, text } : { span }, secondary: [] };
}

export type NonEmpty<T> = readonly [T, ...T[]];

/** What reading a person's input gives: a value, or every diagnostic of the run at once. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: NonEmpty<Diagnostic> };

export function success<T>(value: T, warnings: readonly Diagnostic[] = []): Outcome<T> {
  return { ok: true, value, warnings };
}

/** At least one diagnostic has to be given; there may be hundreds of thousands. */
export function failure(diagnostics: readonly Diagnostic[]): { ok: false; diagnostics: NonEmpty<Diagnostic> } {
  if (!isNonEmpty(diagnostics)) throw new Error('a failure without a diagnostic');
  return { ok: false, diagnostics };
}

export function isNonEmpty<T>(items: readonly T[]): items is NonEmpty<T> {
  return items.length > 0;
}

/** A success when none of the diagnostics is an error, else a failure with all of them. `value` is asked only on success. */
export function settle<T>(diagnostics: readonly Diagnostic[], value: () => T): Outcome<T> {
  if (diagnostics.some((one) => one.severity === 'error')) return failure(diagnostics);
  return success(value(), diagnostics);
}

/** As they stand in the input, whichever pass found them; those of one source together. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const names = [...new Set(diagnostics.map(({ primary }) => primary?.span?.source.name))];
  const rank = new Map(names.map((name, index) => [name, index]));
  const sourceRank = ({ primary }: Diagnostic) => rank.get(primary?.span?.source.name) ?? 0;
  const start = ({ primary }: Diagnostic) => primary?.span?.start ?? 0;
  return [...diagnostics].sort((a, b) => sourceRank(a) - sourceRank(b) || start(a) - start(b));
}

/** What is wrong with one word of input, before anyone knows where that word stands. Offsets are within the word. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  /** The words that would have been right; the nearest of them is suggested, if any is near. */
  readonly candidates?: readonly string[];
  /** What was certainly meant. */
  readonly replacement?: string;
  readonly start?: number;
  readonly end?: number;
}

/** What the parser of a primitive gives. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function problem(
  code: DiagnosticCode,
  message: string,
  more: Omit<Problem, 'code' | 'message'> = {},
): { ok: false; problem: Problem } {
  return { ok: false, problem: { code, message, ...more } };
}

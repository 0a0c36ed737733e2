import { type Diagnostic, failure, type Label, type Outcome, type Path, settle } from '../../dsl/core/diagnostic';
import type { Source } from '../../dsl/core/source';
import type { Intent } from '../../dsl/intent/model';
import { intentSchema } from '../../dsl/intent/schema';
import { isJson, readJson, readObject } from './json';
import { Marks } from './marks';
import { schemaProblems } from './schema-problems';
import { type Draft, readText } from './text';

/** A parsed intent and where its parts stand. */
export interface Read {
  readonly intent: Intent;
  locate(path: Path): Label;
}

/** Longer texts are refused: no host has that many containers, and memory has to be bounded. */
const LONGEST = 64 * 1024 * 1024;

/** Reads sources of the language or of JSON into one intent, as if they were one file. */
export function read(sources: readonly Source[]): Outcome<Read> {
  const draft = emptyDraft();
  const marks = new Marks();
  const diagnostics = sources.flatMap((source) => readSource(source, draft, marks));
  return finish(draft, marks, diagnostics);
}

/** Reads a document that is there already; `where` says what to call it in messages. */
export function readDocument(document: unknown, where: string): Outcome<Read> {
  const draft = emptyDraft();
  const marks = new Marks();
  return finish(draft, marks, readObject(document, where, draft, marks));
}

function readSource(source: Source, draft: Draft, marks: Marks): readonly Diagnostic[] {
  if (source.text.length > LONGEST)
    return [whole(source, 'TN1007', `the file is larger than ${LONGEST / 1024 / 1024} MiB`)];
  const zero = source.text.indexOf('\0');
  if (zero >= 0) return [whole(source, 'TN1006', 'this is not a text file', zero)];
  return isJson(source) ? readJson(source, draft, marks) : readText(source, draft, marks);
}

function whole(source: Source, code: Diagnostic['code'], message: string, at = 0): Diagnostic {
  return { code, severity: 'error', message, primary: { span: { source, start: at, end: at } }, secondary: [] };
}

function emptyDraft(): Draft {
  return { defines: [], networks: [], containers: [], policies: [], expectations: [], tables: [] };
}

function finish(draft: Draft, marks: Marks, diagnostics: readonly Diagnostic[]): Outcome<Read> {
  const locate = (path: Path) => marks.locate(draft, path);
  const result = intentSchema.safeParse(draft, { reportInput: true });
  const all = result.success ? diagnostics : [...diagnostics, ...schemaProblems(result.error.issues, locate)];
  const [first, ...rest] = all;
  if (result.success) return settle(all, () => ({ intent: result.data, locate }));
  return first
    ? failure(first, ...rest)
    : failure({ code: 'TN2009', severity: 'error', message: 'not an intent', secondary: [] });
}

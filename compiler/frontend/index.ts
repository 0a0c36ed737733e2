import { type Diagnostic, failure, type Label, type Outcome, type Path, settle } from '../../dsl/core/diagnostic';
import { lineText, offsetOf, type Source } from '../../dsl/core/source';
import type { Intent } from '../../dsl/intent/model';
import { intentSchema } from '../../dsl/intent/schema';
import type { Table } from '../../dsl/ruleset/tree';
import { tableText } from '../targets/nft/print';
import { isJson, readJson, readObject } from './json';
import { Marks } from './marks';
import { schemaProblems } from './schema-problems';
import { type Draft, readText } from './text';

/** A parsed intent and where its parts stand. */
export interface Read {
  readonly intent: Intent;
  /** What was read, before it was parsed: JSON that gives the same intent again. */
  readonly document: Draft;
  locate(path: Path): Label;
}

/** Longer texts are refused: no host has that many containers, and memory has to be bounded. */
const LONGEST = 64 * 1024 * 1024;

/** A document that needs no reading; `where` begins the name of a place in it. */
export interface NamedDocument {
  readonly where: string;
  readonly document: unknown;
  /** Tables beside those of the document. */
  readonly tables?: readonly Table[];
  /** Where the items of its lists were said, when that is known better than by their place in the document. */
  readonly sites?: Readonly<Record<string, readonly (DocumentSite | undefined)[]>>;
  /** The texts that sites are in. */
  readonly sources?: readonly Source[];
}

/** Line and column count from 1. */
export interface DocumentSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Reads sources of the language or of JSON, and documents, into one intent, as if they were one file. */
export function read(sources: readonly Source[], documents: readonly NamedDocument[] = []): Outcome<Read> {
  const draft = emptyDraft();
  const marks = new Marks();
  const diagnostics = [
    ...sources.flatMap((source) => readSource(source, draft, marks)),
    ...documents.flatMap((named) => [
      ...readObject(named.document, draft, marks, labels(named)),
      ...readTrees(named, draft, marks),
    ]),
  ];
  return finish(draft, marks, diagnostics);
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

/** Tables become text here, for that is what a document that is kept has. Their sites follow those of the document's. */
function readTrees(named: NamedDocument, draft: Draft, marks: Marks): readonly Diagnostic[] {
  const { tables = [], sites } = named;
  const label = labels(named);
  const before = (sites?.tables?.length ?? tables.length) - tables.length;
  return readObject({ tables: tables.map(tableText) }, draft, marks, (list, index) =>
    label(list, index === undefined ? undefined : before + index),
  );
}

/** What to call the places of a document. */
function labels({ where, sites, sources = [] }: NamedDocument): (list: string, index?: number) => Label {
  return (list, index) => {
    const site = index === undefined ? undefined : sites?.[list]?.[index];
    const inDocument = { where: `${where}${list}${index === undefined ? '' : `[${index}]`}` };
    if (!site) return inDocument;
    const source = sources.find(({ name }) => name === site.file);
    if (!source) return { where: `${site.file}:${site.line}:${site.column}: ` };
    // A call's position is that of its parenthesis; the line begins with what it is for.
    const start = offsetOf(source, { line: site.line, column: 1 }) + lineText(source, site.line).search(/\S|$/);
    const end = source.text.indexOf('\n', start);
    return { span: { source, start, end: end < 0 ? source.text.length : end } };
  };
}

function emptyDraft(): Draft {
  return { defines: [], networks: [], containers: [], policies: [], expectations: [], tables: [] };
}

function finish(draft: Draft, marks: Marks, diagnostics: readonly Diagnostic[]): Outcome<Read> {
  const locate = (path: Path) => marks.locate(draft, path);
  const result = intentSchema.safeParse(draft, { reportInput: true });
  const all = inOrder(result.success ? diagnostics : [...diagnostics, ...schemaProblems(result.error.issues, locate)]);
  return result.success ? settle(all, () => ({ intent: result.data, document: draft, locate })) : failure(all);
}

/** As they stand in the input, whichever pass found them. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const names = [...new Set(diagnostics.map(({ primary }) => primary?.span?.source.name))];
  const rank = ({ primary }: Diagnostic) =>
    [names.indexOf(primary?.span?.source.name), primary?.span?.start ?? 0] as const;
  return [...diagnostics].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
}

import { type Diagnostic, failure, inOrder, type Label, type Outcome, type Path } from '../../dsl/core/diagnostic';
import { once } from '../../dsl/core/once';
import { lineText, offsetOf, type Source } from '../../dsl/core/source';
import type { Intent } from '../../dsl/intent/model';
import { intentSchema } from '../../dsl/intent/schema';
import type { Table } from '../../dsl/ruleset/tree';
import { tableText } from '../targets/nft/print';
import { isJson, readJson, readObject } from './json';
import { Marks } from './marks';
import { readQuickly } from './quick';
import { schemaProblems, withoutEchoes } from './schema-problems';
import { type Draft, emptyLists, readText } from './text';

/** A parsed intent and where its parts stand. */
export interface Read {
  readonly intent: Intent;
  /** What was read, before it was parsed: JSON that gives the same intent again. */
  document(): Draft;
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

/** All of the input, or what is wrong with it and the rest, for which later passes can still say what is wrong. */
export type Reading =
  | Extract<Outcome<Read>, { ok: true }>
  | (Extract<Outcome<Read>, { ok: false }> & { readonly rest: Read });

/**
 * Reads sources of the language or of JSON, and documents, into one intent, as if they were one file.
 *
 * @param keep Whether the document will be asked for: else the sources are read again for it.
 */
export function read(
  sources: readonly Source[],
  documents: readonly NamedDocument[] = [],
  { keep = false }: { readonly keep?: boolean } = {},
): Reading {
  const quick = documents.length > 0 || !sources.every(isReadable) ? undefined : readQuickly(sources, keep);
  if (quick) {
    const { intent, locate, draft } = quick;
    return {
      ok: true,
      value: { intent, locate, document: once(() => draft ?? gather(sources, []).draft) },
      warnings: [],
    };
  }
  const { draft, marks, diagnostics } = gather(sources, documents);
  return finish(draft, marks, diagnostics);
}

function isReadable({ text }: Source): boolean {
  return text.length <= LONGEST && !text.includes('\0');
}

/** What is said, before anybody asks what it means; undefined when it cannot all be read. */
export function readDraft(
  sources: readonly Source[],
  documents: readonly NamedDocument[] = [],
): Pick<Read, 'document' | 'locate'> | undefined {
  const { draft, marks, diagnostics } = gather(sources, documents);
  if (diagnostics.length > 0) return undefined;
  return { document: () => draft, locate: (path) => marks.locate(draft, path) };
}

function gather(sources: readonly Source[], documents: readonly NamedDocument[]) {
  const draft = emptyLists<unknown>();
  const marks = new Marks();
  const diagnostics = [
    ...sources.flatMap((source) => readSource(source, draft, marks)),
    ...documents.flatMap((named) => [
      ...readObject(named.document, draft, marks, labels(named)),
      ...readTrees(named, draft, marks),
    ]),
  ];
  return { draft, marks, diagnostics };
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
  return readObject({ tables: tables.map((table) => tableText(table)) }, draft, marks, (list, index) =>
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

function finish(draft: Draft, marks: Marks, diagnostics: readonly Diagnostic[]): Reading {
  const locate = (path: Path) => marks.locate(draft, path);
  const result = intentSchema.safeParse(draft, { reportInput: true });
  if (result.success && diagnostics.length === 0)
    return { ok: true, value: { intent: result.data, document: () => draft, locate }, warnings: [] };
  const issues = result.success ? [] : withoutEchoes(result.error.issues);
  const flawed = ([list, index]: readonly PropertyKey[]) => marks.isFlawed(draft[list as keyof Draft][index as number]);
  const places = { locate, locateName: (path: Path) => marks.locateName(draft, path) };
  const problems = issues.flatMap((issue) =>
    schemaProblems(issue, places).filter(({ code }) => code !== 'TN2011' || !flawed(issue.path)),
  );
  return { ...failure(inOrder([...diagnostics, ...problems])), rest: restOf(draft, marks, issues) };
}

/** The items of the lists that nothing is wrong with. */
function restOf(draft: Draft, marks: Marks, issues: readonly { readonly path: readonly PropertyKey[] }[]): Read {
  const wrong = new Set(issues.map(({ path: [list, index] }) => `${String(list)} ${String(index)}`));
  const rest = emptyLists<unknown>();
  for (const list of Object.keys(draft) as (keyof Draft)[])
    rest[list] = marks.select(
      draft[list],
      (index) => !wrong.has(`${list} ${index}`) && !marks.isFlawed(draft[list][index]),
    );
  return { intent: intentSchema.parse(rest), document: () => rest, locate: (path) => marks.locate(rest, path) };
}

import type { Label, Path } from '../../dsl/core/diagnostic';
import type { Source, Span } from '../../dsl/core/source';
import type { Intent } from '../../dsl/intent/model';
import { itemSchemas } from '../../dsl/intent/schema';
import { emptyLists, type Located, locateParts, type ReadItem, readEach } from './text';

type List = keyof typeof itemSchemas;

/** An intent, and where its parts stand. */
export interface QuicklyRead {
  readonly intent: Intent;
  locate(path: Path): Label;
}

/**
 * Reads texts in which nothing is wrong, statement by statement: of each only what it means is kept, and where it began.
 * Undefined where something is wrong, for whoever says what.
 */
export function readQuickly(sources: readonly Source[]): QuicklyRead | undefined {
  const items = emptyLists<unknown>();
  const statements = emptyLists<Span>();
  let right = true;
  const take = ({ list, item }: ReadItem, { span }: { readonly span: Span }) => {
    const parsed = right ? itemSchemas[list].safeParse(item) : undefined;
    right = parsed?.success === true;
    if (!parsed?.success) return;
    items[list].push(parsed.data);
    statements[list].push(span);
  };
  for (const source of sources) right = readEach(source, take).length === 0 && right;
  if (!right) return undefined;
  return { intent: items as Record<List, never[]>, locate: locator(statements) };
}

function locator(statements: Readonly<Record<List, readonly Span[]>>): (path: Path) => Label {
  const known = new Map<Span, Located>();
  return ([list, index, ...inside]) => {
    const statement = statements[list as List]?.[index as number];
    if (!statement) return { where: String(list) };
    const located = known.get(statement) ?? locateParts(statement);
    known.set(statement, located);
    const label = located.marks.locate(located.read.item, inside);
    return label.span ? label : { span: located.read.span };
  };
}

import { once } from '../../dsl/core/once';
import type { Source, Span } from '../../dsl/core/source';
import { parseJson } from './json';
import { DEEPEST, markItem } from './json-places';
import { JsonCursor, membersIn } from './json-text';
import { type Located, Marks } from './marks';
import { type Draft, emptyLists } from './text';

type List = keyof Draft;

/** An item of a JSON document that was read without the place of its parts. */
export interface JsonItem {
  readonly source: Source;
  readonly list: List;
  readonly index: number;
  readonly places: () => Places;
}

/** Where the items of a document stand, and the parts of those that were asked for. */
interface Places {
  readonly spans: Readonly<Record<List, readonly Span[]>>;
  readonly marks: Marks;
}

/** Reads a JSON document item by item; false where something is wrong with it, or may be. */
export function readItems(source: Source, take: (item: unknown, place: JsonItem) => void): boolean {
  const document = parseJson(source);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
  if (membersIn(source.text) !== membersOf(document)) return false;
  const places = once(() => ({ spans: spansOf(source), marks: new Marks() }));
  for (const [key, items] of Object.entries(document)) {
    if (key === '$schema') continue;
    if (!isList(key) || !Array.isArray(items)) return false;
    for (const [index, item] of items.entries()) take(item, { source, list: key, index, places });
  }
  return true;
}

/** Reads an item again, with the place of its parts. */
export function locateItem({ source, list, index, places }: JsonItem): Located {
  const { spans, marks } = places();
  const span = spans[list][index];
  if (!span) throw new Error(`${list} of ${source.name} has no item ${index}`);
  const item: unknown = JSON.parse(source.text.slice(span.start, span.end));
  return { item, span: markItem(source, span.start, item, marks), marks };
}

function isList(key: string): key is List {
  return Object.hasOwn(LISTS, key);
}

const LISTS = emptyLists<never>();

function spansOf(source: Source): Places['spans'] {
  const spans = emptyLists<Span>();
  const cursor = new JsonCursor(source);
  while (cursor.opens('}')) {
    const { key } = cursor.key();
    if (isList(key) && cursor.peek() === '[')
      while (cursor.opens(']')) {
        const start = cursor.at;
        cursor.skip();
        spans[key].push(cursor.since(start));
      }
    else cursor.skip();
  }
  return spans;
}

/**
 * How many members the objects of a value have, all together: fewer than its text where a key is there twice. No number
 * for what is deeper than any intent.
 */
function membersOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > DEEPEST) return Number.NaN;
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const one of values) count += membersOf(one, depth + 1);
  return count;
}

import type { Label, Path } from '../../dsl/core/diagnostic';
import type { Source, Span } from '../../dsl/core/source';
import type { Intent } from '../../dsl/intent/model';
import { itemSchemas } from '../../dsl/intent/schema';
import { isJson } from './json';
import { type JsonItem, locateItem, readItems } from './json-items';
import type { Located } from './marks';
import { type Draft, emptyLists, locateParts, readEach } from './text';

type List = keyof typeof itemSchemas;

/** Where an item is read again: what a statement began with, or its place in a document. */
type Place = Span | JsonItem;

/** An intent, what was read for it where that is kept, and where its parts stand. */
export interface QuicklyRead {
  readonly intent: Intent;
  readonly draft: Draft | undefined;
  locate(path: Path): Label;
}

/**
 * Reads sources in which nothing is wrong, item by item: of each only what it means is kept, and where to find it.
 * Undefined where something is wrong, for whoever says what.
 */
export function readQuickly(sources: readonly Source[], keep: boolean): QuicklyRead | undefined {
  const items = emptyLists<unknown>();
  const places = emptyLists<Place>();
  const draft = keep ? emptyLists<unknown>() : undefined;
  let right = true;
  const take = (list: List, item: unknown, place: Place) => {
    const parsed = right ? itemSchemas[list].safeParse(item) : undefined;
    right = parsed?.success === true;
    if (!parsed?.success) return;
    items[list].push(parsed.data);
    places[list].push(place);
    draft?.[list].push(item);
  };
  for (const source of sources) {
    const whole = isJson(source)
      ? readItems(source, (item, place) => take(place.list, item, place))
      : readEach(source, ({ list, item }, { span }) => take(list, item, span)).length === 0;
    right = whole && right;
  }
  if (!right) return undefined;
  return { intent: items as Record<List, never[]>, draft, locate: locator(places) };
}

function locator(places: Readonly<Record<List, readonly Place[]>>): (path: Path) => Label {
  const known = new Map<Place, Located>();
  return ([list, index, ...inside]) => {
    const place = places[list as List]?.[index as number];
    if (!place) return { where: String(list) };
    const located = known.get(place) ?? ('places' in place ? locateItem(place) : locateParts(place));
    known.set(place, located);
    const label = located.marks.locate(located.item, inside);
    return label.span ? label : { span: located.span };
  };
}

import type { Element, Expression, MapReference, Verdict } from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText, mapText } from '../targets/nft/notation';
import { observe, when } from './acts';
import { all, bit, type Condition, NEVER } from './condition';
import { unknown } from './fields';
import { keysOf } from './keys';
import { hasKey, isLearnt } from './learnt';
import { KeyedRows, ListedRows, remembered } from './rows';
import type { Choose, Row, Rows, Step } from './steps';
import type { Surroundings } from './surroundings';
import { keyTerms, readable } from './terms';
import { elementCondition } from './tests';

/** A look-up in a map; undefined when its keys are not in the model. */
export function lookup(
  key: Expression,
  map: MapReference,
  { reading, sets, routine }: Surroundings,
  stepsFor: (data: Expression | Verdict | undefined, element: Element) => readonly Step[] | undefined,
): readonly Step[] | undefined {
  const named = map.kind === 'named' ? sets.get(map.name) : undefined;
  const elements = map.kind === 'anonymous' ? map.elements : named?.elements;
  if (!elements || (named && isLearnt(named))) return undefined;
  const parts = keyTerms(key, named !== undefined, reading);
  const terms = parts.filter((term) => term !== undefined);
  if (terms.length < parts.length) return undefined;
  const guard = all(...terms.map((term) => term.guard));
  if (guard.kind === 'never') return [when(NEVER)];
  const [head] = elements;
  const first = head && stepsFor(head.data, head);
  // Data of one map are all of a kind.
  if (head && !first) return undefined;
  const stepsOf = remembered((element) => (element === head && first) || (stepsFor(element.data, element) ?? []));
  const keys = keysOf(terms, elements, reading);
  const conditions = keys ? [] : elements.map((element) => elementCondition(terms, element, reading));
  if (conditions.includes(undefined)) return undefined;
  for (const element of elements) readAhead(element, stepsOf, routine);
  const rows = keys ? new KeyedRows(keys, elements, stepsOf) : listedRows(elements, conditions, stepsOf);
  const step: Choose = { kind: 'choose', guard, rows };
  const drawn = terms.flatMap((term) =>
    term.kind === 'number' && term.field.startsWith('?numgen') ? [term.field] : [],
  );
  return [...drawn.map((field) => observe('stateful', field)), step];
}

/** Chains that are led to, and what remembers being asked, are read in the order of the elements. */
function readAhead(
  element: Element,
  stepsOf: (element: Element) => readonly Step[],
  routine: Surroundings['routine'],
): void {
  const { data } = element;
  if (data === undefined) stepsOf(element);
  else if (isVerdict(data) && 'chain' in data) routine(data.chain);
}

function listedRows(
  elements: readonly Element[],
  conditions: readonly (Condition | undefined)[],
  stepsOf: (element: Element) => readonly Step[],
): Rows {
  const rows = elements.map((element, at) => ({
    condition: conditions[at] ?? NEVER,
    element,
    steps: stepsOf(element),
  }));
  const isDefault = ({ element }: Row) => element.key === 'default';
  return new ListedRows([...rows.filter((row) => !isDefault(row)), ...rows.filter(isDefault)]);
}

/** Whether a map whose keys are not in the model, or that changes, has the packet's. */
export function found(key: Expression, map: MapReference, { reading, sets }: Surroundings): Step {
  const named = map.kind === 'named' ? sets.get(map.name) : undefined;
  const has = named ? hasKey(named, key) : bit(unknown(`${expressionText(key)} is in ${mapText(map)}`));
  return when(all(readable(key, reading), has));
}

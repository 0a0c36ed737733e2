import type { Element, Expression, MapReference, Verdict } from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText, mapText } from '../targets/nft/notation';
import { observe, when } from './acts';
import { boxesByElement, boxFields } from './boxes';
import { all, bit, type Condition, NEVER } from './condition';
import { unknown } from './fields';
import { hasKey, isLearnt } from './learnt';
import type { Choose, Row, Step } from './steps';
import type { Surroundings } from './surroundings';
import { keyTerms, readable } from './terms';
import { elementCondition } from './tests';

/** A look-up in a map; undefined when its keys are not in the model. */
export function lookup(
  key: Expression,
  map: MapReference,
  { reading, sets }: Surroundings,
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
  const fields = boxFields(terms);
  const known = fields ? boxesByElement(terms, elements, reading) : [];
  const rows: Row[] = [];
  const others: Row[] = [];
  // Data of one map are all of a kind. What is read of the first is kept: a rate that is read twice is two rates.
  const [head] = elements;
  const first = head && stepsFor(head.data, head);
  if (head && !first) return undefined;
  for (const [index, element] of elements.entries()) {
    const boxes = known[index];
    const condition: Condition | undefined =
      boxes && fields ? { kind: 'boxes', fields, boxes } : elementCondition(terms, element, reading);
    if (!condition) return undefined;
    (element.key === 'default' ? others : rows).push(
      rowOf(element, boxes, condition, index === 0 && first ? () => first : stepsFor),
    );
  }
  rows.push(...others);
  const boxed = rows.every(({ boxes, element }) => boxes !== undefined || element.key === 'default');
  const step: Choose = {
    kind: 'choose',
    guard,
    fields: boxed ? fields : undefined,
    rows,
  };
  const drawn = terms.flatMap((term) =>
    term.kind === 'number' && term.field.startsWith('?numgen') ? [term.field] : [],
  );
  return [...drawn.map((field) => observe('stateful', field)), step];
}

/** Maps have many rows, of which a packet meets one: what the others do need not be read. Verdicts lead to chains, which are. */
function rowOf(
  element: Element,
  boxes: Row['boxes'],
  condition: Condition,
  stepsFor: (data: Expression | Verdict | undefined, element: Element) => readonly Step[] | undefined,
): Row {
  const read = () => stepsFor(element.data, element) ?? [];
  if (element.data === undefined || isVerdict(element.data)) return { boxes, condition, element, steps: read() };
  let steps: readonly Step[] | undefined;
  const get = () => {
    steps ??= read();
    return steps;
  };
  return Object.defineProperty({ boxes, condition, element, steps: [] }, 'steps', { enumerable: true, get });
}

/** Whether a map whose keys are not in the model, or that changes, has the packet's. */
export function found(key: Expression, map: MapReference, { reading, sets }: Surroundings): Step {
  const named = map.kind === 'named' ? sets.get(map.name) : undefined;
  const has = named ? hasKey(named, key) : bit(unknown(`${expressionText(key)} is in ${mapText(map)}`));
  return when(all(readable(key, reading), has));
}

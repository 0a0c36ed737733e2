import { type Origin, PROGRAM } from '../../dsl/core/origin';
import type { Element, Table } from '../../dsl/ruleset/tree';
import type { Compiled } from '../compile';
import { elementText } from '../targets/nft/notation';

/** Where an element of a table's set came from. */
export type OriginOf = (element: Element, table: Table) => Origin;

/** As it is said in the element. */
export const ownOrigin: OriginOf = ({ origin }) => origin;

/** The kernel keeps no origins: an element that it lists has that of the same element as it was applied. */
export function appliedOrigins({ ruleset }: Compiled): OriginOf {
  return (element, { family, name, sets }) => {
    const applied = ruleset.tables.find(
      (one) => one.origin.kind === 'program' && one.family === family && one.name === name,
    );
    if (!applied) return element.origin;
    const listed = sets.find(({ elements }) => elements.includes(element));
    const set = applied.sets.find((one) => one.name === listed?.name);
    const text = elementText(element);
    const same = set?.elements.find((one) => one.comment === element.comment && elementText(one) === text);
    return same?.origin ?? (element.origin.kind === 'source' ? PROGRAM : element.origin);
  };
}

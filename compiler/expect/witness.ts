import type { Field } from '../meaning/condition';
import type { Node } from '../prove/diagram';
import type { Functions } from '../prove/functions';
import { isShare } from '../world/told';

/** Values of fields that lead to a leaf; those preferred where they do. Of limits a share is taken to be left. */
export function witness(
  functions: Functions,
  root: Node,
  leaf: Node,
  preferred: ReadonlyMap<Field, number>,
): ReadonlyMap<Field, number> | undefined {
  const { diagrams } = functions;
  const barren = new Set<Node>();
  const facts = new Map<Field, number>();
  const go = (node: Node): boolean => {
    if (node === leaf) return true;
    if (node < 0 || barren.has(node)) return false;
    const field = diagrams.fieldAt(diagrams.rank(node));
    const ends = diagrams.endsOf(node);
    const starts = ends.map((_, at) => (at === 0 ? 0 : (ends[at - 1] as number) + 1));
    const liked = preferred.get(field);
    const values = isShare(field) ? [1] : liked === undefined ? starts : [liked, ...starts];
    for (const value of values) {
      facts.set(field, value);
      if (go(diagrams.childAt(node, value))) return true;
    }
    facts.delete(field);
    barren.add(node);
    return false;
  };
  return go(root) ? facts : undefined;
}

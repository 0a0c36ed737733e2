import type { Expression, Table } from '../../dsl/ruleset/tree';

/** What the rules of a table look up, and the objects that one of them alone refers to. */
export function usesIn({ chains, sets }: Table): {
  readonly asked: ReadonlyMap<string, readonly Expression[]>;
  readonly own: ReadonlySet<string>;
} {
  const asked = new Map<string, Expression[]>();
  const objects = new Map<string, number>();
  const ask = (name: string, key: Expression) => asked.set(name, [...(asked.get(name) ?? []), key]);
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    else if (typeof node === 'object' && node !== null) {
      const { kind, left, right, key, map, object, name } = node as Readonly<Record<string, unknown>>;
      if (kind === 'match' && isNamed(right, 'named set')) ask(right.name, left as Expression);
      if (isNamed(map, 'named')) ask(map.name, key as Expression);
      if (kind === 'object' && typeof name === 'string') {
        const text = `${object} ${name}`;
        objects.set(text, (objects.get(text) ?? 0) + 1);
      }
      for (const [part, value] of Object.entries(node)) if (part !== 'origin') visit(value);
    }
  };
  visit(chains);
  // A map may choose any of them.
  const chosen = sets.some(({ data }) => data?.kind === 'object');
  const own = new Set([...objects].flatMap(([text, count]) => (count === 1 && !chosen ? [text] : [])));
  return { asked, own };
}

interface Mentioned {
  readonly kind?: unknown;
  readonly field?: unknown;
}

/** Whether something in chains is as asked for. */
export function isMentioned(chains: Table['chains'], asked: (node: Mentioned) => boolean): boolean {
  const within = (node: unknown): boolean => {
    if (Array.isArray(node)) return node.some(within);
    if (typeof node !== 'object' || node === null) return false;
    return asked(node) || Object.entries(node).some(([key, value]) => key !== 'origin' && within(value));
  };
  return within(chains);
}

function isNamed(node: unknown, kind: string): node is { readonly name: string } {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === kind && 'name' in node;
}

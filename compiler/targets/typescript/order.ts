import type { Chain, Element, Expression, MapReference, NamedSet, Statement, Table } from '../../../dsl/ruleset/tree';
import { expressionsOf } from '../../../dsl/ruleset/walk';

type Item = Chain | NamedSet;

/** Sets and chains, each after those that it speaks of; else in the order that they have. */
export function inOrder({ sets, chains }: Table): readonly Item[] {
  const items: readonly Item[] = [...sets, ...chains];
  const byName = new Map<string, Item>();
  for (const set of sets) byName.set(`set ${set.name}`, set);
  for (const chain of chains) byName.set(`chain ${chain.name}`, chain);
  const placed = new Set<Item>();
  const begun = new Set<Item>();
  const place = (item: Item): void => {
    if (begun.has(item)) return;
    begun.add(item);
    for (const name of 'rules' in item ? namesInChain(item) : namesInElements(item.elements)) {
      const other = byName.get(name);
      if (other) place(other);
    }
    placed.add(item);
  };
  for (const item of items) place(item);
  return [...placed];
}

function namesInChain({ rules }: Chain): readonly string[] {
  return rules.flatMap(({ statements }) => statements.flatMap(namesInStatement));
}

function namesInStatement(statement: Statement): readonly string[] {
  const looked = expressionsOf(statement).flatMap(namesInExpression);
  switch (statement.kind) {
    case 'verdict':
      return 'chain' in statement.verdict ? [`chain ${statement.verdict.chain}`] : [];
    case 'vmap':
      return [...looked, ...namesInMap(statement.map)];
    case 'set-update':
      return [...looked, `set ${statement.set}`, ...statement.statements.flatMap(namesInStatement)];
    default:
      return looked;
  }
}

function namesInExpression(expression: Expression): readonly string[] {
  if (expression.kind === 'named set') return [`set ${expression.name}`];
  return expression.kind === 'map' ? namesInMap(expression.map) : [];
}

function namesInMap(map: MapReference): readonly string[] {
  return map.kind === 'named' ? [`set ${map.name}`] : namesInElements(map.elements);
}

function namesInElements(elements: readonly Element[]): readonly string[] {
  return elements.flatMap(({ data }) => (data && 'chain' in data ? [`chain ${data.chain}`] : []));
}

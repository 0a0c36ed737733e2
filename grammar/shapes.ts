import type nearley from 'nearley';
import type { Token } from './lexer';

/** A statement's tree with the numbers of tokens in the places of its words. */
type Shape =
  | { readonly kind: 'word'; readonly at: number }
  | { readonly kind: 'list'; readonly of: readonly Shape[] }
  | { readonly kind: 'fields'; readonly of: readonly { readonly key: string; readonly shape: Shape }[] }
  | { readonly kind: 'constant'; readonly value: unknown };

/** Longer statements are seldom alike. */
const LONGEST = 8;

/**
 * What is known of statements that were parsed: one whose tokens a grammar cannot tell from those of an earlier one has the
 * same tree, with its own words in it. For grammars whose trees are made of words and constants alone.
 */
export class Shapes {
  private readonly literals: ReadonlySet<string>;
  private readonly known = new Map<string, Shape>();

  constructor({ ParserRules }: nearley.CompiledRules) {
    const symbols = ParserRules.flatMap((rule) => rule.symbols as readonly unknown[]);
    this.literals = new Set(
      symbols.flatMap((symbol) =>
        typeof symbol === 'object' && symbol !== null && 'literal' in symbol ? [String(symbol.literal)] : [],
      ),
    );
  }

  /** What the grammar tells of a statement from others; undefined where they are not worth keeping. */
  keyOf(start: string, tokens: readonly Token[]): string | undefined {
    if (tokens.length > LONGEST) return undefined;
    let key = start;
    for (const { type, text } of tokens) {
      if (type === 'set') return undefined;
      key += this.literals.has(text) ? ` ${text}` : ` %${type}`;
    }
    return key;
  }

  /** The tree of a statement, where one like it was learned. */
  treeOf(key: string, tokens: readonly Token[]): unknown {
    const shape = this.known.get(key);
    return shape && filled(shape, tokens);
  }

  learn(key: string, tree: unknown, tokens: readonly Token[]): void {
    this.known.set(key, shapeOf(tree, tokens));
  }
}

function shapeOf(tree: unknown, tokens: readonly Token[]): Shape {
  if (Array.isArray(tree)) return { kind: 'list', of: tree.map((one) => shapeOf(one, tokens)) };
  if (typeof tree !== 'object' || tree === null) return { kind: 'constant', value: tree };
  const at = tokens.indexOf(tree as Token);
  if (at >= 0) return { kind: 'word', at };
  return { kind: 'fields', of: Object.entries(tree).map(([key, value]) => ({ key, shape: shapeOf(value, tokens) })) };
}

function filled(shape: Shape, tokens: readonly Token[]): unknown {
  switch (shape.kind) {
    case 'word':
      return tokens[shape.at];
    case 'list':
      return shape.of.map((one) => filled(one, tokens));
    case 'fields': {
      const fields: Record<string, unknown> = {};
      for (const { key, shape: value } of shape.of) fields[key] = filled(value, tokens);
      return fields;
    }
    case 'constant':
      return shape.value;
  }
}

import type nearley from 'nearley';
import type { Token } from './lexer';

/** A statement's tree with the numbers of tokens in the places of its words. */
type Shape =
  | { readonly kind: 'word'; readonly at: number }
  | { readonly kind: 'list'; readonly of: readonly Shape[] }
  | { readonly kind: 'fields'; readonly of: readonly { readonly key: string; readonly shape: Shape }[] }
  | { readonly kind: 'constant'; readonly value: unknown };

/** Statements that are alike up to here; `tree` is of those that end here. */
class Alike {
  tree: Shape | undefined;
  /** By what comes next: a word of the grammar by its text, another token by its type. */
  readonly literals = new Map<string, Alike>();
  readonly types = new Map<string, Alike>();
}

const LONGEST = 8;

/**
 * What is known of statements that were parsed: one whose tokens a grammar cannot tell from those of an earlier one has the
 * same tree, with its own words in it. For grammars whose trees are made of words and constants alone.
 */
export class Shapes {
  private readonly literals: ReadonlySet<string>;
  private readonly starts = new Map<string, Alike>();

  constructor({ ParserRules }: nearley.CompiledRules) {
    const symbols = ParserRules.flatMap((rule) => rule.symbols as readonly unknown[]);
    this.literals = new Set(
      symbols.flatMap((symbol) =>
        typeof symbol === 'object' && symbol !== null && 'literal' in symbol ? [String(symbol.literal)] : [],
      ),
    );
  }

  /** The tree of a statement, where one like it was learned. */
  treeOf(start: string, tokens: readonly Token[]): unknown {
    let alike = this.starts.get(start);
    for (let at = 0; alike && at < tokens.length; at++) {
      const { type, text } = tokens[at] as Token;
      alike = this.literals.has(text) ? alike.literals.get(text) : alike.types.get(type);
    }
    return alike?.tree && filled(alike.tree, tokens);
  }

  /** The members of a set are no words of their own, and long statements are seldom alike: such are not worth keeping. */
  learn(start: string, tokens: readonly Token[], tree: unknown): void {
    if (tokens.length > LONGEST || tokens.some(({ type }) => type === 'set')) return;
    let alike = following(this.starts, start);
    for (const { type, text } of tokens)
      alike = this.literals.has(text) ? following(alike.literals, text) : following(alike.types, type);
    alike.tree = shapeOf(tree, tokens);
  }
}

function following(next: Map<string, Alike>, key: string): Alike {
  const known = next.get(key) ?? new Alike();
  next.set(key, known);
  return known;
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

import type { Rule, Table } from '../../../dsl/ruleset/tree';
import type { Facts } from './facts';
import { type Shape, shapeOf, signatureOf } from './shape';

/** One kind of rule that a program writes: where it stands, what it looks like, and what it tells. */
export interface Pattern {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  readonly chain: RegExp;
  /** Signatures of shapes; `(x)` is a part that may be missing. */
  readonly looks: readonly string[];
  /** The chain that a rule jumps to. */
  readonly to?: RegExp;
  readonly tells: (facts: Facts, shape: Shape, rule: Rule, chain: string) => void;
}

/** Shows every rule to the patterns, all of a list before those of the next. */
export function readPatterns(tables: readonly Table[], lists: readonly (readonly Pattern[])[], facts: Facts): void {
  for (const patterns of lists.map(indexed))
    for (const { name, chains } of tables)
      for (const chain of chains)
        for (const rule of chain.rules) {
          const shape = shapeOf(rule);
          if (!shape) continue;
          const signature = signatureOf(shape);
          for (const pattern of patterns.get(`${name} ${signature}`) ?? [])
            if (pattern.chain.test(chain.name) && leadsTo(shape, pattern.to))
              pattern.tells(facts, shape, rule, chain.name);
        }
}

function leadsTo({ action }: Shape, to: RegExp | undefined): boolean {
  return to === undefined || (action.kind === 'jump' && to.test(action.chain));
}

function indexed(patterns: readonly Pattern[]): ReadonlyMap<string, readonly Pattern[]> {
  const index = new Map<string, Pattern[]>();
  for (const pattern of patterns)
    for (const looks of pattern.looks.flatMap(spelledOut)) {
      const key = `${pattern.table} ${looks}`;
      index.set(key, [...(index.get(key) ?? []), pattern]);
    }
  return index;
}

/** `(a) b` is `a b` and `b`. */
function spelledOut(looks: string): string[] {
  const optional = /\(([^)]*)\) ?/.exec(looks);
  if (!optional) return [looks];
  const rest = (middle: string) =>
    looks.slice(0, optional.index) + middle + looks.slice(optional.index + optional[0].length);
  return [rest(`${optional[1]} `), rest('')].flatMap(spelledOut);
}

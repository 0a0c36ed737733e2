import { PROGRAM } from '../core/origin';
import type {
  Hook,
  Rule as RuleNode,
  Statement as StatementNode,
  TableFamily,
  Verdict as VerdictNode,
} from '../ruleset/tree';

export type NatHook = Exclude<Hook, 'forward' | 'ingress' | 'egress'>;

/** The type and hook of a base chain that leads to a rule. */
export type Place = `filter ${Hook}` | `nat ${NatHook}` | 'route output';

declare const worksIn: unique symbol;

/** Something that works only below chains at `P`, in tables of `F`. A parameter's type, so that wider fits narrower. */
interface Placed<P extends Place, F extends TableFamily> {
  readonly [worksIn]: (place: P, family: F) => void;
}

/** A match or an action of a rule. */
export interface Statement<P extends Place = Place, F extends TableFamily = TableFamily> extends Placed<P, F> {
  readonly node: StatementNode | { readonly kind: 'comment'; readonly text: string };
}

/** A statement that ends a rule, and can stand in a verdict map. */
export interface Verdict<P extends Place = Place> extends Statement<P> {
  readonly verdict: VerdictNode;
}

export interface Rule<P extends Place = Place, F extends TableFamily = TableFamily> extends Placed<P, F> {
  readonly tree: RuleNode;
}

/** Gives a node its place; where it works is the static type's to say. */
export function statement<S extends Statement<never, never> = Statement>(node: Statement['node']): S {
  return { node } as unknown as S;
}

export function verdict<P extends Place = Place>(node: VerdictNode): Verdict<P> {
  return { node: { kind: 'verdict', verdict: node }, verdict: node } as unknown as Verdict<P>;
}

type Statements = readonly Statement<never, never>[];

/** Where all of them work. */
type PlacesOf<S extends Statements> = [S[number]] extends [Placed<infer P, never>] ? P : never;
type FamiliesOf<S extends Statements> = [S[number]] extends [Placed<never, infer F>] ? F : never;

/** Statements in the order they are evaluated; a match that fails ends the rule. */
export function rule<S extends Statements>(...statements: S): Rule<PlacesOf<S>, FamiliesOf<S>> {
  const comment = statements.flatMap(({ node }) => (node.kind === 'comment' ? [node.text] : [])).at(-1);
  const nodes = statements.flatMap(({ node }) => (node.kind === 'comment' ? [] : [node]));
  const tree: RuleNode = { statements: nodes, ...(comment === undefined ? {} : { comment }), origin: PROGRAM };
  return { tree } as unknown as Rule<PlacesOf<S>, FamiliesOf<S>>;
}

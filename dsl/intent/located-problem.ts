import type { Path, Problem } from '../core/diagnostic';

/** A problem and the places in the document that it is about. */
export interface LocatedProblem {
  readonly problem: Problem;
  readonly path: Path;
  readonly related: readonly { readonly path: Path; readonly text: string }[];
}

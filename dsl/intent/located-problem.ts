import type { DiagnosticCode } from '../core/codes';
import type { Path, Problem } from '../core/diagnostic';

export interface RelatedPlace {
  readonly path: Path;
  readonly text: string;
}

/** A problem and the places in the document that it is about. */
export interface LocatedProblem {
  readonly problem: Problem;
  readonly path: Path;
  readonly related: readonly RelatedPlace[];
}

export function problemAt(
  path: Path,
  code: DiagnosticCode,
  message: string,
  more: Omit<Problem, 'code' | 'message'> & { related?: readonly RelatedPlace[] } = {},
): LocatedProblem {
  const { related = [], ...rest } = more;
  return { problem: { code, message, ...rest }, path, related };
}

import type { Path } from './diagnostic';
import type { Span } from './source';

/**
 * Where a node of a ruleset came from: a place in the intent document, a stretch of rule text, or the fixed program
 * itself. It travels from text to printed line, so that every answer can speak of the user's own line.
 */
export type Origin =
  | { readonly kind: 'intent'; readonly path: Path }
  | { readonly kind: 'source'; readonly span: Span }
  | { readonly kind: 'program' }
  /** One node that says what several did. */
  | { readonly kind: 'merged'; readonly of: readonly Origin[] };

export const PROGRAM: Origin = { kind: 'program' };

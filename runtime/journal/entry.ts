import { done, type HostFault, type Result, refused } from '../host/fault';
import type { HostOp } from '../host/port';
import type { Step } from '../plan/step';

/**
 * How far a transaction came: nothing marked, what there is was only prepared; switching: the ruleset may be the new one;
 * switched: it is, and the rest can only go on; undoing: a step failed, and the way is back.
 */
export const MARKS = ['switching', 'switched', 'undoing'] as const;
export type Mark = (typeof MARKS)[number];

/** What another process needs to finish or undo a transaction. */
export interface Entry {
  readonly steps: readonly Step[];
  readonly marks: ReadonlySet<Mark>;
}

/**
 * Each mark has a place at the beginning of the file, blank until it is set, so that setting one needs no room on a disk
 * that is full by then.
 */
const PLACES: Readonly<Record<Mark, number>> = { switching: 0, switched: 16, undoing: 32 };
const HEAD = 48;

/** Steps that are one piece of the text. */
const A_PIECE = 256;

/** The text of an entry, a piece at a time: as a whole, that of ten thousand containers would be 40 MB more to hold. */
export function* encodeEntry(steps: readonly Step[]): Iterable<string> {
  yield `${' '.repeat(HEAD - 1)}\n{"version":1,"steps":[`;
  for (let from = 0; from < steps.length; from += A_PIECE) {
    const piece = steps.slice(from, from + A_PIECE).map((step) => JSON.stringify(bare(step)));
    yield `${from > 0 ? ',' : ''}${piece.join(',')}`;
  }
  yield ']}\n';
}

function bare(step: Step): Step {
  return {
    ...step,
    do: withoutOrigins(step.do),
    undo: step.undo === 'irreversible' ? step.undo : step.undo.map(withoutOrigins),
  };
}

/** Where a line of a ruleset came from is of no use to another process. */
function withoutOrigins(op: HostOp): HostOp {
  switch (op.op) {
    case 'ruleset.load':
      return { ...op, unit: { ...op.unit, lines: [] } };
    case 'sequence':
      return { ...op, ops: op.ops.map(withoutOrigins) };
    default:
      return op;
  }
}

/** The bytes that set a mark, and where in the file they go. */
export function encodeMark(mark: Mark): { readonly text: string; readonly offset: number } {
  return { text: mark, offset: PLACES[mark] };
}

export function decodeEntry(text: string, path: string): Result<Entry, HostFault> {
  const marks = new Set(
    MARKS.filter((mark) => text.slice(PLACES[mark], PLACES[mark] + mark.length) === mark && text.length > HEAD),
  );
  try {
    const { version, steps } = JSON.parse(text.slice(HEAD)) as { version: number; steps: readonly Step[] };
    if (version !== 1 || !Array.isArray(steps)) throw new Error('not of this version');
    return done({ steps, marks });
  } catch {
    return refused('TN5007', `the journal ${path} cannot be read: it was cut short or changed`, {
      hint: `look at what is on the host, then delete ${path} and run: tsnet recover`,
    });
  }
}

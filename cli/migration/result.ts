import { describeOrigin } from '../../compiler';
import { type Entry, lineOf } from '../../compiler/migrate';
import type { Described } from '../../compiler/prove';
import type { SideText } from '../proof';

/** A migration in the notation that was asked for, and what is to be said of it. */
export interface Result {
  readonly text: string;
  /** What was proven, in lines. */
  readonly proof: string;
  readonly proven: boolean;
  /** Whether a packet was found that is decided otherwise. */
  readonly refuted: boolean;
  /** Lines for who runs the command: what was recognised, what was not, what to check. */
  readonly remarks: readonly string[];
  /** For `--json`: the text and the proof. */
  readonly json: object;
  readonly entryJson: (entry: Entry) => object;
}

/** Decisions that a proof may need; what needs more is said to be not proven. */
export const CAP = 4_000_000;

export function sideText({ verdict, seen, chain, decidedBy }: Described['first']): SideText {
  const rule = decidedBy && describeOrigin(decidedBy, () => ({}), { alone: true });
  return { verdict, seen, chain: chain ?? null, rule: rule ?? null };
}

export function differenceJson({ journey, packet, first, second }: Described): object {
  return { journey, packet, first: sideText(first), second: sideText(second) };
}

/** What became of a rule, whatever it is printed as. */
export function fateJson({ span, became, notes, loss }: Entry): object {
  const { line, text } = lineOf(span);
  return {
    file: span.source.name,
    line,
    text,
    became,
    notes,
    reason: loss?.reason ?? null,
    effect: loss?.effect ?? null,
  };
}

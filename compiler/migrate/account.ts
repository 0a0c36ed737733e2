import type { Origin } from '../../dsl/core/origin';
import { lineText, positionOf, type Span } from '../../dsl/core/source';
import type { Table } from '../../dsl/ruleset/tree';
import type { LoadUnit } from '../targets/load-unit';
import { type Loss, lossOf } from './lost';

/** What became of one rule of iptables. */
export interface Entry {
  readonly span: Span;
  readonly became: 'rules' | 'nothing' | 'lost';
  /** The lines of the printed text that it stands in, counted from 1; of a rule in several lines, the first. */
  readonly lines: readonly number[];
  readonly notes: readonly string[];
  readonly loss?: Loss;
}

/** Notes by the place of the rule that they speak of. */
export class Notes {
  private readonly texts = new Map<string, string[]>();
  private readonly whyGone = new Map<string, string[]>();

  add(text: string, origin: Origin): void {
    put(this.texts, text, origin);
  }

  /** Why something of a rule is not in the ruleset, which matters where nothing of it is. */
  addIfGone(text: string, origin: Origin): void {
    put(this.whyGone, text, origin);
  }

  of(span: Span, became: Entry['became']): readonly string[] {
    const gone = became === 'nothing' ? (this.whyGone.get(keyOf(span)) ?? []) : [];
    return [...(this.texts.get(keyOf(span)) ?? []), ...gone];
  }
}

function put(texts: Map<string, string[]>, text: string, origin: Origin): void {
  for (const span of spansOf(origin)) {
    const known = texts.get(keyOf(span));
    if (!known) texts.set(keyOf(span), [text]);
    else if (!known.includes(text)) known.push(text);
  }
}

/** Every rule that was read, as the texts had them, with where it stands now. */
export function accountOf(read: readonly Table[], unit: LoadUnit, notes: Notes): readonly Entry[] {
  const lines = new Map<string, number[]>();
  for (const [index, origin] of unit.lines.entries())
    for (const span of origin && origin !== unit.lines[index - 1] ? spansOf(origin) : []) {
      const known = lines.get(keyOf(span));
      if (known) known.push(index + 1);
      else lines.set(keyOf(span), [index + 1]);
    }
  const entries = new Map<string, Entry>();
  for (const rule of read.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules)))
    for (const span of spansOf(rule.origin)) {
      const found = lines.get(keyOf(span)) ?? [];
      const loss = lossOf(rule) ?? entries.get(keyOf(span))?.loss;
      const became = loss ? 'lost' : found.length > 0 ? 'rules' : 'nothing';
      entries.set(keyOf(span), {
        span,
        became,
        lines: found,
        notes: notes.of(span, became),
        ...(loss ? { loss } : {}),
      });
    }
  return [...entries.values()];
}

export function spansOf(origin: Origin): readonly Span[] {
  switch (origin.kind) {
    case 'source':
      return [origin.span];
    case 'merged':
      return origin.of.flatMap(spansOf);
    default:
      return [];
  }
}

function keyOf({ source, start }: Span): string {
  return `${start} ${source.name}`;
}

/** The line that a span begins in. */
export function lineOf({ source, start }: Span): { readonly line: number; readonly text: string } {
  const { line } = positionOf(source, start);
  return { line, text: lineText(source, line) };
}

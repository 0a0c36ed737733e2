import type { Source, Span } from '../../../../dsl/core/source';

/** A word of a line of iptables-save, its quotes taken off. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** Splits as iptables-restore does: at blanks outside of double quotes, in which a backslash escapes. */
export function wordsOf(source: Source, start: number, end: number): Word[] {
  const words: Word[] = [];
  let at = start;
  while (at < end) {
    if (/\s/.test(source.text[at] as string)) {
      at++;
      continue;
    }
    const from = at;
    let text = '';
    let quoted = false;
    for (; at < end && (quoted || !/\s/.test(source.text[at] as string)); at++) {
      const char = source.text[at] as string;
      if (char === '"') quoted = !quoted;
      else if (quoted && char === '\\' && at + 1 < end) text += source.text[++at];
      else text += char;
    }
    words.push({ text, span: { source, start: from, end: at } });
  }
  return words;
}

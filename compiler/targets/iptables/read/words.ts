import type { Source, Span } from '../../../../dsl/core/source';

/** A word of a line of iptables-save, its quotes taken off. */
export interface Word {
  readonly text: string;
  /** Whether a part of it stood in quotes. */
  readonly quoted: boolean;
  readonly span: Span;
}

const TAB = 9;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;

function isBlank(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= RETURN);
}

/** Splits as iptables-restore does: at blanks outside of double quotes, in which a backslash escapes. */
export function wordsOf(source: Source, start: number, end: number): Word[] {
  const { text } = source;
  const words: Word[] = [];
  let at = start;
  while (at < end) {
    if (isBlank(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const from = at;
    let plain = true;
    while (at < end && !isBlank(text.charCodeAt(at))) {
      if (text.charCodeAt(at) === QUOTE) {
        plain = false;
        break;
      }
      at++;
    }
    const word = plain ? text.slice(from, at) : undefined;
    if (word !== undefined) {
      words.push({ text: word, quoted: false, span: { source, start: from, end: at } });
      continue;
    }
    const quoted = quotedWord(text, from, end);
    at = quoted.end;
    words.push({ text: quoted.text, quoted: true, span: { source, start: from, end: at } });
  }
  return words;
}

function quotedWord(text: string, from: number, end: number): { readonly text: string; readonly end: number } {
  let at = from;
  let word = '';
  let open = false;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!open && isBlank(code)) break;
    if (code === QUOTE) open = !open;
    else if (open && code === BACKSLASH && at + 1 < end) word += text[++at];
    else word += text[at];
  }
  return { text: word, end: at };
}

import type { Source, Span } from '../../dsl/core/source';

const SPACE = ' \t\n\r\ufeff';
/** What a number or a word can be followed by. */
const ENDS = `${SPACE},]}`;

const [QUOTE, COLON] = [0x22, 0x3a];
const [OPENING_BRACKET, CLOSING_BRACKET] = [0x5b, 0x5d];
const [OPENING_BRACE, CLOSING_BRACE] = [0x7b, 0x7d];

/** A place in a valid JSON text, and the ways on from there. */
export class JsonCursor {
  constructor(
    readonly source: Source,
    public at = 0,
  ) {}

  /** What stands here, behind space. */
  peek(): string | undefined {
    return this.source.text[this.skipSpace()];
  }

  /** Goes past the bracket or comma before a member or item; false, past the end, when there is none. */
  opens(end: '}' | ']'): boolean {
    if (this.peek() !== end) this.at++;
    if (this.peek() !== end) return true;
    this.at++;
    return false;
  }

  /** Goes past a member's key and its colon. */
  key(): { readonly key: string; readonly span: Span } {
    const span = this.string();
    this.skipSpace();
    this.at++;
    return { key: JSON.parse(`"${this.source.text.slice(span.start, span.end)}"`) as string, span };
  }

  /** Goes past a value, whatever is in it. */
  skip(): Span {
    switch (this.peek()) {
      case '"':
        return this.string();
      case '{':
      case '[':
        return this.skipNested();
      default: {
        const start = this.at;
        while (!ENDS.includes(this.source.text[this.at] ?? ',')) this.at++;
        return this.since(start);
      }
    }
  }

  skipSpace(): number {
    while (SPACE.includes(this.source.text[this.at] ?? '{')) this.at++;
    if (this.at >= this.source.text.length) throw incomplete();
    return this.at;
  }

  since(start: number): Span {
    return { source: this.source, start, end: this.at };
  }

  /** What is between the quotes. */
  private string(): Span {
    const { source } = this;
    const start = this.skipSpace() + 1;
    const end = closingQuote(source.text, start);
    this.at = end + 1;
    return { source, start, end };
  }

  private skipNested(): Span {
    const { text } = this.source;
    const start = this.at;
    for (let depth = 0; this.at < text.length; this.at++) {
      switch (text.charCodeAt(this.at)) {
        case QUOTE:
          this.at = closingQuote(text, this.at + 1);
          break;
        case OPENING_BRACE:
        case OPENING_BRACKET:
          depth++;
          break;
        case CLOSING_BRACE:
        case CLOSING_BRACKET:
          if (--depth > 0) break;
          this.at++;
          return this.since(start);
      }
    }
    throw incomplete();
  }
}

/** How many members the objects of a valid JSON text have, all together. */
export function membersIn(text: string): number {
  let count = 0;
  for (let open = text.indexOf('"'); open >= 0; ) {
    let next = closingQuote(text, open + 1) + 1;
    while (next < text.length && SPACE.includes(text[next] ?? '')) next++;
    if (text.charCodeAt(next) === COLON) count++;
    open = text.indexOf('"', next);
  }
  return count;
}

/** Where a string ends that begins at a place. */
function closingQuote(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  if (end < 0) throw incomplete();
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

function incomplete(): Error {
  return new Error('a JSON text ends before it is complete');
}

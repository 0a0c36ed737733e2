import type { Source, Span } from '../dsl/core/source';
import type { Word } from './nodes';

export type TokenType = 'word' | 'arrow' | 'equals' | 'comma' | 'open' | 'close' | 'set' | 'end' | 'comment' | 'junk';

/** A token; `text` is its own text, which is also what nearley compares literals with. */
export interface Token extends Word {
  readonly type: TokenType;
  readonly value: string;
  /** What is between the braces of a `set`. */
  readonly members?: readonly Word[];
}

/** Marks that are tokens wherever they stand. */
const MARKS: Readonly<Record<string, TokenType>> = {
  '\n': 'end',
  ';': 'end',
  '{': 'open',
  '}': 'close',
  ',': 'comma',
  '=': 'equals',
};

/**
 * A word runs to the next white space or mark, so that `127.0.0.1:9000:90/udp` is one; the parsers of the primitives read
 * inside it. One without an end would be too much for the regular expression, and none is as long as that.
 */
const WORD = /[^\s{};,=#"\u0000-\u001f\u007f]{1,65536}/y;
const SPACE = /[ \t\r\f\v\u00a0\ufeff]+/y;
const STRING = /"[^"\n]*"?/y;
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f]+/y;

/** What matters in the body of a `table` block: braces, but for those in strings and comments. */
const OF_RULES = /[{}]|"[^"\n]*"?|#[^\n]*/g;

/**
 * The tokens of a text of the language, from an offset on. White space is passed over, and comments unless they are asked
 * for; line ends are `end` tokens.
 */
export class Tokens {
  private readonly text: string;
  private readonly comments: boolean;

  constructor(
    private readonly source: Source,
    { from = 0, comments = false } = {},
  ) {
    this.text = source.text;
    this.comments = comments;
    this.at = from;
  }

  private at: number;

  next(): Token | undefined {
    for (;;) {
      this.at = past(SPACE, this.text, this.at) ?? this.at;
      if (this.at >= this.text.length) return undefined;
      if (this.text[this.at] !== '#') return this.token();
      const comment = this.until(this.lineEnd(), 'comment');
      if (this.comments) return comment;
    }
  }

  /** From just after a `{`, the end of the block it opens: the offset of its `}`, or undefined when there is none. */
  skipRules(): number | undefined {
    OF_RULES.lastIndex = this.at;
    let depth = 1;
    for (let found = OF_RULES.exec(this.text); found; found = OF_RULES.exec(this.text)) {
      if (found[0] === '{') depth++;
      if (found[0] !== '}' || --depth > 0) continue;
      this.at = OF_RULES.lastIndex;
      return found.index;
    }
    this.at = this.text.length;
    return undefined;
  }

  private token(): Token {
    const { text, at } = this;
    const first = text[at] as string;
    const mark = MARKS[first];
    if (mark) return this.until(at + 1, mark);
    if (first === '-' && text[at + 1] === '>') return this.until(at + 2, 'arrow');
    const word = past(WORD, text, at);
    if (word !== undefined) return this.until(word, 'word');
    return this.until(past(STRING, text, at) ?? past(CONTROLS, text, at) ?? at + 1, 'junk');
  }

  private until(end: number, type: TokenType): Token {
    const text = this.text.slice(this.at, end);
    const span: Span = { source: this.source, start: this.at, end };
    this.at = end;
    return { type, text, value: text, span };
  }

  private lineEnd(): number {
    const end = this.text.indexOf('\n', this.at);
    return end < 0 ? this.text.length : end;
  }
}

/** Where a match that begins at an offset ends. */
function past(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

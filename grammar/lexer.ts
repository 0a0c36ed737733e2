import moo from 'moo';
import type { Source, Span } from '../dsl/core/source';
import type { Word } from './nodes';

export type TokenType = 'word' | 'arrow' | 'equals' | 'comma' | 'open' | 'close' | 'set' | 'end' | 'comment' | 'junk';

/** A token; `text` is its own text, which is also what nearley compares literals with. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly value: string;
  readonly span: Span;
  /** What is between the braces of a `set`. */
  readonly members?: readonly Word[];
}

/**
 * In `main` a word runs to the next white space or mark, so that `127.0.0.1:9000:90/udp` is one; the parsers of the
 * primitives read inside it. In `rules` (the body of a `table` block) only braces, strings and comments matter.
 */
const states: Record<'main' | 'rules', moo.Rules> = {
  main: {
    space: /[ \t\r\f\v\u00a0\ufeff]+/,
    comment: /#[^\n]*/,
    newline: { match: '\n', lineBreaks: true },
    semicolon: ';',
    open: '{',
    close: '}',
    comma: ',',
    equals: '=',
    arrow: '->',
    // A word without an end would be too much for the regular expression; none is as long as that.
    word: /[^\s{};,=#"\u0000-\u001f\u007f]{1,65536}/,
    string: /"[^"\n]*"?/,
    junk: [{ match: /[\u0000-\u0008\u000e-\u001f\u007f]+/ }, { match: /[\s\S]/, lineBreaks: true }],
  },
  rules: {
    open: '{',
    close: '}',
    string: /"[^"\n]*"?/,
    comment: /#[^\n]*/,
    other: { match: /[^{}"#]+/, lineBreaks: true },
  },
};

/** What the lexer tells apart and the parser does not. */
const TYPES: Readonly<Record<string, TokenType>> = { newline: 'end', semicolon: 'end', string: 'junk' };

export interface Tokens {
  next(): Token | undefined;
  /** From just after a `{`, the end of the block it opens: the offset of its `}`, or undefined when there is none. */
  skipRules(): number | undefined;
}

/**
 * Splits a text of the language into tokens. White space is passed over, and comments unless they are asked for; line
 * ends are `end` tokens.
 */
export function tokenize(source: Source, { comments = false } = {}): Tokens {
  const lexer = moo.states(states, 'main');
  lexer.reset(source.text);
  const spanOf = (token: moo.Token): Span => ({ source, start: token.offset, end: token.offset + token.text.length });
  return {
    next() {
      for (let token = lexer.next(); token; token = lexer.next()) {
        const { type = 'junk', text } = token;
        if (type === 'space' || (type === 'comment' && !comments)) continue;
        return { type: TYPES[type] ?? (type as TokenType), text, value: text, span: spanOf(token) };
      }
      return undefined;
    },
    skipRules() {
      lexer.setState('rules');
      let depth = 1;
      for (let token = lexer.next(); token; token = lexer.next()) {
        if (token.type === 'open') depth++;
        if (token.type === 'close' && --depth === 0) {
          lexer.setState('main');
          return token.offset;
        }
      }
      return undefined;
    },
  };
}

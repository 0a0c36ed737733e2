import { type Diagnostic, errorIn } from '../dsl/core/diagnostic';
import { quoted } from '../dsl/core/names';
import type { Source, Span } from '../dsl/core/source';
import { closest } from '../dsl/core/suggest';
import { BLOCK_NAMES, BLOCKS, type Block, type StatementRule } from './blocks';
import { parseStatement } from './intent-parser';
import { type Token, Tokens } from './lexer';
import type { StatementNode, Word } from './nodes';
import { Stack } from './stack';

/** A statement with the statements of its block. */
export interface Statement {
  readonly node: StatementNode;
  /** From the keyword to the last word of the header. */
  readonly span: Span;
  readonly body: readonly Statement[];
  /** The text of a `table` statement from its keyword to its closing brace. */
  readonly rules: Span | undefined;
  /** Whether something in it could not be read. */
  readonly flawed: boolean;
}

export interface ParsedText {
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
}

export function parse(source: Source): ParsedText {
  const statements: Statement[] = [];
  const diagnostics = parseEach(source, (statement) => statements.push(statement));
  return { statements, diagnostics };
}

/**
 * Splits a text by its braces and line ends, and parses each statement by itself: time is linear, an error in one
 * statement does not hide one in the next, and of a long text no more than one statement has to be kept.
 */
export function parseEach(source: Source, take: (statement: Statement) => void): readonly Diagnostic[] {
  const parser = new TextParser(source);
  parser.parseBlock('file', undefined, take);
  return parser.diagnostics;
}

/** One statement of a file that was parsed before, by where it began. */
export function parseAgain(source: Source, start: number): Statement | undefined {
  return new TextParser(source, start).parseOne();
}

/** More words than this, outside of braces, are no statement that a person wrote. */
const LONGEST = 4096;

/** Blocks nest three deep; whatever goes deeper is nonsense and only skipped. */
const DEEPEST = 64;

/** Where a line begins with one of these, a set that is open was meant to be closed. */
const KEYWORDS: ReadonlySet<string> = new Set(Object.values(BLOCKS).flatMap(Object.keys));

const RULES: Readonly<Record<Block, ReadonlyMap<string, StatementRule>>> = {
  file: new Map(Object.entries(BLOCKS.file)),
  network: new Map(Object.entries(BLOCKS.network)),
  container: new Map(Object.entries(BLOCKS.container)),
  attachment: new Map(Object.entries(BLOCKS.attachment)),
};

class TextParser {
  readonly diagnostics: Diagnostic[] = [];
  private readonly tokens: Tokens;
  private readonly words = new Stack<Token>();
  private readonly bodies = new Stack<Statement>();
  private readonly suggestions = new Map<string, string | undefined>();
  private depth = 0;
  private ahead: Token | undefined;

  constructor(
    private readonly source: Source,
    from = 0,
  ) {
    this.tokens = new Tokens(source, { from });
  }

  /** The file's statement that begins where this does. */
  parseOne(): Statement | undefined {
    const first = this.take();
    return first && this.parseFrom('file', first);
  }

  /** `block` is undefined inside a block of an unknown statement, which is passed over. */
  parseBlock(block: Block | undefined, opened: Token | undefined, found: (statement: Statement) => void): void {
    for (;;) {
      const token = this.take();
      if (!token) {
        if (opened) this.report('TN1004', 'the block is never closed', opened.span, 'opened here');
        return;
      }
      if (token.type === 'end') continue;
      if (token.type === 'close') {
        if (opened) return;
        this.report('TN1005', 'this `}` closes nothing', token.span);
        continue;
      }
      const statement = this.parseFrom(block, token);
      if (statement) found(statement);
    }
  }

  private parseFrom(block: Block | undefined, first: Token): Statement | undefined {
    const before = this.diagnostics.length;
    const rule = block && this.ruleOf(block, first);
    const header = this.header(first, rule);
    const span: Span = { source: this.source, start: first.span.start, end: header.at(-1)?.span.end ?? first.span.end };
    const open = this.ahead?.type === 'open' ? this.take() : undefined;
    const rules = open && rule?.opens === 'rules' ? this.rules(first, open) : undefined;
    const opens = rule?.opens === 'rules' ? undefined : rule?.opens;
    const body = open && rule?.opens !== 'rules' ? this.nested(opens, open) : [];
    if (!rule || header.some(isJunk)) return undefined;
    const parsed = parseStatement(rule.start, header);
    if ('code' in parsed) {
      this.diagnostics.push(parsed);
      return undefined;
    }
    if (!open && rule.opens === 'rules')
      this.report('TN1003', 'a table needs a block', span, 'expected `{` after this');
    return { node: parsed, span, body, rules, flawed: this.diagnostics.length > before };
  }

  private readonly keep = (statement: Statement) => this.bodies.push(statement);

  private nested(block: Block | undefined, open: Token): Statement[] {
    if (this.depth >= DEEPEST) {
      this.skip(open);
      return [];
    }
    const start = this.bodies.begin();
    this.depth++;
    this.parseBlock(block, open, this.keep);
    this.depth--;
    return this.bodies.cut(start);
  }

  private skip(opened: Token): void {
    let depth = 1;
    for (let token = this.take(); token; token = this.take()) {
      if (token.type === 'open') depth++;
      if (token.type === 'close' && --depth === 0) return;
    }
    this.report('TN1004', 'the block is never closed', opened.span, 'opened here');
  }

  private rules(first: Token, open: Token): Span | undefined {
    const end = this.tokens.skipRules();
    if (end !== undefined) return { source: this.source, start: first.span.start, end: end + 1 };
    this.report('TN1004', 'the block is never closed', open.span, 'opened here');
    return undefined;
  }

  /** The words up to the statement's end or its block; a set in braces is one of them, whatever lines it runs over. */
  private header(first: Token, rule: StatementRule | undefined): Token[] {
    const start = this.words.begin();
    this.words.push(first);
    if (first.type === 'junk') this.junk(first);
    for (let words = 1; ; words++) {
      const token = this.take();
      if (!token || token.type === 'end') return this.words.cut(start);
      if (token.type === 'close' || (token.type === 'open' && (!rule || rule.opens))) {
        this.ahead = token;
        return this.words.cut(start);
      }
      if (token.type === 'junk') this.junk(token);
      if (words === LONGEST) this.report('TN1011', `a statement has at most ${LONGEST} words`, token.span);
      if (words < LONGEST) this.words.push(token.type === 'open' ? this.set(token) : token);
    }
  }

  /** The words between the braces of a set, with a comma between each two and perhaps one after the last. */
  private set(open: Token): Token {
    const members: Word[] = [];
    let wantsComma = false;
    let newLine = false;
    let last = open;
    let sound = true;
    for (let token = this.take(); ; token = this.take()) {
      if (token?.type === 'end' && token.text !== ';') {
        newLine = true;
        continue;
      }
      const next = newLine && wantsComma && token?.type === 'word' && KEYWORDS.has(token.text);
      if (!token || token.type === 'open' || token.type === 'end' || next) {
        this.ahead = token;
        this.report('TN1004', 'the set is never closed', open.span, 'opened here');
        sound = false;
        break;
      }
      last = token;
      if (token.type === 'close') break;
      if (token.type === 'junk') this.junk(token);
      const fits = wantsComma ? token.type === 'comma' : token.type === 'word';
      if (!fits && token.type !== 'junk' && sound) {
        this.report(
          'TN1003',
          `unexpected ${quoted(token.text)}`,
          token.span,
          `expected ${wantsComma ? '`,` or `}`' : 'a word'}`,
        );
        sound = false;
      }
      if (token.type === 'word') members.push({ text: token.text, span: token.span });
      wantsComma = token.type === 'word';
      newLine = false;
    }
    const span: Span = { ...open.span, end: last.span.end };
    const text = this.source.text.slice(span.start, span.end);
    return { type: sound ? 'set' : 'junk', text, value: text, span, members };
  }

  private ruleOf(block: Block, first: Token): StatementRule | undefined {
    const rule = RULES[block].get(first.text);
    if (rule) return rule;
    if (first.type === 'junk') return undefined;
    const statements = BLOCKS[block];
    const near = this.suggestion(block, first.text);
    const elsewhere = (Object.keys(BLOCKS) as Block[]).find((other) => Object.hasOwn(BLOCKS[other], first.text));
    const hint = near
      ? { hint: { text: `did you mean \`${near}\`?`, replace: { span: first.span, text: near } } }
      : elsewhere
        ? { hint: { text: `\`${first.text}\` stands in ${BLOCK_NAMES[elsewhere]}` } }
        : { hint: { text: `${BLOCK_NAMES[block]} takes ${Object.keys(statements).join(', ')}` } };
    this.diagnostics.push({
      code: 'TN1002',
      severity: 'error',
      message: `unknown statement ${quoted(first.text)} in ${BLOCK_NAMES[block]}`,
      primary: { span: first.span },
      secondary: [],
      ...hint,
    });
    return undefined;
  }

  /** The same wrong word is often written many times. */
  private suggestion(block: Block, word: string): string | undefined {
    const key = `${block} ${word}`;
    if (!this.suggestions.has(key)) this.suggestions.set(key, closest(word, Object.keys(BLOCKS[block])));
    return this.suggestions.get(key);
  }

  private take(): Token | undefined {
    const { ahead } = this;
    if (!ahead) return this.tokens.next();
    this.ahead = undefined;
    return ahead;
  }

  private junk(token: Token): void {
    if (token.text.startsWith('"')) {
      this.report('TN1001', 'words are written without quotes', token.span);
      return;
    }
    const [character = ''] = token.text;
    const span = { ...token.span, end: token.span.start + Math.max(1, character.length) };
    this.report('TN1001', `unexpected character ${quoted(character)}`, span);
  }

  private report(code: Diagnostic['code'], message: string, span: Span, text?: string): void {
    this.diagnostics.push(errorIn(span, code, message, text));
  }
}

function isJunk({ type }: Token): boolean {
  return type === 'junk';
}

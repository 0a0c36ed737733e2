import { positionOf, type Source } from '../dsl/core/source';
import { BLOCKS, type Block } from './blocks';
import { type Token, Tokens } from './lexer';

const INDENT = '  ';

/**
 * The canonical form of a text without syntax errors: a statement a line, blocks indented, at most one empty line
 * between statements. Comments stay where they are; `table` blocks are only indented anew. Formatting twice changes
 * nothing.
 */
export function format(source: Source): string {
  return new Formatter(source).format();
}

class Formatter {
  private readonly tokens: Tokens;
  private readonly lines: string[] = [];
  /** The block each open brace opened; undefined for the braces of a set. */
  private readonly open: (Block | undefined)[] = [];
  private words: Token[] = [];
  private comments: string[] = [];
  /** The source line of what was written last, for a comment that follows it there. */
  private lastLine = 0;
  private blank = false;

  constructor(private readonly source: Source) {
    this.tokens = new Tokens(source, { comments: true });
  }

  format(): string {
    for (let token = this.tokens.next(); token; token = this.tokens.next()) this.take(token);
    this.flush();
    return this.lines.map((line) => `${line}\n`).join('');
  }

  private take(token: Token): void {
    switch (token.type) {
      case 'comment':
        this.comment(token);
        break;
      case 'end':
        if (this.inSet()) break;
        if (this.words.length === 0 && token.text === '\n' && this.lineOf(token) > this.lastLine)
          this.blank = this.lines.length > 0;
        this.flush();
        break;
      case 'open':
        this.opens(token);
        break;
      case 'close':
        if (this.inSet()) {
          this.open.pop();
          this.words.push(token);
          break;
        }
        this.flush();
        this.open.pop();
        this.blank = false;
        this.write('}', token);
        break;
      default:
        this.words.push(token);
    }
  }

  private opens(token: Token): void {
    const first = this.words[0]?.text ?? '';
    const block = this.open.at(-1) ?? 'file';
    const opens = Object.hasOwn(BLOCKS[block], first) ? BLOCKS[block][first]?.opens : undefined;
    this.words.push(token);
    if (opens === undefined) {
      this.open.push(undefined);
      return;
    }
    this.flush();
    if (opens === 'rules') this.rules(token);
    else this.open.push(opens);
  }

  /** The body of a `table` block: its lines, indented by their braces. */
  private rules(open: Token): void {
    const end = this.tokens.skipRules() ?? this.source.text.length;
    let depth = 1;
    let blank = false;
    for (const line of this.source.text
      .slice(open.span.end, end)
      .split('\n')
      .map((one) => one.trim())) {
      if (line === '') {
        blank = true;
        continue;
      }
      const braces = line.replace(/"[^"]*"|#.*/g, '').match(/[{}]/g) ?? [];
      const closing = /^}*/.exec(line)?.[0].length ?? 0;
      if (blank && !this.lines.at(-1)?.endsWith('{') && closing === 0) this.lines.push('');
      blank = false;
      this.lines.push(INDENT.repeat(Math.max(0, depth - closing)) + line);
      depth += braces.reduce((sum, brace) => sum + (brace === '{' ? 1 : -1), 0);
    }
    this.lines.push('}');
    this.lastLine = positionOf(this.source, end).line;
  }

  private comment(token: Token): void {
    const text = token.text.trimEnd();
    if (this.words.length > 0) this.comments.push(text);
    else if (this.lineOf(token) === this.lastLine && this.lines.length > 0)
      this.lines[this.lines.length - 1] += `${INDENT}${text}`;
    else this.write(text, token);
  }

  private flush(): void {
    const last = this.words.at(-1);
    if (!last) return;
    this.write([spaced(this.words), ...this.comments].join(INDENT), last);
    this.words = [];
    this.comments = [];
  }

  private write(text: string, last: Token): void {
    const previous = this.lines.at(-1) ?? '';
    if (this.blank && !/\{( {2}#.*)?$/.test(previous)) this.lines.push('');
    this.blank = false;
    this.lines.push(INDENT.repeat(this.open.length) + text);
    this.lastLine = this.lineOf(last);
  }

  private inSet(): boolean {
    return this.open.length > 0 && this.open.at(-1) === undefined;
  }

  private lineOf({ span }: Token): number {
    return positionOf(this.source, span.start).line;
  }
}

/** Words a space apart, a comma at the word before it; a comma after the last member of a set goes. */
function spaced(tokens: readonly Token[]): string {
  return tokens
    .filter(({ type }, index) => type !== 'comma' || tokens[index + 1]?.type !== 'close')
    .map(({ type, text }) => (type === 'comma' ? ',' : ` ${text}`))
    .join('')
    .trim();
}

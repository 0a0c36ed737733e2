import type { Source, Span } from '../../../../dsl/core/source';
import type { Word } from './words';

/** A word of a shell script; `unknown` is what only the shell can tell of it. */
export interface ShellWord extends Word {
  readonly unknown?: string;
}

/** A simple command, and what stands before it: nothing, `;`, `&&`, `||`, `|`. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  readonly after: '' | '&&' | '||' | '|';
  /** A file that what it prints goes to. */
  readonly writes: string | undefined;
  readonly span: Span;
}

/** iptables in the hands of something else: `eval "iptables -A ..."`, `ip netns exec blue iptables -A ...`. */
export const CALLED = /(^|[\s/=])ip6?tables(-legacy|-nft)?(\s+-|$)/;

/** What ends what. */
const BLOCKS: ReadonlyMap<string, string> = new Map([
  ['if', 'fi'],
  ['for', 'done'],
  ['while', 'done'],
  ['until', 'done'],
  ['case', 'esac'],
]);

/** More rounds of loops than this are not gone through, nor more characters of their bodies. */
const MOST_ROUNDS = 10_000;
const MOST_CHARACTERS = 1_000_000;
/** Blocks that stand deeper in others are read as they stand. */
const DEEPEST = 32;

interface Loop {
  readonly name: string;
  readonly values: readonly ShellWord[];
  /** Where its body begins. */
  readonly body: number;
}

/**
 * Takes a script apart into commands: quotes, comments, lines that go on, variables that were given a constant, and loops
 * over constants are resolved (`sh(1)`); redirections are left out, and so are `if` and loops around nothing that makes rules.
 * Nothing is run: what a variable or `$(...)` holds otherwise stays unknown.
 */
export class ShellReader {
  private at: number;
  private writes: string | undefined;
  private variables = new Map<string, string>();
  private rounds = 0;
  private characters = 0;
  private depth = 0;
  /** Where blocks begin that are known to matter: what stands around them is read again without asking once more. */
  private readonly mattering = new Set<number>();

  constructor(private readonly source: Source) {
    this.at = source.text.startsWith('\uFEFF') ? 1 : 0;
  }

  /** Up to a word of the shell, or to the end. */
  *commands(until?: string): Iterable<ShellCommand> {
    let words: ShellWord[] = [];
    let after: ShellCommand['after'] = '';
    for (;;) {
      const operator = this.next(words);
      if (operator === undefined) continue;
      if (words.length > 0) {
        const [first, last] = [words[0] as Word, words.at(-1) as Word];
        const span = { source: this.source, start: first.span.start, end: last.span.end };
        const rest = this.assigned(words, after);
        if (until !== undefined && isWord(rest[0], until)) return;
        const loop = this.loopOf(rest);
        if (loop) {
          this.depth++;
          yield* this.unrolled(loop);
          this.depth--;
        } else if (rest.length > 0 && !this.skipped(rest)) yield { words: rest, after, span, writes: this.writes };
        words = [];
      }
      this.writes = undefined;
      if (operator === 'end') {
        if (until !== undefined) yield this.missing(until);
        return;
      }
      if (operator !== '\n') after = operator === '&&' || operator === '||' || operator === '|' ? operator : '';
      else if (words.length === 0) after = '';
    }
  }

  /** `for NAME in WORDS; do`, where all words are known. */
  private loopOf([first, name, into, ...values]: readonly ShellWord[]): Loop | undefined {
    if (!isWord(first, 'for') || !name || !isWord(into, 'in') || this.depth >= DEEPEST) return undefined;
    if (values.some(({ unknown, text, quoted }) => unknown !== undefined || (!quoted && /[*?[{]/.test(text))))
      return undefined;
    const begun = /^(?:[\s;]|#[^\n]*\n)*do(?=[\s;#])/.exec(this.source.text.slice(this.at, this.at + 2000));
    if (!begun || this.rounds + values.length > MOST_ROUNDS) return undefined;
    this.rounds += values.length;
    return { name: name.text, values, body: this.at + begun[0].length };
  }

  private *unrolled({ name, values, body }: Loop): Iterable<ShellCommand> {
    this.at = body;
    this.depth++;
    try {
      if (values.length === 0) for (const _ of this.commands('done'));
      for (const { text } of values) {
        this.variables.set(name, text);
        this.at = body;
        if (this.characters > MOST_CHARACTERS) {
          yield this.missing('done');
          return;
        }
        yield* this.commands('done');
        this.characters += this.at - body;
      }
    } finally {
      // Whoever reads on may not want the rest.
      this.depth--;
    }
  }

  /** Goes past `if ... fi` and the like when nothing in it makes rules or gives values: a check for root, say. */
  private skipped([first, ...condition]: readonly ShellWord[]): boolean {
    const end = first?.quoted === false ? BLOCKS.get(first.text) : undefined;
    if (end === undefined || this.depth >= DEEPEST || this.mattering.has(this.at)) return false;
    const [at, variables] = [this.at, this.variables];
    this.variables = new Map(variables);
    this.depth++;
    const matters = condition.some(mayMatter) || this.someMatter(end);
    this.depth--;
    const same = [...this.variables].every(([name, value]) => variables.get(name) === value);
    const idle = same && this.variables.size === variables.size && !matters;
    this.variables = variables;
    if (!idle) {
      this.mattering.add(at);
      this.at = at;
    } else if (isWord(first, 'for')) this.variables.delete(condition[0]?.text ?? '');
    return idle;
  }

  /** Up to a word of the shell, or to the first that matters. */
  private someMatter(end: string): boolean {
    for (const { words } of this.commands(end)) if (words.some(mayMatter)) return true;
    return false;
  }

  private missing(word: string): ShellCommand {
    const span = { source: this.source, start: this.at, end: this.at };
    return { words: [{ text: word, quoted: false, span }], after: '', writes: undefined, span };
  }

  /** Takes `NAME=value` at the front as given; the words after them. */
  private assigned(words: readonly ShellWord[], after: ShellCommand['after']): readonly ShellWord[] {
    const rest = words[0]?.text === 'export' || words[0]?.text === 'readonly' ? words.slice(1) : words;
    const end = rest.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word.text));
    if (end === 0) return words;
    for (const { text, unknown } of end < 0 ? rest : []) {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
      if (unknown === undefined && after === '') this.variables.set(name, value);
      else this.variables.delete(name);
    }
    return end < 0 ? [] : rest.slice(end);
  }

  /** Reads a word into `words`, or the operator that ends a command. */
  private next(words: ShellWord[]): '\n' | ';' | '&' | '&&' | '||' | '|' | 'end' | undefined {
    const { text } = this.source;
    const char = text[this.at];
    if (char === undefined) return 'end';
    if (char === '\\' && /^\\\r?\n/.test(text.slice(this.at, this.at + 3))) {
      this.at += text[this.at + 1] === '\r' ? 3 : 2;
      return undefined;
    }
    if (char === '\n') {
      this.at++;
      return '\n';
    }
    if (/\s/.test(char)) {
      this.at++;
      return undefined;
    }
    if (char === '#') {
      const end = text.indexOf('\n', this.at);
      this.at = end < 0 ? text.length : end;
      return undefined;
    }
    const redirection = /^\d*(>>?|<)(&\d+|[ \t]*[^\s;&|<>]*)/.exec(text.slice(this.at, this.at + 300));
    if (redirection && !text.startsWith('<<', this.at)) {
      this.at += redirection[0].length;
      if (redirection[1] !== '<') this.writes = redirection[2]?.trim();
      return undefined;
    }
    for (const operator of ['&&', '||', ';', '&', '|'] as const)
      if (text.startsWith(operator, this.at)) {
        this.at += operator.length;
        return operator;
      }
    words.push(...this.word());
    return undefined;
  }

  /** A variable outside of quotes may hold several. */
  private word(): readonly ShellWord[] {
    const { text } = this.source;
    const start = this.at;
    let value = '';
    let unknown: string | undefined;
    let quoted = false;
    let splits = false;
    let quote = '';
    for (; this.at < text.length; this.at++) {
      const char = text[this.at] as string;
      if (quote === "'" ? char === "'" : char === '"' && quote === '"') quote = '';
      else if (quote === "'") value += char;
      else if (quote === '' && (char === "'" || char === '"')) [quote, quoted] = [char, true];
      else if (char === '\\' && this.at + 1 < text.length) {
        const escaped = text[++this.at] as string;
        if (escaped !== '\n') value += quote === '"' && !/["\\$`]/.test(escaped) ? `\\${escaped}` : escaped;
      } else if (char === '$' || char === '`') {
        const found = this.expansion();
        if (found.value === undefined) unknown ??= found.text;
        else splits ||= quote === '' && /\s/.test(found.value);
        value += found.value ?? found.text;
        this.at += found.text.length - 1;
      } else if (quote === '' && /[\s;&|<>]/.test(char)) break;
      else value += char;
    }
    const span = { source: this.source, start, end: this.at };
    const more = unknown === undefined ? {} : { unknown };
    if (!splits) return [{ text: value, quoted, span, ...more }];
    return value
      .split(/\s+/)
      .filter((part) => part !== '')
      .map((part) => ({ text: part, quoted, span, ...more }));
  }

  /** `$NAME`, `${NAME}`, `$(...)`, backquotes. */
  private expansion(): { readonly text: string; readonly value: string | undefined } {
    const rest = this.source.text.slice(this.at, this.at + 1000);
    const named = /^\$(?:(\w+)|\{(\w+)\})/.exec(rest);
    if (named) return { text: named[0], value: this.variables.get(named[1] ?? named[2] ?? '') };
    const found = /^(?:\$\([^)]*\)+|`[^`]*`|\$\{[^}]*\}|\$[@*#?$!-])/.exec(rest);
    return found ? { text: found[0], value: undefined } : { text: rest[0] as string, value: rest[0] };
  }
}

function isWord(word: ShellWord | undefined, text: string): boolean {
  return word?.text === text && !word.quoted;
}

/** What an `if` may not hold to be passed over: iptables, other scripts, what gives values, and more of the shell. */
const MATTERS =
  /^\w+=|^-[AINPRD]$|^--(append|insert|new|policy)$|^(if|for|while|until|case|read|eval|source|\.|ipset|nft|done|esac|fi|function)$|\(\)$|(^|\/)(ba|da)?sh$|\.sh$/;

function mayMatter({ text, unknown }: ShellWord): boolean {
  const isProgram = unknown !== undefined && /^\$\{?\w*(ip|fw|tables)\w*\}?$/i.test(unknown);
  return isProgram || CALLED.test(text) || MATTERS.test(text);
}

import nearley from 'nearley';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { quoted } from '../dsl/core/names';
import type { Span } from '../dsl/core/source';
import { closest } from '../dsl/core/suggest';

/** What the parser needs of a token. */
export interface ParsedToken {
  readonly text: string;
  readonly span: Span;
}

/** Parses single statements by one grammar; what a message calls the words of a rule is said by `names`. */
export class StatementParser<Node extends object> {
  private readonly grammars = new Map<string, nearley.Grammar>();

  constructor(
    private readonly compiled: () => nearley.CompiledRules,
    private readonly names: Readonly<Record<string, string>>,
  ) {}

  /** Parses one statement by the rule `start`; its tokens are at least one. Time is linear in their number. */
  parse(start: string, tokens: readonly ParsedToken[]): Node | Diagnostic {
    const parser = new nearley.Parser(this.grammarOf(start));
    try {
      parser.feed(tokens as unknown as string);
    } catch (error) {
      const token = (error as { token?: ParsedToken }).token;
      if (!token) throw error;
      return unexpected(token, this.expectedAt(parser, start));
    }
    const [node, ...others] = parser.results as Node[];
    if (others.length > 0) throw new Error(`ambiguous grammar: ${start}: ${tokens.map(({ text }) => text).join(' ')}`);
    return node ?? incomplete(tokens, this.expectedAt(parser, start));
  }

  private grammarOf(start: string): nearley.Grammar {
    const known = this.grammars.get(start);
    if (known) return known;
    const grammar = nearley.Grammar.fromCompiled({ ...this.compiled(), ParserStart: start });
    this.grammars.set(start, grammar);
    return grammar;
  }

  /** What could have come at the point where the parser stands. */
  private expectedAt(parser: nearley.Parser, start: string): Expectation {
    const { table, current } = parser as unknown as { table: Column[]; current: number };
    const column = table[current];
    const words = new Set<string>();
    const descriptions = new Set<string>();
    for (const { rule, dot } of column?.scannable ?? []) {
      const symbol = rule.symbols[dot] as { literal?: string; type?: string };
      if (symbol.literal !== undefined) words.add(symbol.literal);
      else descriptions.add(this.names[rule.name] ?? this.names[symbol.type ?? ''] ?? 'a word');
    }
    const complete = column?.states.some(
      ({ rule, isComplete, reference }) => isComplete && reference === 0 && rule.name === start,
    );
    return { words: [...words], descriptions: [...descriptions], end: complete === true };
  }
}

interface Column {
  readonly scannable: readonly Scannable[];
  readonly states: readonly (Scannable & { readonly isComplete: boolean; readonly reference: number })[];
}

interface Scannable {
  readonly rule: { readonly name: string; readonly symbols: readonly unknown[] };
  readonly dot: number;
}

interface Expectation {
  readonly words: readonly string[];
  readonly descriptions: readonly string[];
  /** Whether the statement could have ended there. */
  readonly end: boolean;
}

/** A message names no more alternatives than a reader takes in. */
const MOST = 8;

function describe({ words, descriptions, end }: Expectation): string {
  const all = [...descriptions, ...words.map((one) => `\`${one}\``), ...(end ? ['the end of the statement'] : [])];
  if (all.length > MOST) return `${all.slice(0, MOST).join(', ')}, ...`;
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function unexpected(token: ParsedToken, expected: Expectation): Diagnostic {
  const near = closest(token.text, expected.words);
  return {
    code: 'TN1003',
    severity: 'error',
    message: `unexpected ${quoted(token.text)}`,
    primary: { span: token.span, text: `expected ${describe(expected)}` },
    secondary: [],
    ...(near ? { hint: { text: `did you mean \`${near}\`?`, replace: { span: token.span, text: near } } } : {}),
  };
}

function incomplete(tokens: readonly ParsedToken[], expected: Expectation): Diagnostic {
  const last = tokens.at(-1);
  const at = last?.span.end ?? 0;
  return {
    code: 'TN1003',
    severity: 'error',
    message: `the statement ends too early`,
    ...(last
      ? { primary: { span: { source: last.span.source, start: at, end: at }, text: `expected ${describe(expected)}` } }
      : {}),
    secondary: [],
  };
}

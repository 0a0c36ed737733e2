import nearley from 'nearley';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { quoted } from '../dsl/core/names';
import { closest } from '../dsl/core/suggest';
import compiled from './generated/tsnet';
import type { Token } from './lexer';
import type { StatementNode } from './nodes';

/** What a message calls the words that a rule of tsnet.ne stands for. */
const EXPECTED: Readonly<Record<string, string>> = {
  name: 'a name',
  party: 'a network, a container, an address set, an address or `host`',
  subnet: 'a subnet such as 172.17.0.0/16',
  address: 'an address',
  interface: 'an interface name',
  number: 'a number',
  host_name: 'a host name',
  mac: 'a MAC address',
  publish: 'a publish such as 8080:80',
  port: 'a port',
  rate: 'a rate such as 100/second',
};

const MARKS: Readonly<Record<string, string>> = {
  arrow: '`->`',
  equals: '`=`',
  comma: '`,`',
  open: '`{`',
  close: '`}`',
};

const grammars = new Map<string, nearley.Grammar>();

function grammarOf(start: string): nearley.Grammar {
  const known = grammars.get(start);
  if (known) return known;
  const grammar = nearley.Grammar.fromCompiled({ ...compiled, ParserStart: start });
  grammars.set(start, grammar);
  return grammar;
}

/** Parses one statement; its tokens are at least its keyword. Time is linear in their number. */
export function parseStatement(start: string, tokens: readonly Token[]): StatementNode | Diagnostic {
  const parser = new nearley.Parser(grammarOf(start));
  try {
    parser.feed(tokens as unknown as string);
  } catch (error) {
    const token = (error as { token?: Token }).token;
    if (!token) throw error;
    return unexpected(token, expectedAt(parser));
  }
  const [node, ...others] = parser.results as StatementNode[];
  if (others.length > 0) throw new Error(`ambiguous grammar: ${start}`);
  return node ?? incomplete(tokens, expectedAt(parser));
}

interface Scannable {
  readonly rule: { readonly name: string; readonly symbols: readonly unknown[] };
  readonly dot: number;
}

interface Expectation {
  readonly words: readonly string[];
  readonly descriptions: readonly string[];
}

/** What could have come at the point where the parser stands. */
function expectedAt(parser: nearley.Parser): Expectation {
  const { table, current } = parser as unknown as { table: { scannable: Scannable[] }[]; current: number };
  const words = new Set<string>();
  const descriptions = new Set<string>();
  for (const { rule, dot } of table[current]?.scannable ?? []) {
    const symbol = rule.symbols[dot] as { literal?: string; type?: string };
    if (symbol.literal !== undefined) words.add(symbol.literal);
    else descriptions.add(EXPECTED[rule.name] ?? MARKS[symbol.type ?? ''] ?? 'a word');
  }
  return { words: [...words], descriptions: [...descriptions] };
}

function describe({ words, descriptions }: Expectation): string {
  const all = [...descriptions, ...words.map((one) => `\`${one}\``)];
  if (all.length === 0) return 'the end of the statement';
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function unexpected(token: Token, expected: Expectation): Diagnostic {
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

function incomplete(tokens: readonly Token[], expected: Expectation): Diagnostic {
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

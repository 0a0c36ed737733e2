import type { Diagnostic } from '../../dsl/core/diagnostic';
import { byteLength, quoted } from '../../dsl/core/names';
import type { Span } from '../../dsl/core/source';
import { joinSelectors, type RuleToken, tokenizeRules } from './tokens';

/** A block of nft's notation (`table`, `chain`, `set`, ...) with its statements, each a run of tokens. */
export interface BlockNode {
  readonly header: readonly RuleToken[];
  readonly span: Span;
  readonly items: readonly (BlockNode | LineNode)[];
}

export interface LineNode {
  readonly tokens: readonly RuleToken[];
  readonly span: Span;
}

/** First words whose `{` opens a block of statements; any other `{` begins a set. */
const OPENERS = ['table', 'chain', 'set', 'map', 'counter', 'limit', 'quota', 'ct', 'flowtable', 'secmark', 'synproxy'];

/** NFTNL_UDATA_COMMENT_MAXLEN; what else is quoted is shorter. */
const LONGEST_STRING = 128;

/**
 * Splits a text by its braces and line ends. `depth` is how deep in blocks the text stands: 0 is outside of tables, 1 in a
 * table, 2 in a chain or set, where no block opens.
 */
export function splitBlocks(
  span: Span,
  depth = 0,
): {
  blocks: readonly (BlockNode | LineNode)[];
  diagnostics: readonly Diagnostic[];
} {
  const splitter = new Splitter(tokenizeRules(span));
  const blocks = splitter.items(undefined, depth);
  return { blocks, diagnostics: splitter.diagnostics };
}

class Splitter {
  readonly diagnostics: Diagnostic[] = [];
  private at = 0;
  private readonly unnamed: BlockNode[] = [];
  private chains = 0;

  constructor(private readonly tokens: readonly RuleToken[]) {}

  items(opened: RuleToken | undefined, depth: number): (BlockNode | LineNode)[] {
    const items: (BlockNode | LineNode)[] = [];
    for (let token = this.tokens[this.at]; token; token = this.tokens[this.at]) {
      if (token.type === 'end') this.at++;
      else if (token.text === '}' && token.type === 'mark') {
        this.at++;
        if (opened) return depth === 1 ? [...items, ...this.unnamed.splice(0)] : items;
        this.report('TN1005', 'this `}` closes nothing', token.span);
      } else items.push(this.item(token, depth));
    }
    if (opened) this.report('TN1004', 'the block is never closed', opened.span);
    return [...items, ...this.unnamed.splice(0)];
  }

  private item(first: RuleToken, depth: number): BlockNode | LineNode {
    const tokens: RuleToken[] = [];
    let braces = 0;
    for (let token = this.tokens[this.at]; token; token = this.tokens[this.at]) {
      const brace = token.type === 'mark' ? token.text : '';
      const inside = brace === '{' && braces === 0 ? depthInside(tokens, depth) : undefined;
      if (inside !== undefined) {
        this.at++;
        return { header: tokens, span: spanOf(tokens), items: this.items(token, inside) };
      }
      if (brace === '{' && braces === 0 && depth === 2 && /^(jump|goto)$/.test(tokens.at(-1)?.text ?? '')) {
        tokens.push(this.unnamedChain(token));
        continue;
      }
      if (braces === 0 && (token.type === 'end' || brace === '}')) break;
      this.at++;
      if (token.type === 'junk') this.report('TN1001', `unexpected character ${quoted(token.text)}`, token.span);
      if (token.type === 'string' && byteLength(token.text) > LONGEST_STRING + 2)
        this.report('TN1103', `nft's strings have at most ${LONGEST_STRING} bytes`, token.span);
      if (brace === '{') braces++;
      if (brace === '}') braces--;
      if (token.type !== 'end' || token.text === ';') tokens.push(token);
    }
    if (braces > 0) this.report('TN1004', 'the set is never closed', first.span);
    return { tokens: joinSelectors(tokens), span: spanOf(tokens) };
  }

  /** `jump { ... }`: the chain stands beside the one that jumps there, and has a name that nobody else gives. */
  private unnamedChain(brace: RuleToken): RuleToken {
    const word = (text: string): RuleToken => ({ type: 'word', text, value: text, span: brace.span });
    const name = word(`__chain${this.chains++}`);
    this.at++;
    const items = this.items(brace, 2);
    this.unnamed.push({ header: [word('chain'), name], span: brace.span, items });
    return name;
  }

  private report(code: Diagnostic['code'], message: string, span: Span): void {
    this.diagnostics.push({ code, severity: 'error', message, primary: { span }, secondary: [] });
  }
}

/** The depth in a block that a header opens; undefined where its `{` begins a set. */
function depthInside(header: readonly RuleToken[], depth: number): number | undefined {
  const [first, second] = header;
  const command = depth === 0 && (first?.text === 'add' || first?.text === 'create');
  const kind = (command ? second : first)?.text ?? '';
  if (depth >= 2 || !OPENERS.includes(kind)) return undefined;
  return depth === 0 && kind !== 'table' ? 2 : depth + 1;
}

function spanOf(tokens: readonly RuleToken[]): Span {
  const first = tokens[0]?.span;
  const last = tokens.at(-1)?.span;
  if (!first || !last) throw new Error('a statement without tokens');
  return { ...first, end: last.end };
}

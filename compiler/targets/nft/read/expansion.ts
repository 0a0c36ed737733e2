import type { Diagnostic } from '../../../../dsl/core/diagnostic';
import type { Source, Span } from '../../../../dsl/core/source';
import { closest } from '../../../../dsl/core/suggest';
import { type BlockNode, type LineNode, splitBlocks } from '../../../../grammar/rules/blocks';
import type { RuleToken } from '../../../../grammar/rules/tokens';

/** Finds the files that `include` names, which may be a pattern, in the order of their names. */
export type Include = (pattern: string, from: Source) => readonly Source[] | Diagnostic;

/** As deep as nft reads files that include files (MAX_INCLUDE_DEPTH). */
const DEEPEST = 16;

type Item = BlockNode | LineNode;

/** Replaces `$name` by what `define` said of it, and `include` by what the file says (nft(8), "INPUT FILE FORMATS"). */
export class Expansion {
  private readonly values = new Map<string, readonly RuleToken[]>();

  constructor(
    private readonly include: Include,
    readonly diagnostics: Diagnostic[],
    private readonly outer?: Expansion,
  ) {}

  /** What is in a file, one at a time: a variable is known from its `define` on. */
  *file(span: Span, depth = 0, files = 1): Generator<Item> {
    const { blocks, diagnostics } = splitBlocks(span, depth);
    this.diagnostics.push(...diagnostics);
    for (const item of blocks) yield* this.item(item, depth, files);
  }

  private *item(item: Item, depth: number, files: number): Generator<Item> {
    if ('items' in item) yield this.block(item, depth, files);
    else if (item.tokens[0]?.text === 'include') yield* this.included(item, depth, files);
    else if (!this.defines(item)) yield { tokens: this.replaced(item.tokens), span: item.span };
  }

  private block({ header, span, items }: BlockNode, depth: number, files: number): BlockNode {
    const inner = new Expansion(this.include, this.diagnostics, this);
    return {
      header: this.replaced(header),
      span,
      items: items.flatMap((item) => [...inner.item(item, depth + 1, files)]),
    };
  }

  private *included({ tokens, span }: LineNode, depth: number, files: number): Generator<Item> {
    const pattern = tokens[1]?.text.replace(/^"|"$/g, '') ?? '';
    const found = this.include(pattern, span.source);
    if ('code' in found) this.diagnostics.push({ ...found, primary: { span } });
    else if (found.length > 0 && files >= DEEPEST) this.report('files include each other too deeply', span);
    else
      for (const file of found) yield* this.file({ source: file, start: 0, end: file.text.length }, depth, files + 1);
  }

  /** Takes `define`, `redefine` and `undefine`; false for anything else. */
  private defines({ tokens }: LineNode): boolean {
    const [keyword, name, equals] = tokens;
    if (!name) return false;
    if (keyword?.text === 'undefine') {
      this.values.delete(name.text);
      return true;
    }
    if ((keyword?.text !== 'define' && keyword?.text !== 'redefine') || equals?.text !== '=') return false;
    this.values.set(name.text, this.replaced(tokens.slice(3)));
    return true;
  }

  /** A set inside of a set is its elements: nft makes one of them. */
  private replaced(tokens: readonly RuleToken[]): RuleToken[] {
    let braces = 0;
    return tokens.flatMap((token) => {
      if (token.type === 'mark' && token.text === '{') braces++;
      if (token.type === 'mark' && token.text === '}') braces--;
      if (token.type !== 'word' || !token.text.includes('$')) return [token];
      if (!/^\$[\w/.-]+$/.test(token.text)) return [this.inserted(token)];
      const value = this.valueOf(token.text, token);
      const nested = braces > 0 && value[0]?.text === '{' && value.at(-1)?.text === '}';
      return (nested ? value.slice(1, -1) : value).map((one) => ({ ...one, span: token.span }));
    });
  }

  /** `$server:80` */
  private inserted(token: RuleToken): RuleToken {
    const text = token.text.replace(/\$[\w/.-]+/g, (variable) => {
      const [only, second] = this.valueOf(variable, token);
      if (second) this.report(`\`${variable}\` is more than one value`, token.span);
      return only?.text ?? '';
    });
    return { ...token, text, value: text };
  }

  private valueOf(variable: string, token: RuleToken): readonly RuleToken[] {
    const name = variable.slice(1);
    const value = this.find(name);
    if (value) return value;
    const near = closest(name, this.names());
    this.report(`nothing defines \`${variable}\``, token.span, near && `did you mean \`$${near}\`?`);
    return [token];
  }

  private find(name: string): readonly RuleToken[] | undefined {
    return this.values.get(name) ?? this.outer?.find(name);
  }

  private names(): string[] {
    return [...this.values.keys(), ...(this.outer?.names() ?? [])];
  }

  private report(message: string, span: Span, hint?: string): void {
    this.diagnostics.push({
      code: 'TN1103',
      severity: 'error',
      message,
      primary: { span },
      secondary: [],
      ...(hint ? { hint: { text: hint } } : {}),
    });
  }
}

import type { ElementNode, ExpressionNode, WordNode } from '../../../../grammar/rules/nodes';
import type { RuleToken } from '../../../../grammar/rules/tokens';

/**
 * An element of words alone, `tcp . 80 comment "web" : 10.0.0.2 . 80`, of which sets have thousands, as the grammar reads
 * it; undefined of any other.
 */
export function plainElement(tokens: readonly RuleToken[]): ElementNode | undefined {
  const words = new Words(tokens);
  const key = words.constant();
  if (!key) return undefined;
  const options: ElementNode['options'][number][] = [];
  if (words.take('comment')) {
    const value = words.string();
    if (!value) return undefined;
    options.push({ kind: 'comment', value });
  }
  if (words.isAtEnd()) return { key, options };
  const data = words.take(':') ? words.constant() : undefined;
  return data && words.isAtEnd() ? { key, options, data } : undefined;
}

class Words {
  private at = 0;

  constructor(private readonly tokens: readonly RuleToken[]) {}

  isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  take(text: string): boolean {
    if (this.tokens[this.at]?.text !== text) return false;
    this.at++;
    return true;
  }

  constant(): ExpressionNode | undefined {
    const first = this.word();
    if (!first || this.tokens[this.at]?.text !== '.') return first;
    const parts = [first];
    while (this.take('.')) {
      const next = this.word();
      if (!next) return undefined;
      parts.push(next);
    }
    return { kind: 'concat', parts };
  }

  string(): WordNode | undefined {
    const token = this.tokens[this.at];
    if (token?.type !== 'string') return undefined;
    this.at++;
    return { kind: 'string', text: token.text.slice(1, -1), span: token.span };
  }

  private word(): WordNode | undefined {
    const token = this.tokens[this.at];
    if (token?.type !== 'word') return this.string();
    this.at++;
    return { kind: 'word', text: token.text, span: token.span };
  }
}

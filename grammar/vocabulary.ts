import type { Token } from './lexer';

/** The lexer that nearley sees: it hands on the tokens of one statement, which are there already. */
class StatementTokens {
  private tokens: readonly Token[] = [];
  private at = 0;

  /** nearley says that a chunk is a string, and hands on whatever it is fed. */
  reset(chunk: unknown): void {
    this.tokens = chunk as readonly Token[];
    this.at = 0;
  }

  next(): Token | undefined {
    return this.tokens[this.at++];
  }

  save(): Record<string, never> {
    return {};
  }

  formatError(): string {
    return '';
  }

  has(type: string): boolean {
    return ['word', 'arrow', 'equals', 'comma', 'set'].includes(type);
  }
}

export const vocabulary = new StatementTokens();

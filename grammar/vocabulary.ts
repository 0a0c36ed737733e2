/**
 * The lexer that nearley sees: it hands on the tokens of one statement, which are there already. nearley compares a
 * literal with a token's `text`, and a type with its `type`.
 */
class StatementTokens {
  private tokens: readonly NearleyToken[] = [];
  private at = 0;

  constructor(private readonly types: readonly string[]) {}

  /** nearley says that a chunk is a string, and hands on whatever it is fed. */
  reset(chunk: unknown): void {
    this.tokens = chunk as readonly NearleyToken[];
    this.at = 0;
  }

  next(): NearleyToken | undefined {
    return this.tokens[this.at++];
  }

  save(): Record<string, never> {
    return {};
  }

  formatError(): string {
    return '';
  }

  has(type: string): boolean {
    return this.types.includes(type);
  }
}

interface NearleyToken {
  readonly type: string;
  readonly text: string;
  readonly value: string;
}

/** Of the statements of intent. */
export const vocabulary = new StatementTokens(['word', 'arrow', 'equals', 'comma', 'set']);

/** Of the rules in `table` blocks. */
export const ruleVocabulary = new StatementTokens([
  'word',
  'string',
  'payload',
  'setref',
  'rate',
  'byterate',
  'field',
  'ct',
  'option',
]);

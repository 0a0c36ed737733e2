import compiled from '../generated/rules';
import { StatementParser } from '../statement-parser';

/** Parses the statements of nft's notation. */
export const ruleParser = new StatementParser<object>(compiled, {
  selector: 'a selector such as `tcp dport` or `ct state`',
  primary: 'an expression',
  word: 'a value',
  string: 'a string in quotes',
  amount: 'a rate such as 10/second',
  map: 'a set in braces or a `@name`',
  right: 'a set in braces or a `@name`',
});

import type { Rule, Statement } from '../../dsl/ruleset/tree';
import { expressionText } from '../targets/nft/notation';

/** Where it comes in and leaves, who speaks to whom, by what, and then the state: as rules are read. */
const READING_ORDER = [/nfproto/, /^iif/, /^oif/, /saddr/, /daddr/, /l4proto|ip protocol/, /sport/, /dport/];

/** Questions, which may be asked in any order, in the order of reading. */
export function inReadingOrder(statements: readonly Statement[]): Statement[] {
  const rank = (statement: Statement) => {
    const text = statement.kind === 'match' ? expressionText(statement.left) : '';
    const found = READING_ORDER.findIndex((pattern) => pattern.test(text));
    return found < 0 ? READING_ORDER.length : found;
  };
  return statements
    .map((statement, index) => ({ statement, index, rank: rank(statement) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ statement }) => statement);
}

/** A rule with what it asks first in the order of reading; what is drawn anew each time stays where it is. */
export function asRead(rule: Rule): Rule {
  const end = rule.statements.findIndex(
    (one) => one.kind !== 'match' || /numgen|random|hash/.test(expressionText(one.left)),
  );
  const asked = end < 0 ? rule.statements : rule.statements.slice(0, end);
  return { ...rule, statements: [...inReadingOrder(asked), ...rule.statements.slice(asked.length)] };
}

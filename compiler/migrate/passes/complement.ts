import type { Chain, Rule, Statement } from '../../../dsl/ruleset/tree';
import { expressionText } from '../../targets/nft/notation';
import { ruleText } from '../../targets/nft/print';
import { itemOf, mergedOrigin } from './items';
import type { Pass } from './pass';

/**
 * Two rules, one behind the other, that do the same to packets with a value and to those without are one rule that does
 * not ask: `oifname "br0" accept` and `oifname != "br0" accept`.
 *
 * Sound: every packet has an answer to what is asked (the name of an interface, empty or not; a mark; a state), so that
 * each met exactly one of the two. Nothing that remembers being asked is merged.
 */
export const COMPLEMENT: Pass = {
  name: 'complement',
  run: (tables) => tables.map((table) => ({ ...table, chains: table.chains.map(withoutQuestions) })),
};

const ALWAYS_THERE = /^(iifname|oifname|meta mark|meta l4proto|fib [sd]addr type)$/;

function withoutQuestions(chain: Chain): Chain {
  const rules: Rule[] = [];
  for (const rule of chain.rules) {
    const before = rules.at(-1);
    const both = before && unasked(before, rule);
    if (both) rules[rules.length - 1] = both;
    else rules.push(rule);
  }
  return { ...chain, rules };
}

function unasked(first: Rule, second: Rule): Rule | undefined {
  if (first.statements.length !== second.statements.length || first.comment !== second.comment) return undefined;
  if (itemOf(first).tail !== 'final') return undefined;
  for (const [index, statement] of first.statements.entries()) {
    const other = second.statements.find((one) => isOpposite(statement, one));
    if (!other) continue;
    const statements = first.statements.toSpliced(index, 1);
    const rest = second.statements.filter((one) => one !== other);
    const origin = mergedOrigin([first.origin, second.origin]);
    if (ruleText({ statements, origin }) === ruleText({ statements: rest, origin }))
      return { ...first, statements, origin };
  }
  return undefined;
}

function isOpposite(one: Statement, other: Statement): boolean {
  if (one.kind !== 'match' || other.kind !== 'match') return false;
  const subject = expressionText(one.left);
  if (!ALWAYS_THERE.test(subject) || expressionText(other.left) !== subject) return false;
  const ops = [one.op, other.op].sort().join(' ');
  return ops === '!= ==' && one.right.kind !== 'flags' && expressionText(one.right) === expressionText(other.right);
}

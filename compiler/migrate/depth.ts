import type { Rule, Statement, Table } from '../../dsl/ruleset/tree';
import { verdictsOf } from '../../dsl/ruleset/walk';
import { statementText } from '../targets/nft/notation';
import { jumpsTo, MOST_JUMPS } from '../targets/nft/read/check';

export function isTooDeep(table: Table): boolean {
  return [...jumpsTo(table).values()].some((jumps) => jumps > MOST_JUMPS);
}

/** Legacy iptables follows any number of jumps: rules that lead further than nft can are lost. */
export function withoutDeepJumps(table: Table): Table {
  const far = jumpsTo(table);
  const cut: Table = {
    ...table,
    chains: table.chains.map((chain) =>
      far.get(chain.name) === MOST_JUMPS ? { ...chain, rules: chain.rules.map(withoutJumps) } : chain,
    ),
  };
  // What lay behind them may be led to otherwise, and lead on.
  return isTooDeep(cut) ? withoutDeepJumps(cut) : cut;
}

function withoutJumps(rule: Rule): Rule {
  return { ...rule, statements: rule.statements.map(withoutJump) };
}

function withoutJump(statement: Statement): Statement {
  const to = verdictsOf(statement).find((verdict) => 'chain' in verdict);
  if (!to || !('chain' in to)) return statement;
  return {
    kind: 'opaque',
    role: 'verdict',
    text: statementText(statement),
    stateful: false,
    reason: `\`${to.chain}\` is ${MOST_JUMPS + 1} jumps from a base chain: nft can follow ${MOST_JUMPS}`,
  };
}

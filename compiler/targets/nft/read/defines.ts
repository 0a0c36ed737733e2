import type { Prefix } from '../../../../dsl/core/address';
import { FIELDS } from '../../../../dsl/ruleset/fields';
import { prefixExpression, types } from '../../../../dsl/ruleset/nodes';
import type { Expression, NamedSet, Statement, Table } from '../../../../dsl/ruleset/tree';

/**
 * Makes the sets of a table that its rules look up and the intent defines. An address set has one family, so `@lan`
 * asked for IPv6 addresses becomes `lan6`.
 */
export function withDefines(table: Table, defines: ReadonlyMap<string, readonly Prefix[]>): Table {
  const own = new Set(table.sets.map(({ name }) => name));
  const made = new Map<string, NamedSet>();
  const lookUp = (statement: Statement): Statement => {
    if (statement.kind !== 'match' || statement.right.kind !== 'named set') return statement;
    const { name } = statement.right;
    const prefixes = own.has(name) ? undefined : defines.get(name);
    if (!prefixes) return statement;
    const family = isIpv6(statement.left) ? 6 : 4;
    const set = family === 4 ? name : `${name}6`;
    made.set(set, {
      name: set,
      key: types(family === 4 ? 'ipv4_addr' : 'ipv6_addr'),
      flags: ['interval'],
      autoMerge: true,
      comment: `define ${name}`,
      elements: prefixes
        .filter((prefix) => prefix.family === family)
        .map((prefix) => ({ key: prefixExpression(prefix), origin: table.origin })),
      origin: table.origin,
    });
    return { ...statement, right: { kind: 'named set', name: set } };
  };
  const chains = table.chains.map((chain) => ({
    ...chain,
    rules: chain.rules.map((rule) => ({ ...rule, statements: rule.statements.map(lookUp) })),
  }));
  return { ...table, chains, sets: [...made.values(), ...table.sets] };
}

function isIpv6(expression: Expression): boolean {
  return expression.kind === 'field' && FIELDS[expression.field].type === 'ipv6_addr';
}

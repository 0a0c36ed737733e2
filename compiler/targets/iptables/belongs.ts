import { FIELDS, type FieldInfo } from '../../../dsl/ruleset/fields';
import type { Expression, Statement } from '../../../dsl/ruleset/tree';
import { NFPROTO } from './parts';
import type { XtFamily } from './tables';

/** Whether a statement can apply to a family's packets at all. */
export function belongs(statement: Statement, family: XtFamily): boolean {
  const other: readonly FieldInfo['needs'][] = family === 'ip' ? ['ip6', 'icmpv6'] : ['ip', 'icmp', 'arp'];
  const fits = (expression: Expression): boolean => {
    if (expression.kind === 'concat') return expression.parts.every(fits);
    if (expression.kind !== 'field') return true;
    const info: FieldInfo = FIELDS[expression.field];
    return !other.includes(info.needs);
  };
  if (statement.kind === 'match') return fits(statement.left) && !isOtherProtocol(statement, family);
  if (statement.kind === 'dnat' || statement.kind === 'snat')
    return statement.family === undefined || statement.family === family;
  return true;
}

/** `meta nfproto` of the other family. */
function isOtherProtocol({ left, op, right }: Extract<Statement, { kind: 'match' }>, family: XtFamily): boolean {
  if (left.kind !== 'field' || left.field !== 'meta nfproto' || op !== '==' || right.kind !== 'symbol') return false;
  return right.name !== NFPROTO[family];
}

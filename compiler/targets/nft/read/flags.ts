import type { Constant, Expression } from '../../../../dsl/ruleset/tree';

/** Flags that no comparison is said of are alternatives, however they are joined. */
export function flagsOf(expression: Expression): Expression {
  const flags = constantsOf(expression);
  return flags ? { kind: 'flags', flags } : expression;
}

function constantsOf(expression: Expression): readonly Constant[] | undefined {
  if (expression.kind === 'symbol' || expression.kind === 'number') return [expression];
  if (expression.kind !== 'binary' || expression.op !== '|') return undefined;
  const [left, right] = [constantsOf(expression.left), constantsOf(expression.right)];
  return left && right && [...left, ...right];
}

/** Flags in a list are alternatives of one value: `syn,ack` is `syn | ack`. */
export function alternatives(expression: Expression): Expression {
  if (expression.kind !== 'flags') return expression;
  const [first, ...rest] = expression.flags;
  if (!first) return expression;
  return rest.reduce<Expression>((left, right) => ({ kind: 'binary', op: '|', left, right }), first);
}

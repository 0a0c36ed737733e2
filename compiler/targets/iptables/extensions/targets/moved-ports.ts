import { number } from '../../../../../dsl/ruleset/nodes';
import type { Element, Expression, Statement } from '../../../../../dsl/ruleset/tree';

/** How many elements a map may have that only says what a sum would. */
const MOST = 4096;

/**
 * `lo-hi/base`: the port that is as far from `lo` as the packet's is from `base`, and from the beginning again past `hi`
 * (nf_nat_core.c, NF_NAT_RANGE_PROTO_OFFSET). nft does no sums: a map has the ports that the rule asks for. Undefined
 * where it asks for none, or for too many.
 */
export function movedPorts(
  to: Extract<Expression, { kind: 'range' }>,
  base: number,
  asked: readonly Statement[],
): Expression | undefined {
  const question = asked.find(isPort);
  const ports = question && portsOf(question.right);
  if (!question || !ports || ports.length > MOST) return undefined;
  const target = portsOf(to) ?? [];
  const elements = ports.map(
    (port): Element => ({
      key: number(port),
      data: number(target[((port - base + 0x10000) % 0x10000) % target.length] ?? 0),
      origin: { kind: 'program' },
    }),
  );
  return { kind: 'map', key: question.left, map: { kind: 'anonymous', elements } };
}

type Match = Extract<Statement, { kind: 'match' }>;

function isPort(statement: Statement): statement is Match {
  return (
    statement.kind === 'match' &&
    statement.op === '==' &&
    statement.left.kind === 'field' &&
    statement.left.field.endsWith(' dport')
  );
}

function portsOf(right: Expression): readonly number[] | undefined {
  switch (right.kind) {
    case 'number':
      return [Number(right.value)];
    case 'range': {
      const { first, last } = right;
      if (first.kind !== 'number' || last.kind !== 'number') return undefined;
      const from = Number(first.value);
      return Array.from({ length: Number(last.value) - from + 1 }, (_, index) => from + index);
    }
    case 'set': {
      const parts = right.elements.map(({ key }) => (key === 'default' ? undefined : portsOf(key)));
      const known = parts.filter((one) => one !== undefined);
      return known.length === parts.length ? [...new Set(known.flat())] : undefined;
    }
    default:
      return undefined;
  }
}

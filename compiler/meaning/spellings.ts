import type { CompareOp, Constant, Expression, Statement } from '../../dsl/ruleset/tree';
import { constantValue } from './values';

type Match = Extract<Statement, { kind: 'match' }>;

/** A match that nft 1.1 lists otherwise than 1.0.6 does, as that lists it. */
export function inOneSpelling(match: Match): Match {
  return overMidnight(inWholeBytes(match));
}

const OPPOSITES: Readonly<Partial<Record<CompareOp, CompareOp>>> = { '==': '!=', '!=': '==' };

/** `meta hour "22:00"-"06:00"` is `!= "06:00"-"22:00"`. */
function overMidnight(match: Match): Match {
  const { left, op, right } = match;
  const opposite = OPPOSITES[op];
  if (left.kind !== 'field' || left.field !== 'meta hour' || right.kind !== 'range' || !opposite) return match;
  const [first, last] = [right.first, right.last].map((end) => constantValue(end, 'hour'));
  if (first === undefined || last === undefined || first <= last) return match;
  return { ...match, op: opposite, right: { kind: 'range', first: right.last, last: right.first } };
}

/** `@nh,10,6 0x10` is `@nh,8,8 & 0x3f == 0x10`. */
function inWholeBytes(match: Match): Match {
  const { left, right } = match;
  if (left.kind !== 'payload' || (left.offset % 8 === 0 && left.bits % 8 === 0)) return match;
  const end = left.offset + left.bits;
  const [from, to] = [left.offset - (left.offset % 8), end + ((8 - (end % 8)) % 8)];
  const shift = BigInt(to - end);
  const moved = (value: bigint): Constant => ({ kind: 'number', value: value << shift, base: 16 });
  const value = constantValue(right, 'integer');
  const ends = right.kind === 'range' ? [right.first, right.last].map((one) => constantValue(one, 'integer')) : [];
  const [first, last] = ends;
  const wide: Expression | undefined =
    value !== undefined
      ? moved(value)
      : first !== undefined && last !== undefined
        ? { kind: 'range', first: moved(first), last: moved(last) }
        : undefined;
  if (!wide) return match;
  const mask = moved((1n << BigInt(left.bits)) - 1n);
  return {
    ...match,
    left: { kind: 'binary', op: '&', left: { ...left, offset: from, bits: to - from }, right: mask },
    right: wide,
  };
}

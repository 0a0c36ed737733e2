import { number } from '../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../dsl/ruleset/tree';

type Assign = Extract<Statement, { kind: 'assign' }>;
const ALL = 0xffffffffn;

/** Marks are masks as often as numbers: written in hexadecimal, as iptables-save does. */
export function hex(value: bigint): Expression {
  return value < 10n ? number(value) : { kind: 'number', value, base: 16 };
}

/** `mark & KEPT ^ FLIPPED`, what every change of a mark by constants comes to. */
interface Change {
  readonly kept: bigint;
  readonly flipped: bigint;
}

/** A constant change of a mark, in the fewest words that say it. */
export function simpleAssign(assign: Assign): Assign {
  const { target, value } = assign;
  if (!isMark(target)) return assign;
  const change = changeOf(value, target);
  if (!change) return { ...assign, value: inHex(value) };
  const { kept, flipped } = change;
  if (kept === 0n) return { ...assign, value: hex(flipped) };
  if ((kept & flipped) === 0n) {
    if (kept === (ALL & ~flipped))
      return { ...assign, value: { kind: 'binary', op: '|', left: target, right: hex(flipped) } };
    const left = masked(target, kept);
    return { ...assign, value: flipped === 0n ? left : { kind: 'binary', op: '|', left, right: hex(flipped) } };
  }
  return { ...assign, value: { kind: 'binary', op: '^', left: masked(target, kept), right: hex(flipped) } };
}

function masked(of: Expression, kept: bigint): Expression {
  return kept === ALL ? of : { kind: 'binary', op: '&', left: of, right: hex(kept) };
}

export function isMark(expression: Expression): boolean {
  return expression.kind === 'field'
    ? expression.field === 'meta mark'
    : expression.kind === 'ct' && expression.key === 'mark';
}

function same(one: Expression, other: Expression): boolean {
  return one.kind === other.kind && isMark(one) && isMark(other);
}

function changeOf(value: Expression, of: Expression): Change | undefined {
  if (value.kind === 'number') return { kept: 0n, flipped: value.value & ALL };
  if (same(value, of)) return { kept: ALL, flipped: 0n };
  if (value.kind !== 'binary' || value.right.kind !== 'number') return undefined;
  const left = changeOf(value.left, of);
  const constant = value.right.value & ALL;
  if (!left) return undefined;
  switch (value.op) {
    case '&':
      return { kept: left.kept & constant, flipped: left.flipped & constant };
    case '|':
      return { kept: left.kept & ~constant & ALL, flipped: left.flipped | constant };
    case '^':
      return { kept: left.kept, flipped: left.flipped ^ constant };
    default:
      return undefined;
  }
}

/** Constants of a mark's expression in hexadecimal; an `&` with all bits left out. */
export function inHex(value: Expression): Expression {
  if (value.kind === 'number') return hex(value.value);
  if (value.kind !== 'binary') return value;
  if (value.op === '&' && value.right.kind === 'number' && value.right.value === ALL) return inHex(value.left);
  if (value.op === '<<' || value.op === '>>') return { ...value, left: inHex(value.left) };
  return { ...value, left: inHex(value.left), right: inHex(value.right) };
}

/**
 * `target & KEPT ^ (other << BY & READ)`: one mark's bits put into the other's, which nft has no one expression for. `by`
 * is below 0 for a shift to the right; `read` are the bits in their new places.
 */
export interface Transfer {
  readonly target: Expression;
  readonly source: Expression;
  readonly kept: bigint;
  readonly read: bigint;
  readonly by: number;
}

export function transferOf({ target, value }: Assign): Transfer | undefined {
  if (!isMark(target) || value.kind !== 'binary' || (value.op !== '^' && value.op !== '|')) return undefined;
  const [left, right] = [part(value.left), part(value.right)];
  if (!left || !right || left.by !== 0 || !same(left.of, target) || same(right.of, target)) return undefined;
  // An `|` leaves a bit set that both have; only an `^` flips it.
  if (value.op === '|' && (left.mask & right.mask) !== 0n) return undefined;
  return { target, source: right.of, kept: left.mask, read: right.mask, by: right.by };
}

interface Part {
  readonly of: Expression;
  readonly mask: bigint;
  readonly by: number;
}

function part(expression: Expression): Part | undefined {
  if (isMark(expression)) return { of: expression, mask: ALL, by: 0 };
  if (expression.kind !== 'binary' || expression.right.kind !== 'number') return undefined;
  const { op, left, right } = expression;
  const whole = part(left);
  if (op === '&') return whole && { ...whole, mask: whole.mask & right.value };
  if (op !== '<<' && op !== '>>') return undefined;
  if (!isMark(left) || right.value > 31n) return undefined;
  return op === '<<'
    ? { of: left, mask: (ALL << right.value) & ALL, by: Number(right.value) }
    : { of: left, mask: ALL >> right.value, by: -Number(right.value) };
}

/**
 * The same bit by bit. A packet that conntrack does not know has no connection's mark: it leaves first, since the rules
 * after would write to its own.
 */
export function transferRules({ target, source, kept, read, by }: Transfer): readonly (readonly Statement[])[] {
  const tracked: Statement[] = [
    {
      kind: 'match',
      left: { kind: 'ct', key: 'state' },
      op: '==',
      right: {
        kind: 'flags',
        flags: [
          { kind: 'symbol', name: 'invalid' },
          { kind: 'symbol', name: 'untracked' },
        ],
      },
    },
    { kind: 'verdict', verdict: { kind: 'return' } },
  ];
  const cleared: Statement[] = [
    { kind: 'assign', target, value: { kind: 'binary', op: '&', left: target, right: hex(kept) } },
  ];
  const bits = Array.from({ length: 32 }, (_, index) => 1n << BigInt(index)).filter((bit) => (read & bit) !== 0n);
  return [
    tracked,
    ...(kept === ALL ? [] : [cleared]),
    ...bits.map((bit): Statement[] => [
      {
        kind: 'match',
        left: { kind: 'binary', op: '&', left: source, right: hex(before(bit, by)) },
        op: '==',
        right: hex(before(bit, by)),
      },
      {
        kind: 'assign',
        target,
        value: { kind: 'binary', op: (kept & bit) === 0n ? '|' : '^', left: target, right: hex(bit) },
      },
    ]),
  ];
}

/** Where a bit stood. */
function before(bit: bigint, by: number): bigint {
  return by < 0 ? bit << BigInt(-by) : bit >> BigInt(by);
}

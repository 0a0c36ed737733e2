import { ADDRESSES, COMPARABLE, FLAGS, WORDS } from '../../../dsl/rules/abilities';
import type { Key } from '../../../dsl/rules/values';
import { isBits } from '../../../dsl/ruleset/data-type';
import type { Element, Expression, MapReference, Statement } from '../../../dsl/ruleset/tree';
import { isVerdict } from '../../../dsl/ruleset/walk';
import { type Code, call, type Imports, list, quoted } from './code';
import { keyOf, operandCode } from './operands';
import { elementCode, valueCode } from './values';
import { verdictCode } from './verdicts';

type Match = Extract<Statement, { kind: 'match' }>;

const ORDERED: ReadonlySet<string> = new Set([...WORDS, ...FLAGS, ...ADDRESSES, ...COMPARABLE]);

const ORDERS = { '<': 'lessThan', '<=': 'atMost', '>': 'greaterThan', '>=': 'atLeast' } as const;

export function matchCode({ left, op, right }: Match, imports: Imports): Code {
  const key = keyOf(left);
  if (key === undefined) return undefined;
  if (op === '==' || op === '!=') return equalityCode(left, op, right, key, imports);
  if (op === '!' || typeof key !== 'string' || !ORDERED.has(key)) return undefined;
  const operand = operandCode(left, imports);
  return operand && call(`${operand}.${ORDERS[op]}`, valueCode(key, right));
}

function equalityCode(left: Expression, op: '==' | '!=', right: Expression, key: Key, imports: Imports): Code {
  const masked = maskedCode(left, op, right, imports);
  if (masked !== undefined) return masked;
  const operand = operandCode(left, imports);
  if (operand === undefined) return undefined;
  const bits = typeof key === 'string' && isBits(key);
  const is = op === '==' ? 'is' : 'isNot';
  switch (right.kind) {
    case 'exists':
      if (op !== '==' || !mayBeMissing(left)) return undefined;
      return `${operand}.${right.present ? 'exists' : 'missing'}()`;
    case 'named set':
      return `${operand}.${op === '==' ? 'in' : 'notIn'}(t.set(${quoted(right.name)}))`;
    case 'flags':
      if (!bits || (op === '!=' && right.flags.length > 1)) return undefined;
      return call(`${operand}.${is}`, ...right.flags.map((flag) => valueCode(key, flag)));
    case 'set':
      if (bits && op === '==') return undefined;
      return call(`${operand}.${is}`, ...right.elements.map((element) => elementCode(key, element, imports)));
    default:
      if (bits && op === '==') return undefined;
      return call(`${operand}.${is}`, valueCode(key, right));
  }
}

function mayBeMissing(left: Expression): boolean {
  return (
    left.kind === 'option' ||
    left.kind === 'exthdr' ||
    (left.kind === 'fib' && left.result !== 'type') ||
    (left.kind === 'field' && keyOf(left) === 'boolean')
  );
}

/** `tcp flags & (syn | ack) == syn` */
function maskedCode(left: Expression, op: '==' | '!=', right: Expression, imports: Imports): Code {
  if (left.kind !== 'binary' || left.op !== '&') return undefined;
  const type = keyOf(left.left);
  if (type !== 'tcp_flag' && type !== 'ct_status') return undefined;
  const mask = flagsIn(left.right);
  const set = right.kind === 'number' && right.value === 0n ? [] : flagsIn(right);
  const names = (flags: readonly Expression[]) => list(flags.map((flag) => valueCode(type, flag)));
  const operand = operandCode(left.left, imports);
  if (!mask || !set || operand === undefined) return undefined;
  return call(`${operand}.${op === '==' ? 'masked' : 'notMasked'}`, names(mask), names(set));
}

function flagsIn(expression: Expression): readonly Expression[] | undefined {
  if (expression.kind === 'symbol') return [expression];
  if (expression.kind !== 'binary' || expression.op !== '|' || expression.right.kind !== 'symbol') return undefined;
  const before = flagsIn(expression.left);
  return before && [...before, expression.right];
}

/** A rule's way by a verdict map. */
export function vmapCode({ key: left, map }: Extract<Statement, { kind: 'vmap' }>, imports: Imports): Code {
  const key = keyOf(left);
  const operand = operandCode(left, imports);
  if (key === undefined || operand === undefined) return undefined;
  if (map.kind === 'named') return `${operand}.vmap(t.vmap(${quoted(map.name)}))`;
  const pairs = map.elements.map((element) => list([elementCode(key, element, imports), verdictOf(element, imports)]));
  return call(`${operand}.vmap`, list(pairs));
}

export function verdictOf({ data }: Element, imports: Imports): Code {
  return isVerdict(data) ? verdictCode(data, imports) : undefined;
}

/** The data of a map, with its types; `dataOf` knows those of named maps. */
export function lookUpCode(
  { key: left, map }: { readonly key: Expression; readonly map: MapReference },
  data: Key,
  imports: Imports,
): Code {
  const key = keyOf(left);
  const operand = operandCode(left, imports);
  if (key === undefined || operand === undefined) return undefined;
  if (map.kind === 'named') return `${operand}.map(t.map(${quoted(map.name)}))`;
  const pairs = map.elements.map((element) => list([elementCode(key, element, imports), dataCode(element, data)]));
  const type = typeof data === 'string' ? quoted(data) : list(data.map(quoted));
  return call(`${operand}.mapTo`, type, list(pairs));
}

export function dataCode({ data }: Element, type: Key): Code {
  return data && !isVerdict(data) ? valueCode(type, data) : undefined;
}

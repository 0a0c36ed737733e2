import type { DataType } from '../../dsl/ruleset/data-type';
import type { Expression } from '../../dsl/ruleset/tree';
import { symbolIn, symbolNumber } from './symbols';
import { durationNumber, timeNumber } from './times';

/** The number of one constant, or of constants joined with `|`; undefined for what is no number. */
export function constantValue(expression: Expression, type: DataType | undefined): bigint | undefined {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'ipv4':
      return BigInt(expression.value);
    case 'ipv6':
      return expression.value;
    case 'ether':
      return BigInt(`0x${expression.value.replaceAll(':', '')}`);
    case 'symbol':
      return symbolNumber(expression.name, type) ?? durationNumber(expression.name, type);
    case 'string':
      return symbolNumber(expression.value, type) ?? timeNumber(expression.value, type);
    case 'exists':
      return expression.present ? 1n : 0n;
    case 'binary': {
      const [left, right] = [constantValue(expression.left, type), constantValue(expression.right, type)];
      if (left === undefined || right === undefined) return undefined;
      switch (expression.op) {
        case '&':
          return left & right;
        case '|':
          return left | right;
        case '^':
          return left ^ right;
        case '<<':
          return left << right;
        case '>>':
          return left >> right;
      }
      return undefined;
    }
    case 'flags': {
      let sum = 0n;
      for (const flag of expression.flags) {
        const value = constantValue(flag, type);
        if (value === undefined) return undefined;
        sum |= value;
      }
      return sum;
    }
    default:
      return undefined;
  }
}

/** First and last of a constant, a range or a prefix. */
export function rangeOf(expression: Expression, type: DataType | undefined): readonly [bigint, bigint] | undefined {
  if (expression.kind === 'range') {
    const [first, last] = [constantValue(expression.first, type), constantValue(expression.last, type)];
    return first === undefined || last === undefined ? undefined : [first, last];
  }
  if (expression.kind === 'prefix') {
    const address = constantValue(expression.address, type);
    if (address === undefined) return undefined;
    const bits = BigInt(expression.address.kind === 'ipv6' ? 128 : 32);
    const width = (1n << (bits - BigInt(expression.length))) - 1n;
    return [address & ~width, address | width];
  }
  const value = constantValue(expression, type);
  return value === undefined ? undefined : [value, value];
}

/** Whether `rangeOf` knows an expression's numbers; of elements, which are many, they are not made to be told. */
export function hasRange(expression: Expression, type: DataType | undefined): boolean {
  switch (expression.kind) {
    case 'range':
      return hasRange(expression.first, type) && hasRange(expression.last, type);
    case 'prefix':
      return hasRange(expression.address, type);
    case 'ether':
      return true;
    default:
      return plainValue(expression, type) !== undefined;
  }
}

/** Whether a number lies in an expression's range. */
export function isIn(expression: Expression, asked: number | bigint, type: DataType | undefined): boolean {
  if (expression.kind === 'range') {
    const [first, last] = [plainValue(expression.first, type), plainValue(expression.last, type)];
    return first !== undefined && last !== undefined && first <= asked && asked <= last;
  }
  if (expression.kind === 'prefix') {
    const { address, length } = expression;
    if (address.kind === 'ipv4' && typeof asked === 'number') {
      const size = 2 ** (32 - length);
      return Math.floor(address.value / size) === Math.floor(asked / size);
    }
    const range = rangeOf(expression, type);
    return range !== undefined && range[0] <= asked && asked <= range[1];
  }
  const value = plainValue(expression, type);
  return value !== undefined && value <= asked && asked <= value;
}

/** A constant's number as it stands there: nothing is made for it where that can be. */
function plainValue(expression: Expression, type: DataType | undefined): number | bigint | undefined {
  switch (expression.kind) {
    case 'number':
    case 'ipv4':
    case 'ipv6':
      return expression.value;
    case 'symbol':
      return symbolIn(expression.name, type) ?? constantValue(expression, type);
    default:
      return constantValue(expression, type);
  }
}

import type { DataType } from '../../dsl/ruleset/data-type';
import type { Expression } from '../../dsl/ruleset/tree';
import { symbolNumber } from './symbols';
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

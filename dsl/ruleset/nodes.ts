import type { Address, Prefix } from '../core/address';
import { PROTOCOLS } from '../core/port';
import type { DataType } from './data-type';
import type { FieldName } from './fields';
import type { CompareOp, Constant, CtKey, Expression, KeyType, MapReference, Statement } from './tree';

/** Plain constructors of tree nodes, for code that lowers; they check nothing. */

export function field(name: FieldName): Expression {
  return { kind: 'field', field: name };
}

export function ct(key: CtKey): Expression {
  return { kind: 'ct', key };
}

export function concat(...parts: readonly Expression[]): Expression {
  return { kind: 'concat', parts };
}

/** The three protocols are in every element of a port: one constant does for all. */
const PROTOCOL_SYMBOLS = new Map<string, Constant>(PROTOCOLS.map((name) => [name, { kind: 'symbol', name }]));

export function symbol(name: string): Constant {
  return PROTOCOL_SYMBOLS.get(name) ?? { kind: 'symbol', name };
}

/** Any of these bits. */
export function flags(...names: readonly string[]): Expression {
  return { kind: 'flags', flags: names.map((name) => ({ kind: 'symbol', name })) };
}

export function text(value: string): Constant {
  return { kind: 'string', value };
}

export function number(value: number | bigint): Constant {
  return { kind: 'number', value: BigInt(value) };
}

export function addressConstant(address: Address): Constant {
  return address.family === 4 ? { kind: 'ipv4', value: address.value } : { kind: 'ipv6', value: address.value };
}

/** A block of one address is that address, as nft prints it. */
export function prefixExpression(prefix: Prefix): Expression {
  const address: Constant =
    prefix.family === 4 ? { kind: 'ipv4', value: prefix.address } : { kind: 'ipv6', value: prefix.address };
  if (prefix.length === (prefix.family === 4 ? 32 : 128)) return address;
  return { kind: 'prefix', address, length: prefix.length };
}

export function anonymousSet(...members: readonly Expression[]): Expression {
  return { kind: 'set', elements: members.map((key) => ({ key, origin: { kind: 'program' } })) };
}

export function namedSet(name: string): Expression {
  return { kind: 'named set', name };
}

export function namedMap(name: string): MapReference {
  return { kind: 'named', name };
}

export function types(...members: readonly DataType[]): KeyType {
  return { kind: 'types', types: members };
}

export function match(left: Expression, op: CompareOp, right: Expression): Statement {
  return { kind: 'match', left, op, right };
}

/** `left @set` */
export function inSet(left: Expression, set: string): Statement {
  return match(left, '==', namedSet(set));
}

/** `left != @set` */
export function notInSet(left: Expression, set: string): Statement {
  return match(left, '!=', namedSet(set));
}

export function verdict(kind: 'accept' | 'drop' | 'return' | 'continue'): Statement {
  return { kind: 'verdict', verdict: { kind } };
}

export function jump(chain: string): Statement {
  return { kind: 'verdict', verdict: { kind: 'jump', chain } };
}

/** `goto`: the rules after it are not looked at again. */
export function goTo(chain: string): Statement {
  return { kind: 'verdict', verdict: { kind: 'goto', chain } };
}

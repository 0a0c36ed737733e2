import { VALUE_NAMES } from '../../../dsl/rules/value-names';
import { type Key, type Numbered, type Ranged, valueNode } from '../../../dsl/rules/values';
import { type DataType, isText } from '../../../dsl/ruleset/data-type';
import type { Element, Expression } from '../../../dsl/ruleset/tree';
import { expressionText } from '../nft/notation';
import { type Code, call, type Imports, list, quoted } from './code';

const NUMBERS: ReadonlySet<string> = keysOf<Numbered>({
  inet_service: true,
  inet_proto: true,
  mark: true,
  uid: true,
  gid: true,
  integer: true,
  boolean: true,
  icmp_type: true,
  icmpv6_type: true,
});

const RANGES: ReadonlySet<string> = keysOf<Ranged>({
  ipv4_addr: true,
  ipv6_addr: true,
  inet_service: true,
  mark: true,
  integer: true,
  uid: true,
  gid: true,
});

/** All that a type of the builders names: one more or one less does not compile. */
function keysOf<T extends DataType>(all: Readonly<Record<T, true>>): ReadonlySet<string> {
  return new Set(Object.keys(all));
}

/** A value of a type, a concatenation as a tuple. Undefined for what the type has no spelling for. */
export function valueCode(key: Key, node: Expression): Code {
  if (typeof key === 'string') return partCode(key, node);
  if (node.kind !== 'concat' || node.parts.length !== key.length) return undefined;
  return list(key.map((type, index) => partCode(type, node.parts[index] as Expression)));
}

function partCode(type: DataType, node: Expression): Code {
  const code = spelling(type, node);
  return code !== undefined && reads(type, code, node) ? literal(code) : undefined;
}

/** The value, as the builders are given it. */
function spelling(type: DataType, node: Expression): string | number | undefined {
  const names = (VALUE_NAMES as Partial<Record<DataType, readonly string[]>>)[type];
  switch (node.kind) {
    case 'number': {
      if (node.value > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      if (NUMBERS.has(type) || (!names && !isText(type))) return Number(node.value);
      return undefined;
    }
    case 'symbol':
      if (names ? !names.includes(node.name) : NUMBERS.has(type) || isText(type)) return undefined;
      return node.name;
    case 'string':
      if (type === 'uid' || type === 'gid') return node.value;
      return isText(type) || !names ? `${node.value}${node.wildcard ? '*' : ''}` : undefined;
    case 'ipv4':
    case 'ipv6':
    case 'ether':
      return expressionText(node);
    case 'prefix':
    case 'range':
      return RANGES.has(type) || (!names && !NUMBERS.has(type)) ? expressionText(decimal(node)) : undefined;
    default:
      return undefined;
  }
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : quoted(value);
}

/** Whether the builders make the same value of a spelling again. */
function reads(type: DataType, value: string | number, node: Expression): boolean {
  try {
    return expressionText(valueNode(type, value)) === expressionText(decimal(node));
  } catch {
    return false;
  }
}

/** Numbers in the base that the builders give them. */
function decimal(node: Expression): Expression {
  if (node.kind === 'number') return { kind: 'number', value: node.value };
  if (node.kind !== 'range') return node;
  const [first, last] = [decimal(node.first), decimal(node.last)];
  return { ...node, first: first as typeof node.first, last: last as typeof node.last };
}

/** A member of a set, or the key of a map's pair, with its comment. */
export function elementCode(key: Key, element: Element, imports: Imports): Code {
  if (element.timeoutMs !== undefined || element.expiresMs !== undefined || element.statements?.length)
    return undefined;
  const value = element.key === 'default' ? (element.data ? "'*'" : undefined) : valueCode(key, element.key);
  if (element.comment === undefined) return value;
  return element.key === 'default' ? undefined : call(imports.use('noted'), value, quoted(element.comment));
}

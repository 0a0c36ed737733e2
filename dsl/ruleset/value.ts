import { readIpv4, readIpv6 } from '../core/address';
import { type DataType, isText } from './data-type';
import type { Constant, Expression } from './tree';

/** What a word of nft's notation spells where `type` is wanted: a constant, a range, a prefix, or else a name. */
export function readValue(text: string, type?: DataType): Expression {
  const single = constantOf(text);
  const isIndex = type === 'iface_index' && single?.kind === 'number';
  if (isText(type) && !isIndex) return stringValue(text, type);
  if (single) return single;
  const slash = text.indexOf('/');
  const address = slash > 0 ? constantOf(text.slice(0, slash)) : undefined;
  if (
    (address?.kind === 'ipv4' || address?.kind === 'ipv6' || address?.kind === 'number') &&
    /^\d{1,3}$/.test(text.slice(slash + 1))
  )
    return { kind: 'prefix', address, length: Number(text.slice(slash + 1)) };
  const dash = text.indexOf('-', 1);
  const [first, last] = dash > 0 ? [constantOf(text.slice(0, dash)), constantOf(text.slice(dash + 1))] : [];
  if (first && last && first.kind === last.kind) return { kind: 'range', first, last };
  return { kind: 'symbol', name: text };
}

/** A string as it stands in quotes; a `*` at the end stands for anything, but in the name of one interface. */
export function stringValue(text: string, type?: DataType): Expression {
  return text.endsWith('*') && type !== 'iface_index'
    ? { kind: 'string', value: text.slice(0, -1), wildcard: true }
    : { kind: 'string', value: text };
}

/** An address or a number; undefined for anything that is a name. */
function constantOf(text: string): Constant | undefined {
  if (/^\d+$/.test(text)) return { kind: 'number', value: BigInt(text) };
  if (/^0x[0-9a-fA-F]+$/.test(text)) return { kind: 'number', value: BigInt(text), base: 16 };
  const ipv4 = readIpv4(text);
  if (ipv4 !== undefined) return { kind: 'ipv4', value: ipv4 };
  if (/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) return { kind: 'ether', value: text.toLowerCase() };
  const ipv6 = text.includes(':') ? readIpv6(text) : undefined;
  return ipv6 === undefined ? undefined : { kind: 'ipv6', value: ipv6 };
}

const CONSTANTS: ReadonlySet<string> = new Set<Constant['kind']>([
  'ipv4',
  'ipv6',
  'ether',
  'number',
  'symbol',
  'string',
]);

export function isConstant(expression: Expression): expression is Constant {
  return CONSTANTS.has(expression.kind);
}

/** A constant, or a block of them. */
export function isValue(
  expression: Expression,
): expression is Constant | Extract<Expression, { kind: 'prefix' | 'range' }> {
  return isConstant(expression) || expression.kind === 'prefix' || expression.kind === 'range';
}

/** Why a value cannot be of a type; undefined when it can. nft would take an unknown word for a host's name, and ask. */
export function misfit(value: Expression, type: DataType): string | undefined {
  if (value.kind === 'prefix')
    return (
      misfit(value.address, type) ??
      (value.length > (type === 'ipv6_addr' ? 128 : 32) ? 'the prefix is too long' : undefined)
    );
  if (value.kind === 'range') return misfit(value.first, type) ?? misfit(value.last, type);
  return isConstant(value) ? constantMisfit(value, type) : undefined;
}

const ADDRESS_KINDS: Readonly<Partial<Record<DataType, Constant['kind']>>> = {
  ipv4_addr: 'ipv4',
  ipv6_addr: 'ipv6',
  ether_addr: 'ether',
};

const TYPE_NAMES: Readonly<Partial<Record<DataType, string>>> = {
  ipv4_addr: 'an IPv4 address',
  ipv6_addr: 'an IPv6 address',
  ether_addr: 'a MAC address',
  inet_service: 'a port',
  inet_proto: 'a protocol',
  ct_state: 'a conntrack state',
  icmp_type: 'an ICMP type',
  icmpv6_type: 'an ICMPv6 type',
};

const LARGEST: Readonly<Partial<Record<DataType, bigint>>> = {
  inet_service: 65535n,
  inet_proto: 255n,
  icmp_type: 255n,
  icmpv6_type: 255n,
  mark: 0xffffffffn,
  uid: 0xffffffffn,
  gid: 0xffffffffn,
};

/** Types of whole numbers; some have names too, none has other spellings of a number. */
const NUMBERS: ReadonlySet<DataType> = new Set<DataType>([
  'inet_service',
  'inet_proto',
  'mark',
  'uid',
  'gid',
  'integer',
]);

export const CT_STATES = ['invalid', 'new', 'established', 'related', 'untracked'] as const;

function constantMisfit(value: Constant, type: DataType): string | undefined {
  const expected = `expected ${TYPE_NAMES[type] ?? type}`;
  const address = ADDRESS_KINDS[type];
  if (address !== undefined) return value.kind === address ? undefined : expected;
  if (value.kind === 'ipv4' || value.kind === 'ipv6' || value.kind === 'ether')
    return TYPE_NAMES[type] ? expected : undefined;
  if (value.kind === 'number')
    return value.value > (LARGEST[type] ?? value.value) ? `${expected}, at most ${LARGEST[type]}` : undefined;
  if (NUMBERS.has(type) && value.kind === 'symbol' && /^[-\d]/.test(value.name)) return expected;
  if (type === 'ct_state' && value.kind === 'symbol' && !(CT_STATES as readonly string[]).includes(value.name))
    return `${expected}: ${CT_STATES.join(', ')}`;
  return undefined;
}

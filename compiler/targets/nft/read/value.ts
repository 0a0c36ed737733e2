import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import type { DataType } from '../../../../dsl/ruleset/data-type';
import { FIELDS, type FieldName } from '../../../../dsl/ruleset/fields';
import type { Constant, Expression } from '../../../../dsl/ruleset/tree';
import type { ExpressionNode, WordNode } from '../../../../grammar/rules/nodes';

/** A word as the constant, range or prefix that it spells. */
export function wordValue({ kind, text }: WordNode, type?: DataType): Expression {
  if (kind === 'word' && (text === 'exists' || text === 'missing'))
    return { kind: 'exists', present: text === 'exists' };
  if (kind === 'string' || type === 'ifname' || type === 'iface_index')
    return text.endsWith('*') && type !== 'iface_index'
      ? { kind: 'string', value: text.slice(0, -1), wildcard: true }
      : { kind: 'string', value: text };
  const single = constantOf(text);
  if (single) return single;
  const slash = text.indexOf('/');
  const address = slash > 0 ? constantOf(text.slice(0, slash)) : undefined;
  if ((address?.kind === 'ipv4' || address?.kind === 'ipv6') && /^\d{1,3}$/.test(text.slice(slash + 1)))
    return { kind: 'prefix', address, length: Number(text.slice(slash + 1)) };
  const dash = text.indexOf('-', 1);
  const [first, last] = dash > 0 ? [constantOf(text.slice(0, dash)), constantOf(text.slice(dash + 1))] : [];
  if (first && last && first.kind === last.kind) return { kind: 'range', first, last };
  return { kind: 'symbol', name: text };
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

/** The data types of an expression, one a part of a concatenation; undefined where it cannot be told. */
export function typesOf(node: ExpressionNode): readonly (DataType | undefined)[] {
  switch (node.kind) {
    case 'concat':
      return node.parts.flatMap(typesOf);
    case 'selector':
      return [selectorType(node)];
    case 'fib':
      return [node.result.text === 'type' ? 'fib_addrtype' : node.result.text === 'oifname' ? 'ifname' : 'iface_index'];
    case 'binary':
      return typesOf(node.left);
    default:
      return [undefined];
  }
}

const CT_TYPES: Readonly<Record<string, DataType>> = {
  state: 'ct_state',
  direction: 'ct_dir',
  status: 'ct_status',
  mark: 'mark',
  expiration: 'time',
  helper: 'string',
  label: 'ct_label',
  id: 'ct_id',
  protocol: 'inet_proto',
  'proto-src': 'inet_service',
  'proto-dst': 'inet_service',
};

function selectorType({ selector }: Extract<ExpressionNode, { kind: 'selector' }>): DataType | undefined {
  switch (selector.kind) {
    case 'field':
      return FIELDS[selector.field as FieldName].type;
    case 'ct':
      if (selector.key === 'saddr' || selector.key === 'daddr')
        return selector.family === 'ip6' ? 'ipv6_addr' : selector.family === 'ip' ? 'ipv4_addr' : undefined;
      return CT_TYPES[selector.key];
    case 'option':
      return 'integer';
  }
}

/** Why a value cannot be of a type; undefined when it can. nft would take an unknown word for a host's name, and ask. */
export function misfit(value: Expression, type: DataType): string | undefined {
  switch (value.kind) {
    case 'prefix':
      return (
        misfit(value.address, type) ??
        (value.length > (type === 'ipv6_addr' ? 128 : 32) ? 'the prefix is too long' : undefined)
      );
    case 'range':
      return misfit(value.first, type) ?? misfit(value.last, type);
    case 'ipv4':
    case 'ipv6':
    case 'ether':
    case 'number':
    case 'symbol':
    case 'string':
      return constantMisfit(value, type);
    default:
      return undefined;
  }
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
};

const CT_STATES = ['invalid', 'new', 'established', 'related', 'untracked'];

function constantMisfit(value: Constant, type: DataType): string | undefined {
  const expected = `expected ${TYPE_NAMES[type] ?? type}`;
  const address = ADDRESS_KINDS[type];
  if (address !== undefined) return value.kind === address ? undefined : expected;
  if (value.kind === 'ipv4' || value.kind === 'ipv6' || value.kind === 'ether')
    return TYPE_NAMES[type] ? expected : undefined;
  if (value.kind === 'number')
    return value.value > (LARGEST[type] ?? value.value) ? `${expected}, at most ${LARGEST[type]}` : undefined;
  if (type === 'ct_state' && value.kind === 'symbol' && !CT_STATES.includes(value.name))
    return `${expected}: ${CT_STATES.join(', ')}`;
  return undefined;
}

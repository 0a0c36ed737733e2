import type { DataType } from './data-type';
import { FIELDS } from './fields';
import type { CtKey, Expression, IpsecKey } from './tree';

/** The types of what conntrack knows; addresses have the type of their family. */
export const CT_TYPES = {
  state: 'ct_state',
  direction: 'ct_dir',
  status: 'ct_status',
  mark: 'mark',
  expiration: 'time',
  helper: 'string',
  label: 'ct_label',
  id: 'ct_id',
  zone: 'integer',
  l3proto: 'nf_proto',
  protocol: 'inet_proto',
  'proto-src': 'inet_service',
  'proto-dst': 'inet_service',
  bytes: 'integer',
  packets: 'integer',
  avgpkt: 'integer',
} as const satisfies Partial<Record<CtKey, DataType>>;

/** The type of one part of a key; undefined where it cannot be told. */
export function typeOf(expression: Expression): DataType | undefined {
  switch (expression.kind) {
    case 'field':
      return FIELDS[expression.field].type;
    case 'ct':
      return ctType(expression.key, expression.family);
    case 'fib':
      return FIB_TYPES[expression.result];
    case 'binary':
      return typeOf(expression.left);
    case 'option':
      return 'integer';
    case 'ipsec':
      return ipsecType(expression.key);
    case 'osf':
      return 'string';
    default:
      return undefined;
  }
}

export function ctType(key: CtKey, family?: 'ip' | 'ip6'): DataType | undefined {
  if (key === 'saddr' || key === 'daddr') return family && (family === 'ip' ? 'ipv4_addr' : 'ipv6_addr');
  return (CT_TYPES as Partial<Record<CtKey, DataType>>)[key];
}

export function ipsecType(key: IpsecKey): DataType {
  return key === 'reqid' || key === 'spi' ? 'integer' : key.startsWith('ip6') ? 'ipv6_addr' : 'ipv4_addr';
}

export const FIB_TYPES = { type: 'fib_addrtype', oif: 'iface_index', oifname: 'ifname' } as const;

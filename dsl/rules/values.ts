import type { DataType } from '../ruleset/data-type';
import { concat } from '../ruleset/nodes';
import type { Expression } from '../ruleset/tree';
import { misfit, readValue } from '../ruleset/value';
import type { NameOf } from './value-names';
import { quotable } from './words';

export type Ipv4 = `${number}.${number}.${number}.${number}`;
export type Ipv6 = `${string}:${string}`;
export type Mac = `${string}:${string}:${string}:${string}:${string}:${string}`;
export type Port = number;
export type PortRange = Port | `${number}-${number}`;
export type Ipv4Block = Ipv4 | `${Ipv4}/${number}` | `${Ipv4}-${Ipv4}`;
export type Ipv6Block = Ipv6 | `${Ipv6}/${number}` | `${Ipv6}-${Ipv6}`;
/** A name that nft knows, or the number. */
export type Protocol = number | NameOf<'inet_proto'>;
export type ConntrackState = NameOf<'ct_state'>;
export type ConntrackStatus = NameOf<'ct_status'>;
export type TcpFlag = NameOf<'tcp_flag'>;
export type EtherType = NameOf<'ether_type'>;
export type IcmpType = number | NameOf<'icmp_type'>;
export type Icmpv6Type = number | NameOf<'icmpv6_type'>;

/** One value of a data type, as TypeScript writes it; of the types that are not here, a word or a number. */
interface Values {
  ipv4_addr: Ipv4;
  ipv6_addr: Ipv6;
  ether_addr: Mac;
  inet_proto: Protocol;
  nf_proto: NameOf<'nf_proto'>;
  inet_service: Port;
  ifname: string;
  iface_index: string;
  mark: number;
  ct_state: ConntrackState;
  ct_dir: NameOf<'ct_dir'>;
  ct_status: ConntrackStatus;
  icmp_type: IcmpType;
  icmpv6_type: Icmpv6Type;
  tcp_flag: TcpFlag;
  ether_type: EtherType;
  arp_op: NameOf<'arp_op'>;
  fib_addrtype: NameOf<'fib_addrtype'>;
  pkt_type: NameOf<'pkt_type'>;
  /** A name is looked up when the rules are loaded. */
  uid: number | string;
  gid: number | string;
  integer: number;
  boolean: 0 | 1;
  string: string;
}

/** What stands for several values, where a type has it. */
interface Ranges {
  ipv4_addr: Ipv4Block;
  ipv6_addr: Ipv6Block;
  inet_service: PortRange;
  mark: number | `${number}-${number}`;
  integer: number | `${number}-${number}`;
  uid: number | string;
  gid: number | string;
}

/** Types that have numbers for values, and types that have ranges. */
export type Numbered = { [T in keyof Values]: Extract<Values[T], number> extends never ? never : T }[keyof Values];
export type Ranged = keyof Ranges;

export type Value<T extends DataType> = T extends keyof Values ? Values[T] : string | number;
export type Range<T extends DataType> = T extends keyof Ranges ? Ranges[T] : Value<T>;

/** What a set is over: one data type, or a concatenation of several. */
export type Key = DataType | readonly [DataType, DataType, ...DataType[]];

export type ValuesOf<K extends Key> = K extends DataType
  ? Value<K>
  : { readonly [I in keyof K]: K[I] extends DataType ? Value<K[I]> : never };

export type RangesOf<K extends Key> = K extends DataType
  ? Range<K>
  : { readonly [I in keyof K]: K[I] extends DataType ? Range<K[I]> : never };

export type AnyValue = string | number | readonly (string | number)[];

export function typesOf(key: Key): readonly DataType[] {
  return typeof key === 'string' ? [key] : key;
}

/**
 * The node of a value, a tuple being a concatenation. Throws a RangeError for what the types let pass and is no such
 * value, as `10.0.0.256` is.
 */
export function valueNode(key: Key, value: AnyValue): Expression {
  const types = typesOf(key);
  const values = typeof value === 'object' ? value : [value];
  if (values.length !== types.length) throw new RangeError(`expected ${types.join(' . ')}, got ${values.join(' . ')}`);
  const parts = types.map((type, index) => partNode(type, values[index] ?? ''));
  return parts.length === 1 && parts[0] ? parts[0] : concat(...parts);
}

function partNode(type: DataType, value: string | number): Expression {
  const text = quotable(String(value));
  const read = readValue(text, type);
  const isUser = (type === 'uid' || type === 'gid') && read.kind === 'symbol' && !/^[-\d]/.test(text);
  const node: Expression = isUser ? { kind: 'string', value: text } : read;
  const wrong = misfit(node, type);
  if (wrong) throw new RangeError(`\`${text}\` does not fit here: ${wrong}`);
  if (node.kind === 'symbol' && !/^[\w./:+-]+$/.test(text)) throw new RangeError(`\`${text}\` is not a word of nft's`);
  return node;
}

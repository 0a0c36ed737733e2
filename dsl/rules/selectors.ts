import type { DataType } from '../ruleset/data-type';
import { FIELDS, type FieldInfo, type FieldName, type Header } from '../ruleset/fields';
import type { CtKey, TableFamily } from '../ruleset/tree';
import { CT_TYPES } from '../ruleset/type-of';
import type { ADDRESSES, COMPARABLE, FLAGS, WORDS } from './abilities';
import {
  type Addresses,
  type Bits,
  type Flags,
  type Operand,
  type Optional,
  type Ordered,
  operand,
  type Writable,
} from './operand';

/** What a field of a type can do. */
type SelectorOf<T extends DataType, F extends TableFamily = TableFamily> = T extends (typeof WORDS)[number]
  ? Bits<T, F>
  : T extends (typeof FLAGS)[number]
    ? Flags<T, F>
    : T extends (typeof ADDRESSES)[number]
      ? Addresses<T, F>
      : T extends (typeof COMPARABLE)[number]
        ? Ordered<T, F>
        : T extends 'boolean'
          ? Operand<T, F> & Optional<F>
          : Operand<T, F>;

type Ipv4Family = 'ip' | 'inet' | 'bridge' | 'netdev';
type Ipv6Family = 'ip6' | 'inet' | 'bridge' | 'netdev';
type ArpFamily = 'arp' | 'bridge' | 'netdev';
type TransportFamily = 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev';

/** The families of tables in which a header can be asked for. */
type FamiliesOf<H> = H extends 'ip'
  ? Ipv4Family
  : H extends 'ip6'
    ? Ipv6Family
    : H extends 'arp'
      ? ArpFamily
      : H extends 'ether' | 'vlan'
        ? TableFamily
        : H extends Header
          ? TransportFamily
          : TableFamily;

/** nft writes no extension headers of IPv6. */
type WritableHeader<Name extends FieldName, T extends DataType, F extends TableFamily> = Name extends `${
  | 'hbh'
  | 'dst'
  | 'frag'
  | 'rt'
  | 'mh'} ${string}`
  ? unknown
  : Writable<T, F>;

type FieldOf<Name extends FieldName> =
  (typeof FIELDS)[Name] extends FieldInfo<infer T, infer H>
    ? SelectorOf<T, FamiliesOf<H>> & (H extends Header ? WritableHeader<Name, T, FamiliesOf<H>> : unknown)
    : never;

type Camel<Text extends string> = Text extends `${infer Head}${' ' | '-'}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;

type Selectors<Prefix extends string> = {
  readonly [Name in FieldName as Name extends `${Prefix} ${infer Rest}` ? Camel<Rest> : never]: FieldOf<Name>;
};

function selectors<Prefix extends string>(prefix: Prefix): Selectors<Prefix> {
  const names = (Object.keys(FIELDS) as FieldName[]).filter((name) => name.startsWith(`${prefix} `));
  const entries = names.map((name) => [
    camel(name.slice(prefix.length + 1)),
    operand(FIELDS[name].type, { kind: 'field', field: name }),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Selectors<Prefix>;
}

function camel(text: string): string {
  return text.replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase());
}

export const ip = selectors('ip');
export const ip6 = selectors('ip6');
export const ether = selectors('ether');
export const vlan = selectors('vlan');
export const arp = selectors('arp');
export const tcp = selectors('tcp');
export const udp = selectors('udp');
export const udplite = selectors('udplite');
export const sctp = selectors('sctp');
export const dccp = selectors('dccp');
/** The ports of whichever transport protocol it is. */
export const th = selectors('th');
export const icmp = selectors('icmp');
export const icmpv6 = selectors('icmpv6');
export const igmp = selectors('igmp');
export const esp = selectors('esp');
export const ah = selectors('ah');
export const frag = selectors('frag');
export const rt = selectors('rt');
export const socket = selectors('socket');
export const comp = selectors('comp');
export const hbh = selectors('hbh');
export const dst = selectors('dst');
export const srh = selectors('srh');
export const mh = selectors('mh');

/** What a rule can write of a packet's metadata. */
interface WritableMeta {
  readonly mark: Writable<'mark'>;
  readonly priority: Writable<'classid'>;
  readonly nftrace: Writable<'integer'>;
  readonly pkttype: Writable<'pkt_type'>;
}

export const meta = selectors('meta') as Selectors<'meta'> & WritableMeta;
export const { iif, oif, iifname, oifname, iifgroup, oifgroup } = meta;

type CtFields = {
  readonly [K in Exclude<keyof typeof CT_TYPES, 'proto-src' | 'proto-dst'>]: SelectorOf<(typeof CT_TYPES)[K], Tracked>;
};
type Tracked = 'ip' | 'ip6' | 'inet' | 'bridge';

/** One direction of a connection, as its first packet had it or as its replies have it. */
export interface CtTuple {
  readonly ipSaddr: Ordered<'ipv4_addr', Tracked>;
  readonly ipDaddr: Ordered<'ipv4_addr', Tracked>;
  readonly ip6Saddr: Ordered<'ipv6_addr', Tracked>;
  readonly ip6Daddr: Ordered<'ipv6_addr', Tracked>;
  readonly protoSrc: Ordered<'inet_service', Tracked>;
  readonly protoDst: Ordered<'inet_service', Tracked>;
  readonly protocol: Operand<'inet_proto', Tracked>;
  readonly bytes: Bits<'integer', Tracked>;
  readonly packets: Bits<'integer', Tracked>;
  readonly avgpkt: Bits<'integer', Tracked>;
  readonly zone: Bits<'integer', Tracked> & Writable<'integer', Tracked>;
}

function tuple(direction: 'original' | 'reply'): CtTuple {
  const node = <O>(type: DataType, key: CtKey, family?: 'ip' | 'ip6'): O =>
    operand(type, { kind: 'ct', key, direction, ...(family ? { family } : {}) });
  return {
    ipSaddr: node('ipv4_addr', 'saddr', 'ip'),
    ipDaddr: node('ipv4_addr', 'daddr', 'ip'),
    ip6Saddr: node('ipv6_addr', 'saddr', 'ip6'),
    ip6Daddr: node('ipv6_addr', 'daddr', 'ip6'),
    protoSrc: node('inet_service', 'proto-src'),
    protoDst: node('inet_service', 'proto-dst'),
    protocol: node('inet_proto', 'protocol'),
    bytes: node('integer', 'bytes'),
    packets: node('integer', 'packets'),
    avgpkt: node('integer', 'avgpkt'),
    zone: node('integer', 'zone'),
  };
}

function ctFields(): CtFields {
  const entries = Object.entries(CT_TYPES).map(([key, type]) => [
    key,
    operand(type, { kind: 'ct', key: key as CtKey }),
  ]);
  return Object.fromEntries(entries) as CtFields;
}

interface WritableCt {
  readonly mark: Writable<'mark', Tracked>;
  readonly zone: Writable<'integer', Tracked>;
  readonly label: Writable<'ct_label', Tracked>;
}

/** Connection tracking. */
export const ct = Object.freeze({
  ...(ctFields() as CtFields & WritableCt),
  original: tuple('original'),
  reply: tuple('reply'),
});

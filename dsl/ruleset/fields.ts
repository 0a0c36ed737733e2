import type { DataType } from './data-type';

/**
 * What may be done with rules that differ only in this field: `element` folds into a set or map over it, `shared` has
 * to be equal in all, `barrier` stops folding (its reading changes state or time).
 */
export type Folding = 'element' | 'shared' | 'barrier';

export interface FieldInfo {
  /** As nft writes it. */
  readonly text: string;
  readonly type: DataType;
  readonly bits: number;
  /** The header that has to be there; nft adds the match by itself. */
  readonly needs?:
    | 'ip'
    | 'ip6'
    | 'ether'
    | 'arp'
    | 'vlan'
    | 'tcp'
    | 'udp'
    | 'udplite'
    | 'sctp'
    | 'dccp'
    | 'icmp'
    | 'icmpv6'
    | 'igmp'
    | 'esp'
    | 'ah'
    | 'comp'
    | 'transport';
  readonly folding: Folding;
}

function field(
  text: string,
  type: DataType,
  bits: number,
  folding: Folding = 'element',
  needs?: FieldInfo['needs'],
): FieldInfo {
  return needs ? { text, type, bits, folding, needs } : { text, type, bits, folding };
}

/** Every header and meta field a match can read. */
export const FIELDS = {
  'ip saddr': field('ip saddr', 'ipv4_addr', 32, 'element', 'ip'),
  'ip daddr': field('ip daddr', 'ipv4_addr', 32, 'element', 'ip'),
  'ip protocol': field('ip protocol', 'inet_proto', 8, 'element', 'ip'),
  'ip6 saddr': field('ip6 saddr', 'ipv6_addr', 128, 'element', 'ip6'),
  'ip6 daddr': field('ip6 daddr', 'ipv6_addr', 128, 'element', 'ip6'),
  'ip6 nexthdr': field('ip6 nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'ether saddr': field('ether saddr', 'ether_addr', 48, 'element', 'ether'),
  'ether daddr': field('ether daddr', 'ether_addr', 48, 'element', 'ether'),
  'ether type': field('ether type', 'ether_type', 16, 'element', 'ether'),
  'arp saddr ip': field('arp saddr ip', 'ipv4_addr', 32, 'element', 'arp'),
  'arp saddr ether': field('arp saddr ether', 'ether_addr', 48, 'element', 'arp'),
  'arp operation': field('arp operation', 'arp_op', 16, 'element', 'arp'),
  'tcp sport': field('tcp sport', 'inet_service', 16, 'element', 'tcp'),
  'tcp dport': field('tcp dport', 'inet_service', 16, 'element', 'tcp'),
  'tcp flags': field('tcp flags', 'tcp_flag', 8, 'shared', 'tcp'),
  'udp sport': field('udp sport', 'inet_service', 16, 'element', 'udp'),
  'udp dport': field('udp dport', 'inet_service', 16, 'element', 'udp'),
  'sctp sport': field('sctp sport', 'inet_service', 16, 'element', 'sctp'),
  'sctp dport': field('sctp dport', 'inet_service', 16, 'element', 'sctp'),
  'th sport': field('th sport', 'inet_service', 16, 'element', 'transport'),
  'th dport': field('th dport', 'inet_service', 16, 'element', 'transport'),
  'icmp type': field('icmp type', 'icmp_type', 8, 'element', 'icmp'),
  'icmp code': field('icmp code', 'icmp_code', 8, 'element', 'icmp'),
  'icmpv6 type': field('icmpv6 type', 'icmpv6_type', 8, 'element', 'icmpv6'),
  'icmpv6 code': field('icmpv6 code', 'icmpv6_code', 8, 'element', 'icmpv6'),
  'meta l4proto': field('meta l4proto', 'inet_proto', 8),
  'meta nfproto': field('meta nfproto', 'integer', 8),
  'meta protocol': field('meta protocol', 'ether_type', 16),
  'meta mark': field('meta mark', 'mark', 32),
  'meta iif': field('iif', 'iface_index', 32),
  'meta oif': field('oif', 'iface_index', 32),
  'meta iifname': field('iifname', 'ifname', 128),
  'meta oifname': field('oifname', 'ifname', 128),
  'meta length': field('meta length', 'integer', 32),
  'meta pkttype': field('meta pkttype', 'pkt_type', 8),
} as const satisfies Record<string, FieldInfo>;

export type FieldName = keyof typeof FIELDS;

import type { DataType } from './data-type';

/**
 * What may be done with rules that differ only in this field: `element` folds into a set or map over it, `shared` has
 * to be equal in all, `barrier` stops folding (its reading changes state or time).
 */
export type Folding = 'element' | 'shared' | 'barrier';

/** The header that a field is read from; nft adds the match for it by itself. */
export type Header =
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

export interface FieldInfo<Type extends DataType = DataType, Needs extends Header | undefined = Header | undefined> {
  /** As nft writes it. */
  readonly text: string;
  readonly type: Type;
  readonly bits: number;
  readonly needs: Needs;
  readonly folding: Folding;
}

function field<Type extends DataType, Needs extends Header | undefined = undefined>(
  text: string,
  type: Type,
  bits: number,
  folding: Folding = 'element',
  needs?: Needs,
): FieldInfo<Type, Needs> {
  return { text, type, bits, folding, needs: needs as Needs };
}

/** Every header and meta field a match can read. */
export const FIELDS = {
  'ip version': field('ip version', 'integer', 4, 'element', 'ip'),
  'ip hdrlength': field('ip hdrlength', 'integer', 4, 'element', 'ip'),
  'ip dscp': field('ip dscp', 'dscp', 6, 'element', 'ip'),
  'ip ecn': field('ip ecn', 'ecn', 2, 'element', 'ip'),
  'ip length': field('ip length', 'integer', 16, 'element', 'ip'),
  'ip id': field('ip id', 'integer', 16, 'element', 'ip'),
  'ip frag-off': field('ip frag-off', 'integer', 16, 'element', 'ip'),
  'ip ttl': field('ip ttl', 'integer', 8, 'element', 'ip'),
  'ip protocol': field('ip protocol', 'inet_proto', 8, 'element', 'ip'),
  'ip checksum': field('ip checksum', 'integer', 16, 'element', 'ip'),
  'ip saddr': field('ip saddr', 'ipv4_addr', 32, 'element', 'ip'),
  'ip daddr': field('ip daddr', 'ipv4_addr', 32, 'element', 'ip'),
  'ip6 version': field('ip6 version', 'integer', 4, 'element', 'ip6'),
  'ip6 dscp': field('ip6 dscp', 'dscp', 6, 'element', 'ip6'),
  'ip6 ecn': field('ip6 ecn', 'ecn', 2, 'element', 'ip6'),
  'ip6 flowlabel': field('ip6 flowlabel', 'integer', 20, 'element', 'ip6'),
  'ip6 length': field('ip6 length', 'integer', 16, 'element', 'ip6'),
  'ip6 nexthdr': field('ip6 nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'ip6 hoplimit': field('ip6 hoplimit', 'integer', 8, 'element', 'ip6'),
  'ip6 saddr': field('ip6 saddr', 'ipv6_addr', 128, 'element', 'ip6'),
  'ip6 daddr': field('ip6 daddr', 'ipv6_addr', 128, 'element', 'ip6'),
  'ether saddr': field('ether saddr', 'ether_addr', 48, 'element', 'ether'),
  'ether daddr': field('ether daddr', 'ether_addr', 48, 'element', 'ether'),
  'ether type': field('ether type', 'ether_type', 16, 'element', 'ether'),
  'vlan id': field('vlan id', 'integer', 12, 'element', 'vlan'),
  'vlan dei': field('vlan dei', 'integer', 1, 'element', 'vlan'),
  'vlan pcp': field('vlan pcp', 'integer', 3, 'element', 'vlan'),
  'vlan type': field('vlan type', 'ether_type', 16, 'element', 'vlan'),
  'arp operation': field('arp operation', 'arp_op', 16, 'element', 'arp'),
  'arp htype': field('arp htype', 'integer', 16, 'element', 'arp'),
  'arp ptype': field('arp ptype', 'ether_type', 16, 'element', 'arp'),
  'arp hlen': field('arp hlen', 'integer', 8, 'element', 'arp'),
  'arp plen': field('arp plen', 'integer', 8, 'element', 'arp'),
  'arp saddr ip': field('arp saddr ip', 'ipv4_addr', 32, 'element', 'arp'),
  'arp saddr ether': field('arp saddr ether', 'ether_addr', 48, 'element', 'arp'),
  'arp daddr ip': field('arp daddr ip', 'ipv4_addr', 32, 'element', 'arp'),
  'arp daddr ether': field('arp daddr ether', 'ether_addr', 48, 'element', 'arp'),
  'tcp sport': field('tcp sport', 'inet_service', 16, 'element', 'tcp'),
  'tcp dport': field('tcp dport', 'inet_service', 16, 'element', 'tcp'),
  'tcp flags': field('tcp flags', 'tcp_flag', 8, 'shared', 'tcp'),
  'tcp sequence': field('tcp sequence', 'integer', 32, 'element', 'tcp'),
  'tcp ackseq': field('tcp ackseq', 'integer', 32, 'element', 'tcp'),
  'tcp doff': field('tcp doff', 'integer', 4, 'element', 'tcp'),
  'tcp reserved': field('tcp reserved', 'integer', 4, 'element', 'tcp'),
  'tcp window': field('tcp window', 'integer', 16, 'element', 'tcp'),
  'tcp checksum': field('tcp checksum', 'integer', 16, 'element', 'tcp'),
  'tcp urgptr': field('tcp urgptr', 'integer', 16, 'element', 'tcp'),
  'udp sport': field('udp sport', 'inet_service', 16, 'element', 'udp'),
  'udp dport': field('udp dport', 'inet_service', 16, 'element', 'udp'),
  'udp length': field('udp length', 'integer', 16, 'element', 'udp'),
  'udp checksum': field('udp checksum', 'integer', 16, 'element', 'udp'),
  'udplite sport': field('udplite sport', 'inet_service', 16, 'element', 'udplite'),
  'udplite dport': field('udplite dport', 'inet_service', 16, 'element', 'udplite'),
  'udplite checksum': field('udplite checksum', 'integer', 16, 'element', 'udplite'),
  'sctp sport': field('sctp sport', 'inet_service', 16, 'element', 'sctp'),
  'sctp dport': field('sctp dport', 'inet_service', 16, 'element', 'sctp'),
  'sctp checksum': field('sctp checksum', 'integer', 32, 'element', 'sctp'),
  'sctp vtag': field('sctp vtag', 'integer', 32, 'element', 'sctp'),
  'dccp sport': field('dccp sport', 'inet_service', 16, 'element', 'dccp'),
  'dccp dport': field('dccp dport', 'inet_service', 16, 'element', 'dccp'),
  'dccp type': field('dccp type', 'dccp_pkttype', 4, 'element', 'dccp'),
  'th sport': field('th sport', 'inet_service', 16, 'element', 'transport'),
  'th dport': field('th dport', 'inet_service', 16, 'element', 'transport'),
  'icmp type': field('icmp type', 'icmp_type', 8, 'element', 'icmp'),
  'icmp code': field('icmp code', 'icmp_code', 8, 'element', 'icmp'),
  'icmp checksum': field('icmp checksum', 'integer', 16, 'element', 'icmp'),
  'icmp id': field('icmp id', 'integer', 16, 'element', 'icmp'),
  'icmp sequence': field('icmp sequence', 'integer', 16, 'element', 'icmp'),
  'icmp mtu': field('icmp mtu', 'integer', 16, 'element', 'icmp'),
  'icmp gateway': field('icmp gateway', 'integer', 32, 'element', 'icmp'),
  'icmpv6 type': field('icmpv6 type', 'icmpv6_type', 8, 'element', 'icmpv6'),
  'icmpv6 code': field('icmpv6 code', 'icmpv6_code', 8, 'element', 'icmpv6'),
  'icmpv6 checksum': field('icmpv6 checksum', 'integer', 16, 'element', 'icmpv6'),
  'icmpv6 id': field('icmpv6 id', 'integer', 16, 'element', 'icmpv6'),
  'icmpv6 sequence': field('icmpv6 sequence', 'integer', 16, 'element', 'icmpv6'),
  'icmpv6 mtu': field('icmpv6 mtu', 'integer', 32, 'element', 'icmpv6'),
  'icmpv6 max-delay': field('icmpv6 max-delay', 'integer', 16, 'element', 'icmpv6'),
  'igmp type': field('igmp type', 'igmp_type', 8, 'element', 'igmp'),
  'igmp mrt': field('igmp mrt', 'integer', 8, 'element', 'igmp'),
  'igmp checksum': field('igmp checksum', 'integer', 16, 'element', 'igmp'),
  'igmp group': field('igmp group', 'integer', 32, 'element', 'igmp'),
  'esp spi': field('esp spi', 'integer', 32, 'element', 'esp'),
  'esp sequence': field('esp sequence', 'integer', 32, 'element', 'esp'),
  'ah nexthdr': field('ah nexthdr', 'inet_proto', 8, 'element', 'ah'),
  'ah hdrlength': field('ah hdrlength', 'integer', 8, 'element', 'ah'),
  'ah reserved': field('ah reserved', 'integer', 16, 'element', 'ah'),
  'ah spi': field('ah spi', 'integer', 32, 'element', 'ah'),
  'ah sequence': field('ah sequence', 'integer', 32, 'element', 'ah'),
  'comp nexthdr': field('comp nexthdr', 'inet_proto', 8, 'element', 'comp'),
  'comp flags': field('comp flags', 'bitmask', 8, 'element', 'comp'),
  'comp cpi': field('comp cpi', 'integer', 16, 'element', 'comp'),
  'hbh nexthdr': field('hbh nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'hbh hdrlength': field('hbh hdrlength', 'integer', 8, 'element', 'ip6'),
  'dst nexthdr': field('dst nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'dst hdrlength': field('dst hdrlength', 'integer', 8, 'element', 'ip6'),
  'frag nexthdr': field('frag nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'frag reserved': field('frag reserved', 'integer', 8, 'element', 'ip6'),
  'frag frag-off': field('frag frag-off', 'integer', 13, 'element', 'ip6'),
  'frag reserved2': field('frag reserved2', 'integer', 2, 'element', 'ip6'),
  'frag more-fragments': field('frag more-fragments', 'integer', 1, 'element', 'ip6'),
  'frag id': field('frag id', 'integer', 32, 'element', 'ip6'),
  'rt nexthdr': field('rt nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'rt hdrlength': field('rt hdrlength', 'integer', 8, 'element', 'ip6'),
  'rt type': field('rt type', 'integer', 8, 'element', 'ip6'),
  'rt seg-left': field('rt seg-left', 'integer', 8, 'element', 'ip6'),
  'srh flags': field('srh flags', 'integer', 8, 'element', 'ip6'),
  'srh tag': field('srh tag', 'integer', 16, 'element', 'ip6'),
  'srh last-entry': field('srh last-entry', 'integer', 8, 'element', 'ip6'),
  'mh nexthdr': field('mh nexthdr', 'inet_proto', 8, 'element', 'ip6'),
  'mh hdrlength': field('mh hdrlength', 'integer', 8, 'element', 'ip6'),
  'mh type': field('mh type', 'mh_type', 8, 'element', 'ip6'),
  'mh checksum': field('mh checksum', 'integer', 16, 'element', 'ip6'),
  'rt classid': field('rt classid', 'realm', 32),
  'rt nexthop': field('rt nexthop', 'integer', 128),
  'rt ip nexthop': field('rt ip nexthop', 'ipv4_addr', 32),
  'rt ip6 nexthop': field('rt ip6 nexthop', 'ipv6_addr', 128),
  'rt mtu': field('rt mtu', 'integer', 16),
  'rt ipsec': field('rt ipsec', 'boolean', 8),
  'socket transparent': field('socket transparent', 'boolean', 8),
  'socket mark': field('socket mark', 'mark', 32),
  'socket wildcard': field('socket wildcard', 'boolean', 8),
  'socket cgroupv2 level 1': field('socket cgroupv2 level 1', 'cgroupsv2', 64),
  'socket cgroupv2 level 2': field('socket cgroupv2 level 2', 'cgroupsv2', 64),
  'socket cgroupv2 level 3': field('socket cgroupv2 level 3', 'cgroupsv2', 64),
  'socket cgroupv2 level 4': field('socket cgroupv2 level 4', 'cgroupsv2', 64),
  'socket cgroupv2 level 5': field('socket cgroupv2 level 5', 'cgroupsv2', 64),
  'socket cgroupv2 level 6': field('socket cgroupv2 level 6', 'cgroupsv2', 64),
  'socket cgroupv2 level 7': field('socket cgroupv2 level 7', 'cgroupsv2', 64),
  'socket cgroupv2 level 8': field('socket cgroupv2 level 8', 'cgroupsv2', 64),
  'meta l4proto': field('meta l4proto', 'inet_proto', 8),
  'meta nfproto': field('meta nfproto', 'nf_proto', 8),
  'meta protocol': field('meta protocol', 'ether_type', 16),
  'meta length': field('meta length', 'integer', 32),
  'meta priority': field('meta priority', 'classid', 32),
  'meta random': field('meta random', 'integer', 32, 'barrier'),
  'meta ibrname': field('meta ibrname', 'ifname', 128),
  'meta obrname': field('meta obrname', 'ifname', 128),
  'meta secpath': field('meta secpath', 'boolean', 8),
  'meta ipsec': field('meta ipsec', 'boolean', 8),
  'meta hour': field('meta hour', 'hour', 64),
  'meta day': field('meta day', 'day', 8),
  'meta time': field('meta time', 'time', 64),
  'meta pkttype': field('meta pkttype', 'pkt_type', 8),
  'meta cpu': field('meta cpu', 'integer', 32),
  'meta cgroup': field('meta cgroup', 'integer', 32),
  'meta iifkind': field('meta iifkind', 'ifname', 128),
  'meta oifkind': field('meta oifkind', 'ifname', 128),
  'meta secmark': field('meta secmark', 'integer', 32),
  'meta sdif': field('meta sdif', 'iface_index', 32),
  'meta sdifname': field('meta sdifname', 'ifname', 128),
  'meta mark': field('meta mark', 'mark', 32),
  'meta iif': field('iif', 'iface_index', 32),
  'meta oif': field('oif', 'iface_index', 32),
  'meta iifname': field('iifname', 'ifname', 128),
  'meta oifname': field('oifname', 'ifname', 128),
  'meta iiftype': field('iiftype', 'iface_type', 16),
  'meta oiftype': field('oiftype', 'iface_type', 16),
  'meta skuid': field('meta skuid', 'uid', 32),
  'meta skgid': field('meta skgid', 'gid', 32),
  'meta nftrace': field('meta nftrace', 'integer', 1),
  'meta rtclassid': field('meta rtclassid', 'realm', 32),
  'meta iifgroup': field('iifgroup', 'devgroup', 32),
  'meta oifgroup': field('oifgroup', 'devgroup', 32),
} as const satisfies Record<string, FieldInfo>;

export type FieldName = keyof typeof FIELDS;

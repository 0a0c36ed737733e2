/** The nft data types a key, a map's data or a constant can have. */
export type DataType =
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'ether_addr'
  | 'inet_proto'
  | 'nf_proto'
  | 'inet_service'
  | 'ifname'
  | 'iface_index'
  | 'iface_type'
  | 'mark'
  | 'ct_state'
  | 'ct_dir'
  | 'ct_status'
  | 'ct_label'
  | 'ct_id'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmpv6_type'
  | 'icmpv6_code'
  | 'icmpx_code'
  | 'tcp_flag'
  | 'bitmask'
  | 'ether_type'
  | 'arp_op'
  | 'dscp'
  | 'ecn'
  | 'fib_addrtype'
  | 'pkt_type'
  | 'uid'
  | 'gid'
  | 'devgroup'
  | 'realm'
  | 'classid'
  | 'cgroupsv2'
  | 'time'
  | 'day'
  | 'hour'
  | 'integer'
  | 'boolean'
  | 'string'
  | 'mh_type'
  | 'dccp_pkttype'
  | 'igmp_type';

const BIT_TYPES: ReadonlySet<DataType> = new Set<DataType>([
  'ct_state',
  'ct_status',
  'ct_label',
  'tcp_flag',
  'bitmask',
]);

/** Whether a value of the type is a set of bits, each with a meaning of its own. */
export function isBits(type: DataType | undefined): boolean {
  return type !== undefined && BIT_TYPES.has(type);
}

const TEXT_TYPES: ReadonlySet<DataType> = new Set<DataType>(['ifname', 'iface_index', 'string']);

/** Whether a value of the type is a text, and no number with names. */
export function isText(type: DataType | undefined): boolean {
  return type !== undefined && TEXT_TYPES.has(type);
}

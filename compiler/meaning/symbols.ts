import type { DataType } from '../../dsl/ruleset/data-type';
import { PROTOCOLS, type Registry, SERVICES } from './registries';

type Table = Readonly<Record<string, number>>;

export const ICMP_TYPES: Table = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
};

export const ICMPV6_TYPES: Table = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
};

const ICMP_CODES: Table = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};

const ICMPV6_CODES: Table = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
};

export const DSCP_CLASSES: Table = {
  be: 0,
  cs0: 0,
  df: 0,
  lephb: 1,
  cs1: 8,
  cs2: 16,
  cs3: 24,
  cs4: 32,
  cs5: 40,
  cs6: 48,
  cs7: 56,
  af11: 10,
  af12: 12,
  af13: 14,
  af21: 18,
  af22: 20,
  af23: 22,
  af31: 26,
  af32: 28,
  af33: 30,
  af41: 34,
  af42: 36,
  af43: 38,
  va: 44,
  ef: 46,
};

/** RTN_* of linux/rtnetlink.h. */
export const ADDRESS_TYPES: Table = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
};

/** Bits of IPS_* (linux/netfilter/nf_conntrack_common.h). */
export const CT_STATUS: Table = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
};

export const TCP_FLAGS: Table = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 };

/** What nft calls options of TCP; others go by their number. */
const TCP_OPTIONS: Table = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  timestamp: 8,
  md5sig: 19,
  mptcp: 30,
  fastopen: 34,
};

export function tcpOptionName(kind: number): string {
  return Object.keys(TCP_OPTIONS).find((name) => TCP_OPTIONS[name] === kind) ?? String(kind);
}

const SYMBOLS: Readonly<Partial<Record<DataType, Table>>> = {
  icmp_type: ICMP_TYPES,
  icmpv6_type: ICMPV6_TYPES,
  icmp_code: ICMP_CODES,
  icmpv6_code: ICMPV6_CODES,
  dscp: DSCP_CLASSES,
  ecn: { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 },
  fib_addrtype: ADDRESS_TYPES,
  ct_state: { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 },
  ct_status: CT_STATUS,
  ct_dir: { original: 0, reply: 1 },
  tcp_flag: TCP_FLAGS,
  nf_proto: { ipv4: 2, ipv6: 10 },
  ether_type: { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100, '8021q': 0x8100, '8021ad': 0x88a8 },
  arp_op: { request: 1, reply: 2, rrequest: 3, rreply: 4, inrequest: 8, inreply: 9, nak: 10 },
  pkt_type: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
  mh_type: {
    'binding-refresh-request': 0,
    'home-test-init': 1,
    'careof-test-init': 2,
    'home-test': 3,
    'careof-test': 4,
    'binding-update': 5,
    'binding-acknowledgement': 6,
    'binding-error': 7,
    'fast-binding-update': 8,
    'fast-binding-acknowledgement': 9,
    'fast-binding-advertisement': 10,
    'experimental-mobility-header': 11,
    'home-agent-switch-message': 12,
  },
  dccp_pkttype: {
    request: 0,
    response: 1,
    data: 2,
    ack: 3,
    dataack: 4,
    closereq: 5,
    close: 6,
    reset: 7,
    sync: 8,
    syncack: 9,
  },
  igmp_type: {
    'membership-query': 0x11,
    'membership-report-v1': 0x12,
    'membership-report-v2': 0x16,
    'leave-group': 0x17,
    'membership-report-v3': 0x22,
  },
  boolean: { missing: 0, exists: 1 },
  day: { Sunday: 0, Monday: 1, Tuesday: 2, Wednesday: 3, Thursday: 4, Friday: 5, Saturday: 6 },
  devgroup: { default: 0 },
  realm: { cosmos: 0 },
  uid: { root: 0 },
  gid: { root: 0 },
  iface_type: { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776, ipgre: 778 },
};

const REGISTRIES: Readonly<Partial<Record<DataType, Registry>>> = { inet_proto: PROTOCOLS, inet_service: SERVICES };

/** The number a name stands for where `type` is wanted; undefined for one that is not known. */
export function symbolNumber(name: string, type: DataType | undefined): bigint | undefined {
  const number = symbolIn(name, type);
  return number === undefined ? undefined : BigInt(number);
}

/** The same as a number of no great size. */
export function symbolIn(name: string, type: DataType | undefined): number | undefined {
  if (type === undefined) return undefined;
  const table = SYMBOLS[type];
  return table && Object.hasOwn(table, name) ? table[name] : REGISTRIES[type]?.numberOf(name);
}

/** The shortest spelling of a number of a type: its name where it has one. */
export function numberText(value: number, type: DataType): string {
  const table = SYMBOLS[type] ?? {};
  const name = Object.keys(table).find((one) => table[one] === value) ?? REGISTRIES[type]?.nameOf(value);
  return name ?? String(value);
}

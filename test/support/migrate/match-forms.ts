import type { Forms } from './forms';

const PORTS = ['{!}--sport {ports}', '{!}--source-port {ports}', '{!}--dport {ports}', '{!}--destination-port {port}'];
const LISTS = [
  '{!}--sports {portlist}',
  '{!}--source-ports {portlist}',
  '{!}--dports {portlist}',
  '{!}--destination-ports {portlist}',
  '{!}--ports {portlist}',
];

export const MATCH_FORMS: Readonly<Record<string, Forms>> = {
  addrtype: {
    always: '{!}--src-type {addrtype}|{!}--dst-type {addrtype}',
    forms: ['{!}--src-type {addrtype}', '{!}--dst-type {addrtype}', '--limit-iface-in', '--limit-iface-out'],
    chains: ['FORWARD'],
  },
  ah: { protocol: 'ah', forms: ['{!}--ahspi {range32}', '{!}--ahlen {n255}', '--ahres'] },
  cgroup: { one: true, forms: ['{!}--cgroup {n255}'] },
  cluster: {
    always:
      '{!}--cluster-local-node {n3} --cluster-total-nodes 4 --cluster-hash-seed {hex}|{!}--cluster-local-nodemask {n9} --cluster-total-nodes 3 --cluster-hash-seed {hex}',
    forms: [],
  },
  comment: { one: true, forms: ['--comment "{words}"', '--comment {word}'] },
  connbytes: {
    one: true,
    forms: ['{!}--connbytes {openrange} --connbytes-dir {direction} --connbytes-mode {bytesmode}'],
  },
  connlabel: { one: true, forms: ['{!}--label {n127}', '{!}--label {n127} --set'] },
  connlimit: {
    always: '{!}--connlimit-above {n255}|{!}--connlimit-upto {n255}',
    forms: [
      '--connlimit-mask {prefix}',
      '--connlimit-saddr|--connlimit-daddr',
      '{!}--connlimit-above {n255}',
      '{!}--connlimit-upto {n255}',
    ],
  },
  connmark: { one: true, forms: ['{!}--mark {mark}'] },
  conntrack: {
    forms: [
      '{!}--ctstate {states}',
      '{!}--ctproto {proto}',
      '{!}--ctorigsrc {net}',
      '{!}--ctorigdst {net}',
      '{!}--ctreplsrc {net}',
      '{!}--ctrepldst {ip}',
      '{!}--ctorigsrcport {ports}',
      '{!}--ctorigdstport {port}',
      '{!}--ctreplsrcport {port}',
      '{!}--ctrepldstport {ports}',
      '{!}--ctstatus {status}',
      '{!}--ctexpire {range16}',
      '--ctdir ORIGINAL|--ctdir REPLY',
    ],
  },
  cpu: { one: true, forms: ['{!}--cpu {n3}'] },
  dccp: { protocol: 'dccp', forms: [...PORTS, '{!}--dccp-types {dccp}', '{!}--dccp-option {n255}'] },
  devgroup: { forms: ['{!}--src-group {n255}|{!}--dst-group {n255}'], chains: ['FORWARD'] },
  dscp: { one: true, forms: ['{!}--dscp {n63}', '{!}--dscp-class {class}'] },
  dst: { forms: ['{!}--dst-len {headerlength}', '--dst-opts {headeroptions}'] },
  ecn: { protocol: 'tcp', forms: ['{!}--ecn-tcp-cwr', '{!}--ecn-tcp-ece', '{!}--ecn-ip-ect {n3}'] },
  esp: { protocol: 'esp', one: true, forms: ['{!}--espspi {range32}'] },
  eui64: { forms: [], chains: ['PREROUTING', 'INPUT', 'FORWARD'] },
  frag: {
    forms: ['{!}--fragid {range32}', '--fraglen {n255}', '--fragres', '--fragfirst', '--fragmore|--fraglast'],
  },
  hashlimit: {
    always:
      '--hashlimit-upto {rate} --hashlimit-name {name}|--hashlimit-above {rate} --hashlimit-name {name}|--hashlimit {rate} --hashlimit-name {name}',
    forms: [
      '--hashlimit-burst {n255}',
      '--hashlimit-mode {hashmode}',
      '--hashlimit-srcmask {prefix}',
      '--hashlimit-dstmask {prefix}',
      '--hashlimit-htable-size {n255}',
      '--hashlimit-htable-max {n255}',
      '--hashlimit-htable-gcinterval {n255}',
      '--hashlimit-htable-expire {n9}000',
      '--hashlimit-rate-match --hashlimit-rate-interval {n9}',
    ],
  },
  hbh: { forms: ['{!}--hbh-len {headerlength}', '--hbh-opts {headeroptions}'] },
  helper: { one: true, forms: ['{!}--helper ftp', '{!}--helper sip-5060'] },
  hl: { one: true, forms: ['{!}--hl-eq {n255}', '{!}--hl {n255}', '--hl-lt {n255}', '--hl-gt {n255}'] },
  icmp: { one: true, protocol: 'icmp', forms: ['{!}--icmp-type {icmp}'] },
  icmp6: { one: true, protocol: 'ipv6-icmp', forms: ['{!}--icmpv6-type {icmp6}'] },
  ipcomp: { protocol: 'ipcomp', forms: ['{!}--ipcompspi {range16}', '--compres'] },
  iprange: { forms: ['{!}--src-range {iprange}', '{!}--dst-range {iprange}'] },
  ipv6header: { always: '{!}--header {headers}|{!}--header {headers} --soft', forms: [] },
  length: { one: true, forms: ['{!}--length {range16}'] },
  limit: { forms: ['--limit {rate}', '--limit-burst {n255}'] },
  mac: { one: true, forms: ['{!}--mac-source {mac}'], chains: ['INPUT', 'FORWARD', 'PREROUTING'] },
  mark: { one: true, forms: ['{!}--mark {mark}'] },
  mh: { one: true, protocol: 'ipv6-mh', forms: ['{!}--mh-type {mobility}'] },
  multiport: { one: true, protocol: 'tcp|udp|sctp|dccp', forms: LISTS },
  osf: {
    protocol: 'tcp',
    always: '{!}--genre {genre}',
    forms: ['--ttl {n1}', '--ttl 2', '--log {n1}'],
    chains: ['PREROUTING', 'INPUT', 'FORWARD'],
  },
  owner: {
    forms: ['{!}--uid-owner {ids}', '{!}--gid-owner {ids}', '{!}--socket-exists', '--suppl-groups'],
    chains: ['OUTPUT', 'POSTROUTING'],
  },
  physdev: {
    forms: [
      '{!}--physdev-in {iface}',
      '{!}--physdev-out {iface}',
      '{!}--physdev-is-in',
      '{!}--physdev-is-out',
      '{!}--physdev-is-bridged',
    ],
    chains: ['FORWARD'],
  },
  pkttype: { one: true, forms: ['{!}--pkt-type unicast|{!}--pkt-type broadcast|{!}--pkt-type multicast'] },
  policy: {
    always: '--dir in --pol ipsec',
    forms: [
      '{!}--reqid {n255}',
      '{!}--spi {n255}',
      '{!}--proto esp|{!}--proto ah',
      '{!}--mode transport|{!}--mode tunnel',
      '--strict',
      '{!}--tunnel-src {ip} --mode tunnel --strict',
      '--mode tunnel {!}--tunnel-dst {ip} --strict --next',
    ],
    chains: ['PREROUTING', 'INPUT', 'FORWARD'],
  },
  quota: { one: true, forms: ['{!}--quota {n65535}', '{!}--quota 18446744073709551615'] },
  realm: { one: true, forms: ['{!}--realm {mark}'] },
  // A list that nothing is added to cannot be told from an empty set in nft's JSON.
  recent: {
    always:
      '{!}--set|{!}--update --seconds {n255}|{!}--rcheck --seconds {n255} --reap|{!}--update --seconds {n9} --hitcount {n9}|--set --name both -m recent {!}--remove --name both',
    forms: ['--name {name}', '--rsource|--rdest', '--mask {netmask}', '--rttl'],
  },
  rpfilter: { forms: ['--loose', '--validmark', '--accept-local', '--invert'] },
  rt: {
    forms: [
      '{!}--rt-type {range8}',
      '{!}--rt-segsleft {range8}',
      '{!}--rt-len {headerlength}',
      '--rt-type 0 --rt-0-res|--rt-type 0 --rt-0-addrs {ip} --rt-0-not-strict',
    ],
  },
  sctp: {
    protocol: 'sctp',
    forms: [...PORTS, '{!}--chunk-types any {chunks}|{!}--chunk-types all {chunks}|{!}--chunk-types only {chunks}'],
  },
  set: {
    always: '{!}--match-set {set}|{!}--set {set}',
    forms: [
      '--return-nomatch',
      '{!}--update-counters',
      '{!}--update-subcounters',
      '{!}--packets-eq {n9}',
      '--packets-lt {n9}',
      '--packets-gt {n9}',
      '{!}--bytes-eq {n9}',
      '--bytes-lt {n9}',
      '--bytes-gt {n9}',
    ],
  },
  socket: { forms: ['--transparent', '--nowildcard', '--restore-skmark'] },
  srh: {
    forms: [
      '{!}--srh-next-hdr {proto}',
      '{!}--srh-hdr-len-eq {n255}|{!}--srh-hdr-len-gt {n255}|{!}--srh-hdr-len-lt {n255}',
      '{!}--srh-segs-left-eq {n255}|{!}--srh-segs-left-gt {n255}|{!}--srh-segs-left-lt {n255}',
      '{!}--srh-last-entry-eq {n255}|{!}--srh-last-entry-gt {n255}|{!}--srh-last-entry-lt {n255}',
      '{!}--srh-tag {n65535}',
      '{!}--srh-psid {net}|{!}--srh-nsid {net}|{!}--srh-lsid {net}',
    ],
  },
  state: { one: true, forms: ['{!}--state {plainstates}'] },
  statistic: {
    one: true,
    forms: [
      '--mode random {!}--probability {chance}',
      '--mode nth {!}--every {n9} --packet 0',
      '--mode nth --every {n9}',
    ],
  },
  string: {
    one: true,
    forms: [
      '{!}--string "{words}" --algo bm',
      '{!}--string "{words}" --algo kmp --from {near} --to {far} --icase',
      '{!}--string GET --algo kmp --from {near} --to {far}',
      '{!}--hex-string "{hexbytes}" --algo bm --from {near} --to {far}',
    ],
  },
  tcp: { protocol: 'tcp', forms: [...PORTS, '{!}--syn', '{!}--tcp-flags {flags} {flags}', '{!}--tcp-option {n255}'] },
  tcpmss: { one: true, protocol: 'tcp', forms: ['{!}--mss {range16}'] },
  time: {
    forms: [
      '--timestart {clock}',
      '--timestop {clock}',
      '--timestart 22:30 --timestop {clock} --contiguous',
      '--datestart {date}',
      '--datestop {date}',
      '{!}--weekdays {weekdays}',
      '{!}--monthdays {monthdays}',
      '--kerneltz|--utc',
    ],
  },
  tos: { one: true, forms: ['{!}--tos {tos}'] },
  ttl: { one: true, forms: ['{!}--ttl-eq {n255}', '{!}--ttl {n255}', '--ttl-lt {n255}', '--ttl-gt {n255}'] },
  u32: { one: true, forms: ['{!}--u32 "{u32}"'] },
  udp: { protocol: 'udp', forms: PORTS },
};

import fc from 'fast-check';
import type { DataType } from '../../dsl/ruleset/data-type';
import { FIELDS, type FieldInfo } from '../../dsl/ruleset/fields';

/** Two values of each data type, and what stands for several where a type has it. */
const VALUES: Partial<Record<DataType, readonly string[]>> = {
  ipv4_addr: ['10.0.0.1', '10.9.0.1', '10.1.0.0/16', '10.2.0.1-10.2.0.9'],
  ipv6_addr: ['fd00::1', 'fd09::1', 'fd01::/64', 'fd02::1-fd02::9'],
  ether_addr: ['02:42:ac:11:00:02', '02:42:ac:11:00:03'],
  inet_proto: ['tcp', 'udp', '99'],
  nf_proto: ['ipv4', 'ipv6'],
  inet_service: ['80', 'ssh', '1000-2000'],
  ifname: ['"eth0"', '"lo"', '"veth*"'],
  iface_index: ['"lo"', '7'],
  iface_type: ['ether', 'loopback'],
  mark: ['0x1', '7', '0x10-0x20'],
  icmp_type: ['echo-request', 'timestamp-reply', '42'],
  icmp_code: ['net-unreachable', '3'],
  icmpv6_type: ['nd-redirect', 'mld2-listener-report', '200'],
  icmpv6_code: ['no-route', '3'],
  tcp_flag: ['syn', 'fin', 'syn,ack'],
  bitmask: ['1', '2'],
  ether_type: ['ip', 'arp', '0x1234'],
  arp_op: ['request', 'reply'],
  dscp: ['cs1', 'af11', '0x3'],
  ecn: ['ce', 'ect0'],
  pkt_type: ['broadcast', 'host'],
  uid: ['1000', '7', '0-99'],
  gid: ['1000', '7'],
  devgroup: ['7', 'default'],
  realm: ['7', '8'],
  classid: ['1:2', 'none'],
  time: ['"2026-01-01 10:00:00"', '"2026-01-02 10:00:00"'],
  day: ['"Monday"', '"Sunday"'],
  hour: ['"17:00"', '"09:00"', '"10:00"-"12:00"'],
  boolean: ['exists', 'missing'],
  mh_type: ['binding-update', 'home-test'],
};

function valuesOf({ type }: FieldInfo): readonly string[] {
  return VALUES[type] ?? ['1', '5', '2-3'];
}

const FORMS = ['is', 'is not', 'list', 'not in list', 'verdicts', 'order', 'mask', 'with mark', 'assign'] as const;
type Form = (typeof FORMS)[number];

/** A match of one field in a form that nft has. */
function matchOf(field: FieldInfo, form: Form, pick: number, op: string): string {
  const values = valuesOf(field);
  const [first = '', second = ''] = values;
  switch (form) {
    case 'is':
      return `${field.text} ${values[pick % values.length] ?? first}`;
    case 'is not':
      return `${field.text} != ${values[pick % values.length] ?? first}`;
    case 'list':
      return `${field.text} { ${first}, ${second} }`;
    case 'not in list':
      return `${field.text} != { ${first}, ${second} }`;
    case 'verdicts':
      return `${field.text} vmap { ${first} : accept, ${second} : jump other }`;
    case 'order':
      return `${field.text} ${op} ${first}`;
    case 'mask':
      return `${field.text} & ${first} ${op} ${second}`;
    case 'with mark':
      return `${field.text} . meta mark { ${first} . 0x1, ${second} . 0x2 }`;
    case 'assign':
      return `${field.text} set ${first}`;
  }
}

const fieldMatch = fc
  .record({
    field: fc.constantFrom(...Object.values<FieldInfo>(FIELDS)),
    form: fc.constantFrom(...FORMS),
    pick: fc.nat(3),
    op: fc.constantFrom('<', '>', '<=', '>=', '=='),
  })
  .map(({ field, form, pick, op }) => matchOf(field, form, pick, op));

/** Every field in every form. */
export const FIELD_MATCHES: readonly string[] = Object.values<FieldInfo>(FIELDS).flatMap((field) =>
  FORMS.map((form) => {
    const [first = ''] = valuesOf(field);
    return form === 'mask' ? `${field.text} & ${first} == ${first}` : matchOf(field, form, 0, '==');
  }),
);

/** Every other match and statement. */
export const STATEMENTS = `ct state new
ct state == new
ct state ! new,established
ct state { established, related }
ct state vmap { new : accept, established : drop }
ct status dnat
ct status & (snat | dnat) != 0
ct mark & 0xff == 2
ct mark set meta mark
ct zone 1
ct label 7
ct direction original
ct expiration 30s-60s
ct helper "ftp"
ct original ip saddr 10.0.0.0/8
ct reply ip6 daddr fd00::1
ct original bytes > 100
ct count over 10
ct event set new,related,destroy
fib saddr . iif oif missing
fib daddr . mark . iif type { local, unicast }
fib daddr type vmap { local : accept, blackhole : drop }
tcp option maxseg size set rt mtu
tcp option sack left 1
tcp option nop missing
tcp option 254 exists
reset tcp option timestamp
reset tcp option 254
@ih,0,32 0x47455420
ip option rr exists
sctp chunk data exists
exthdr hbh exists
ipsec in reqid 5
ipsec out spnum 1 spi 0x100
ipsec in ip saddr 10.0.0.0/8
osf name "Linux"
osf ttl skip version "Linux:4.20"
ip saddr & 255.255.255.0 == 10.0.0.0
tcp flags & (syn | ack) == syn
tcp flags syn / syn,ack
tcp flags == 0x0
tcp flags ! syn
meta mark set meta mark & 0xffffff00 | 0x1
meta mark set jhash ip saddr . tcp dport mod 16 seed 0xdeadbeef offset 3
numgen inc mod 10 vmap { 0-4 : accept, 5-9 : drop }
symhash mod 2 vmap { 0 : accept, 1 : drop }
limit rate 10/second
limit rate over 10/hour burst 7 packets
limit rate 1 mbytes/second
limit rate over 100 kbytes/second burst 9 kbytes
limit name "lim"
quota over 500 bytes
quota 10 mbytes used 3 kbytes
quota name "quo"
counter
counter packets 5 bytes 10
counter name "cnt"
counter name ip saddr map { 10.0.0.1 : "cnt" }
log
log prefix "a b: " level warn
log group 2 snaplen 33 queue-threshold 5
log flags tcp sequence,options flags ip options flags skuid flags ether
reject
reject with tcp reset
reject with icmp host-unreachable
reject with icmpv6 addr-unreachable
reject with icmpx no-route
queue flags bypass,fanout to 1-3
queue to symhash mod 2 offset 65536
add @dyn { ip saddr }
update @dyn { ip saddr timeout 1h limit rate over 3/second burst 2 packets }
add @dyn { ip saddr ct count over 5 }
delete @dyn { ip saddr }
update @learnt { ip saddr timeout 5s : tcp dport }
ip saddr @set4
ip saddr . tcp dport != @pairs
ip saddr vmap @verdicts
iifname . ip saddr . tcp dport { "a" . 10.0.0.1 . 1-5, "b" . 10.0.0.0/8 . 7 }
ip saddr vmap { 10.0.0.1 : jump other, * : drop }
meta hour "10:00"-"18:00"
meta mark != 0x10000/16
meta priority set 1:2
@th,16,16 80
@nh,96,32 0x0a000001
@ll,0,48 0x0242ac110002
notrack
dup to 10.0.0.1 device "lo"
synproxy mss 1460 wscale 9 timestamp sack-perm
meta l4proto tcp tproxy to :80`.split('\n');

const verdict = fc.constantFrom(
  '',
  'accept',
  'drop',
  'return',
  'jump other',
  'goto other',
  'counter accept comment "a b"',
);

/** A rule, which nft may refuse: not every field has every form. */
export const rule = fc
  .tuple(fc.oneof(fieldMatch, fieldMatch, fc.constantFrom(...STATEMENTS)), verdict)
  .map((parts) => parts.filter(Boolean).join(' '));

/** Where a rule has to stand for the kernel to take it. */
function baseOf(text: string): string {
  if (/synproxy|reject/.test(text)) return 'type filter hook forward priority 0; ';
  if (/notrack|tproxy/.test(text)) return 'type filter hook prerouting priority 0; ';
  return '';
}

/** A table with what rules can speak of and a chain with one rule, in one line. */
export function tableWith(name: string, text: string): string {
  return [
    `table ${/^arp/.test(text) ? 'arp' : 'inet'} ${name} {`,
    'limit lim { rate 1/second; };',
    'quota quo { over 5 bytes; };',
    'counter cnt { };',
    'set dyn { type ipv4_addr; flags dynamic,timeout; size 100; };',
    'map learnt { type ipv4_addr : inet_service; flags dynamic,timeout; size 100; };',
    'set set4 { type ipv4_addr; flags interval; };',
    'set pairs { type ipv4_addr . inet_service; };',
    'map verdicts { type ipv4_addr : verdict; };',
    'chain other { };',
    `chain c { ${baseOf(text)}${text}; };`,
    '};',
  ].join(' ');
}

import { MACS } from './kernel';
import { oneOf, type Random } from './random';
import type { Addresses } from './random-rules';

interface BaseChain {
  readonly name: string;
  readonly head: string;
  readonly statements: readonly string[];
}

const COMMON = ['accept', 'return', 'jump one', 'jump two', 'goto one', 'counter', 'continue'];
/** What is written to headers; nothing that conntrack would have to know of. */
const mangles = (ip: 'ip' | 'ip6') => [
  `${ip} dscp set cs1`,
  ...(ip === 'ip' ? ['ip dscp set 46', 'ip ecn set ce'] : ['ip6 dscp set 40']),
  ip === 'ip' ? 'ip ttl set 10' : 'ip6 hoplimit set 10',
  'meta priority set 1:2',
  'tcp window set 512',
  'log prefix "seen "',
  'log group 3',
  'limit rate 1000000/second',
  'limit rate over 1000000/second drop',
  'quota over 100 mbytes drop',
  'quota 100 mbytes',
  'ct count over 60000 drop',
  'limit name "plenty"',
  'quota name "wide"',
  'counter name "seen"',
  'add @learnt { th dport }',
  'update @learnt { th dport limit rate 1000000/second }',
];
const mapped = (ip: 'ip' | 'ip6') => [
  `meta mark set ${ip} saddr map @marks`,
  'meta mark set tcp dport map { 80 : 0x1, 443 : 0x6 }',
  'meta mark set meta l4proto map { tcp : 0x4, udp : 0x2 }',
  'ct mark set udp dport map { 53 : 0x7, 80-90 : 0x2 }',
];
const MARKS = [
  'meta mark set 1',
  'meta mark set meta mark or 4',
  'meta mark set meta mark and 3',
  'meta mark set meta mark xor 6',
  'meta mark set ct mark',
  'ct mark set meta mark',
  'ct mark set 2',
  'meta mark set ct mark and 0x6',
  'ct mark set ct mark or 0x4',
  'ct mark set meta mark and 0x3',
  'meta mark set meta mark << 1',
  'meta mark set 0xffffffff',
];

export function nftText(below: Random, family: 4 | 6, addresses: Addresses): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const { targets } = addresses;
  const more = [...mangles(ip), ...mapped(ip)];
  const wrapped = (address: string) => (family === 4 ? address : `[${address}]`);
  const reject = [
    'reject',
    family === 4 ? 'reject with icmp type admin-prohibited' : 'reject with icmpv6 type addr-unreachable',
    'reject with icmpx type host-unreachable',
    ...['port-unreachable', 'admin-prohibited', 'no-route'].map((code) => `reject with icmpx ${code}`),
    ...(family === 4
      ? ['net-unreachable', 'prot-unreachable', 'net-prohibited', 'host-prohibited'].map(
          (code) => `reject with icmp ${code}`,
        )
      : ['no-route', 'admin-prohibited', 'policy-fail', 'reject-route'].map((code) => `reject with icmpv6 ${code}`)),
    'meta l4proto tcp reject with tcp reset',
  ];
  const dnat = [
    `dnat ${ip} to ${oneOf(below, targets)}`,
    `dnat ${ip} to ${ip} daddr map @moved`,
    `meta l4proto { tcp, udp } dnat ${ip} to ${ip} daddr . th dport map @published`,
    `dnat ${ip} to udp dport map { 53 : ${oneOf(below, targets)}, 80-90 : ${oneOf(below, targets)} }`,
    `meta l4proto { tcp, udp } dnat ${ip} to ${wrapped(oneOf(below, targets))}:${oneOf(below, [80, 8080])}`,
    `dnat ${ip} to ${ip} daddr map { ${addresses.servers[0]} : ${oneOf(below, targets)}, ${addresses.local[0]} : ${oneOf(below, targets)} }`,
    `dnat ${ip} to meta l4proto . th dport map { tcp . 80 : ${oneOf(below, targets)} . 8080, udp . 53 : ${oneOf(below, targets)} . 53 }`,
  ];
  const redirect = family === 4 ? ['redirect', 'meta l4proto tcp redirect to :8080'] : [];
  const bases: readonly BaseChain[] = [
    {
      name: 'raw_pre',
      head: 'filter hook prerouting priority -300',
      statements: [...COMMON, 'drop', 'notrack', ...MARKS, ...more],
    },
    {
      name: 'mangle_pre',
      head: 'filter hook prerouting priority -150',
      statements: [...COMMON, 'drop', ...MARKS, ...more],
    },
    {
      name: 'nat_pre',
      head: 'nat hook prerouting priority -100',
      statements: ['accept', 'return', 'jump one', 'counter', ...dnat, ...dnat, ...redirect],
    },
    { name: 'late_pre', head: 'filter hook prerouting priority 0', statements: [...COMMON, 'drop', ...MARKS] },
    { name: 'input', head: 'filter hook input priority 0', statements: [...COMMON, 'drop', ...reject, ...MARKS] },
    {
      name: 'forward',
      head: 'filter hook forward priority 0',
      statements: [...COMMON, 'drop', 'drop', ...reject, ...MARKS, ...more],
    },
    { name: 'forward_late', head: 'filter hook forward priority 10', statements: [...COMMON, 'drop', ...reject] },
    { name: 'output', head: 'filter hook output priority 0', statements: [...COMMON, 'drop', ...reject, ...MARKS] },
    { name: 'route_out', head: 'route hook output priority -150', statements: [...COMMON, 'drop', ...MARKS] },
    { name: 'input_twin', head: 'filter hook input priority 0', statements: [...COMMON, 'drop', ...reject, ...more] },
    { name: 'forward_twin', head: 'filter hook forward priority 0', statements: [...COMMON, 'drop', ...MARKS] },
    { name: 'early_pre', head: 'filter hook prerouting priority -500', statements: [...COMMON, ...MARKS, ...more] },
    {
      name: 'nat_in',
      head: 'nat hook input priority 100',
      statements: ['accept', 'return', 'counter', `snat ${ip} to ${oneOf(below, addresses.clients)}`],
    },
    { name: 'nat_out', head: 'nat hook output priority -100', statements: ['accept', 'return', ...dnat] },
    {
      name: 'nat_post',
      head: 'nat hook postrouting priority 100',
      statements: [
        'accept',
        'return',
        'jump one',
        'masquerade',
        'masquerade random',
        `snat ${ip} to ${ip} saddr map { ${addresses.clients[0]} : ${oneOf(below, addresses.targets)}, ${addresses.clients[1]} : ${oneOf(below, addresses.targets)} }`,
        `snat ${ip} to ${oneOf(below, addresses.targets)}`,
      ],
    },
    { name: 'mangle_post', head: 'filter hook postrouting priority -150', statements: [...COMMON, 'drop', ...MARKS] },
  ];
  const chosen = bases.filter(() => below(2) === 0);
  const chains = chosen.map(({ name, head, statements }) => {
    const policy = head.startsWith('filter') && below(4) === 0 ? 'drop' : 'accept';
    const rules = Array.from({ length: below(6) }, () => {
      const matches = nftMatches(below, family, addresses, name);
      return `    ${[...matches, nftVerdict(below, oneOf(below, statements))].join(' ')}`;
    });
    return `  chain ${name} {\n    type ${head}; policy ${policy};\n${rules.join('\n')}\n  }`;
  });
  const inner = (name: string, statements: readonly string[]) => {
    const rules = Array.from({ length: below(5) }, () => {
      const matches = nftMatches(below, family, addresses, name);
      return `    ${[...matches, nftVerdict(below, oneOf(below, statements))].join(' ')}`;
    });
    return `  chain ${name} {\n${rules.join('\n')}\n  }`;
  };
  const two = inner('two', [...more, 'accept', 'drop', 'return', 'counter', 'continue', ...MARKS]);
  const one = inner('one', ['accept', 'drop', 'return', 'jump two', 'goto two', 'counter', ...MARKS]);
  const set = `  set known { type ${family === 4 ? 'ipv4_addr' : 'ipv6_addr'}; flags interval; elements = { ${disjoint(addresses)} } }`;
  const pairs = `  set pairs { type ${family === 4 ? 'ipv4_addr' : 'ipv6_addr'} . inet_service; elements = { ${addresses.servers.map((address, at) => `${address} . ${[80, 53, 443][at]}`).join(', ')} } }`;
  const leads = `  map leads { type inet_service : verdict; elements = { 80 : accept, 53 : ${oneOf(below, ['drop', 'continue', 'jump two'])}, 443 : ${oneOf(below, ['accept', 'goto two', 'return'])} } }`;
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const blocks = `  set boxes { type ${address} . inet_service; flags interval; elements = { ${addresses.blocks[0]} . 50-90, ${addresses.blocks[1]} . 443, ${addresses.servers[0]} . 80-8080, ${addresses.blocks[3]} . 1-60 } }`;
  const named = [
    `  map ways { type ifname . ${address} : verdict; flags interval; elements = { "eth0" . ${addresses.blocks[0]} : accept, "eth1" . ${addresses.blocks[1]} : drop, "eth0" . ${addresses.clients[1]} : ${oneOf(below, ['jump two', 'continue', 'return'])} } }`,
    `  map marks { type ${address} : mark; flags interval; elements = { ${addresses.blocks[0]} : 0x3, ${addresses.servers[0]} : 0x5 } }`,
    `  map moved { type ${address} : ${address}; elements = { ${addresses.servers[0]} : ${oneOf(below, targets)}, ${addresses.servers[1]} : ${oneOf(below, targets)} } }`,
    `  map published { type ${address} . inet_service : ${address} . inet_service; elements = { ${addresses.servers[0]} . 80 : ${oneOf(below, targets)} . 8080, ${addresses.local[0]} . 443 : ${oneOf(below, targets)} . 443 } }`,
    '  map ports { type inet_service : verdict; flags interval; elements = { 1-60 : accept, 80 : continue, 90-500 : jump two } }',
    '  set learnt { type inet_service; flags dynamic; size 65535; }',
    '  set names { type ifname; flags interval; elements = { "eth0", "wg*" } }',
    '  limit plenty { rate 1000000/second; }',
    '  quota wide { 100 mbytes; }',
    '  counter seen { packets 0 bytes 0; }',
  ];
  return `table inet rules {\n${[set, pairs, blocks, two, leads, ...named, one, ...chains].join('\n')}\n}\n`;
}

function disjoint({ clients, servers, blocks }: Addresses): string {
  return [blocks[1], clients[1], clients[2], servers[0]].join(', ');
}

function nftVerdict(below: Random, statement: string): string {
  return below(8) === 0 &&
    statement !== 'notrack' &&
    !/nat|reject|masq|redirect|limit|quota|log|count|@/.test(statement)
    ? `counter ${statement}`.replace('counter counter', 'counter')
    : statement;
}

function nftMatches(
  below: Random,
  family: 4 | 6,
  { clients, servers, local, blocks }: Addresses,
  chain: string,
): string[] {
  const ip = family === 4 ? 'ip' : 'ip6';
  const late = /input|forward|output|post|late|nat/.test(chain);
  const all = [...clients, ...servers, ...local];
  const matches = [
    'meta l4proto tcp',
    'meta l4proto { tcp, udp }',
    'meta l4proto != udp',
    'tcp dport 80',
    'tcp dport { 80, 443, 8000-8100 }',
    'tcp dport != 80-100',
    'udp dport 53',
    ...(chain === 'two' ? [] : ['udp dport vmap @leads']),
    'th dport 80',
    'th sport < 30000',
    'tcp flags & (syn|ack) == syn',
    'tcp flags syn / syn,ack',
    'tcp flags ack',
    'tcp flags & (fin|syn|rst|ack) != syn',
    'icmp type echo-request',
    'icmpv6 type { echo-request, echo-reply }',
    `${ip} saddr ${oneOf(below, all)}`,
    `${ip} saddr ${oneOf(below, blocks)}`,
    `${ip} saddr != ${oneOf(below, blocks)}`,
    `${ip} daddr { ${oneOf(below, clients)}, ${oneOf(below, servers)} }`,
    `${ip} daddr != ${oneOf(below, all)}`,
    `${ip} daddr ${servers[0]}-${servers[2]}`,
    `${ip} saddr @known`,
    `${ip} daddr != @known`,
    `${ip} daddr . th dport @pairs`,
    `${ip} saddr . ${ip} daddr { ${clients[0]} . ${servers[0]}, ${clients[1]} . ${local[0]} }`,
    'iifname "eth0"',
    'iifname "eth*"',
    'iifname != "eth1"',
    'iifname . meta l4proto { "eth0" . tcp, "eth1" . udp }',
    'meta mark 1',
    'meta mark != 0',
    'meta mark & 4 == 4',
    'meta mark and 0x3 != 0x1',
    'meta mark 1-4',
    'ct state new',
    'ct state established,related',
    'ct state { invalid, untracked }',
    'ct state != established',
    'ct state vmap { invalid : drop, established : accept }',
    'ct direction reply',
    'ct mark 2',
    ...(chain === 'two'
      ? []
      : [
          `iifname . ${ip} saddr vmap @ways`,
          'th dport vmap @ports',
          'meta l4proto . th dport vmap { tcp . 80 : accept, udp . 53 : continue, udp . 80-90 : return }',
        ]),
    `${ip} saddr . th dport @boxes`,
    `${ip} daddr . th dport != @boxes`,
    'iifname @names',
    'meta length < 60',
    'meta length 60-100',
    'meta length != 29',
    family === 4 ? 'ip length > 60' : 'ip6 length > 60',
    `${ip} dscp cs1`,
    `${ip} dscp != { cs1, af11, ef }`,
    // nft 1.0.6 does not say to the kernel what it was told of IPv6's.
    ...(family === 4 ? ['ip dscp & 0x38 == 0x8'] : []),
    `${ip} ecn ce`,
    family === 4 ? 'ip ttl < 64' : 'ip6 hoplimit < 64',
    family === 4 ? 'ip ttl { 4, 5, 62-64 }' : 'ip6 hoplimit { 4, 5, 62-64 }',
    family === 4 ? 'ip protocol udp' : 'ip6 nexthdr udp',
    family === 4 ? 'ip hdrlength 5' : 'ip6 version 6',
    family === 4 ? 'ip id < 20' : 'ip6 flowlabel < 20',
    'meta protocol ip',
    'meta pkttype host',
    ...(/pre|input|forward/.test(chain)
      ? [
          `ether saddr ${MACS.eth0}`,
          `ether saddr != { ${MACS.eth0}, ${MACS.eth1} }`,
          'iif "eth0"',
          'meta iifgroup default',
          'iiftype ether',
        ]
      : []),
    'udp length > 20',
    'tcp window 512',
    'tcp window > 512',
    'tcp doff 6',
    'tcp sequence 1',
    'tcp option maxseg exists',
    'tcp option maxseg missing',
    'tcp option maxseg size > 1000',
    'tcp flags ! syn,rst',
    'tcp flags { syn, ack }',
    'tcp flags != syn',
    'tcp flags == 0x12',
    'icmp type != echo-request',
    'icmp code 1',
    'icmp type . icmp code { echo-request . 0, echo-reply . 3 }',
    'icmp id > 30000',
    'icmp sequence 1',
    'icmpv6 type echo-request',
    'icmpv6 code != 0',
    'icmpv6 id > 30000',
    '@th,16,16 80',
    '@th,0,16 > 30000',
    'meta l4proto . th dport { tcp . 80, udp . 53, tcp . 8000-9000 }',
    `meta nfproto . meta l4proto { ${family === 4 ? 'ipv4' : 'ipv6'} . tcp }`,
    'meta mark { 1, 4-6 }',
    'meta mark > 4',
    'meta mark & 0x6 != 0',
    'meta mark and 0x5 == 0x4',
    'ct mark & 0x6 == 0x2',
    'ct mark != 0',
    'ct mark { 2, 7 }',
    'ct state != { established, new }',
    'ct state & (new | established) != 0',
    'ct state vmap { new : continue, untracked : return }',
    'ct status confirmed',
    'ct status seen-reply',
    'ct status & (confirmed | dnat) == confirmed',
    'ct status ! dnat',
    'ct direction original',
    `ct original ${ip} daddr ${servers[0]}`,
    `ct original ${ip} saddr ${oneOf(below, blocks)}`,
    'meta l4proto tcp ct original proto-dst 80',
    'ct original protocol udp',
    'ct zone 0',
    'ct helper != "ftp"',
    'fib saddr type local',
    'fib daddr type { local, unicast }',
    ...(/pre|input|forward/.test(chain)
      ? ['fib saddr . iif oif exists', 'fib saddr . iif oif missing', 'fib daddr . iif type local']
      : []),
    ...(/pre$/.test(chain) ? ['fib daddr oifname "eth1"', 'fib saddr oif "eth0"'] : []),
    'fib daddr type vmap { local : continue, unicast : accept }',
    ...(family === 6 ? ['exthdr hbh exists', 'exthdr dst missing', 'hbh hdrlength 0', 'dst nexthdr udp'] : []),
    'meta skuid 0',
    'meta skuid != 0',
    'fib daddr type local',
    'fib daddr type != { local, broadcast }',
    ...(/nat|one|two/.test(chain) ? [] : ['meta nfproto ipv4']),
    ...(late ? ['ct status dnat', 'ct status & dnat == 0', 'ct status snat'] : []),
    ...(/forward|post|output|nat_out/.test(chain)
      ? ['oifname "eth1"', 'oifname != "eth1"', 'oifname { "eth0", "lo" }']
      : []),
  ];
  const count = below(3);
  const ofOne = (match: string) => /^(tcp|udp|icmpv6|icmp)\b/.exec(match)?.[1];
  const fits = /iifname/.exec(chain)
    ? matches
    : /post|output|nat_out/.test(chain)
      ? matches.filter((match) => chain.includes('post') || !match.includes('iifname'))
      : matches;
  const chosen = Array.from({ length: count }, () => oneOf(below, fits));
  // nft refuses a rule that asks for two protocols.
  const protocol = chosen.map(ofOne).find((one) => one !== undefined);
  return chosen.filter((match) => [undefined, protocol].includes(ofOne(match)));
}

import { base, compared, tableOf } from '../support/attacks';

const table = tableOf('ip');
const LEARNT = '  set seen { type ipv4_addr; flags dynamic; size 10; }\n';
const NAT = (rules: string) => base('prerouting', -100, rules, 'nat');

/** Pairs that look alike to who overlooks something; the kernel tells them apart. */
const DIFFERENT: readonly (readonly [what: string, one: string, other: string])[] = [
  [
    'of two chains of one priority the order of making counts',
    table(
      '  chain a { type filter hook forward priority 0; policy accept; meta mark set 1; }\n',
      '  chain b { type filter hook forward priority 0; policy accept; meta mark 1 drop; }\n',
    ),
    table(
      '  chain b { type filter hook forward priority 0; policy accept; meta mark 1 drop; }\n',
      '  chain a { type filter hook forward priority 0; policy accept; meta mark set 1; }\n',
    ),
  ],
  [
    'a chain of type nat stands where translation does, whatever its priority',
    table(base('prerouting', -50, 'dnat to 10.0.0.9', 'nat'), base('prerouting', -75, 'ip daddr 10.0.0.9 drop')),
    table(base('prerouting', -50, 'dnat to 10.0.0.9', 'nat'), base('prerouting', -25, '')),
  ],
  [
    'what is passed on has no way out before it is routed, and is no packet for the host either',
    table(base('prerouting', 0, 'oif 0 drop'), base('input', 0, '', 'filter', 'drop')),
    table(base('input', 0, '', 'filter', 'drop')),
  ],
  [
    'goto from a base chain leads to its policy, jump back to it',
    table('  chain c { return; }\n', base('forward', 0, 'goto c; accept', 'filter', 'drop')),
    table('  chain c { return; }\n', base('forward', 0, 'jump c; accept', 'filter', 'drop')),
  ],
  [
    'what the host sends to itself is known to conntrack when it comes in',
    table(base('prerouting', -300, 'iifname "lo" ct state new drop')),
    table(base('prerouting', -300, '')),
  ],
  [
    'what the host sends to itself is not translated once more when it comes in',
    table(NAT('iifname "lo" tcp dport 80 dnat to 10.0.0.9'), base('input', 0, 'iifname "lo" tcp dport 80 drop')),
    table(NAT('iifname "lo" tcp dport 80 dnat to 10.0.0.9'), base('input', 0, '')),
  ],
  [
    'the first packet of a connection that another announced is translated by rules',
    table(NAT('ct state related dnat to 10.0.0.9')),
    table(NAT('')),
  ],
  [
    'a way is chosen again for what a chain of type route marks',
    table(base('output', -150, 'meta mark set 1', 'route')),
    table(base('output', -150, 'meta mark set 1')),
  ],
  [
    'a queue lets packets go on',
    table(base('input', 0, 'queue num 1'), base('input', 10, 'tcp dport 80 drop')),
    table(base('input', 0, 'queue num 1'), base('input', 10, '')),
  ],
  [
    'a set has what was just added',
    table(LEARNT, base('forward', 0, 'add @seen { ip saddr }; ip saddr @seen drop')),
    table(LEARNT, base('forward', 0, 'ip saddr @seen add @seen { ip saddr } drop; add @seen { ip saddr }')),
  ],
  [
    'a set that is full takes no more, and the rule ends',
    table(LEARNT, base('forward', 0, 'add @seen { ip saddr } drop; ip saddr @seen accept')),
    table(LEARNT, base('forward', 0, 'add @seen { ip saddr }; drop; ip saddr @seen accept')),
  ],
  [
    'a set is asked for another address after a translation',
    table(LEARNT, NAT('dnat to 10.0.0.9'), base('forward', 0, 'ip daddr @seen drop')),
    table(
      LEARNT,
      base('prerouting', -150, 'ip daddr @seen meta mark set 1'),
      NAT('dnat to 10.0.0.9'),
      base('forward', 0, 'meta mark 1 drop'),
    ).replace('@seen meta mark set 1', '@seen meta mark set 1'),
  ],
  [
    'what a later packet left at its connection is found again, though it is dropped',
    table(base('forward', 0, 'ct state established ct mark set 1 drop')),
    table(base('forward', 0, 'ct state established drop')),
  ],
  [
    'so is its label',
    table(base('forward', 0, 'ct state established ct label set 1 drop')),
    table(base('forward', 0, 'ct state established drop')),
  ],
  [
    'each asking of a counter of packets is one',
    table(base('forward', 0, 'numgen inc mod 2 0 tcp dport 80 drop')),
    table(base('forward', 0, 'tcp dport 80 numgen inc mod 2 0 drop')),
  ],
  [
    'each draw is another',
    table('  chain c { numgen random mod 2 0 drop; }\n', base('prerouting', 0, 'jump c'), base('forward', 0, 'jump c')),
    table('  chain c { numgen random mod 2 0 drop; }\n', base('prerouting', 0, 'jump c'), base('forward', 0, '')),
  ],
  [
    'raw bytes change with the header that they are',
    table(base('forward', 0, 'ip dscp set cs1; @nh,8,8 0x20 drop')),
    table(base('forward', 0, '@nh,8,8 0x20 drop; ip dscp set cs1')),
  ],
  [
    'raw bytes of an address change with its translation',
    table(NAT('dnat to 10.0.0.9'), base('forward', 0, '@nh,128,32 0x0a000001 drop')),
    table(
      base('prerouting', -150, '@nh,128,32 0x0a000001 meta mark set meta mark or 1'),
      NAT('dnat to 10.0.0.9'),
      base('forward', 0, 'meta mark & 1 == 1 drop'),
    ),
  ],
  [
    'a hop is taken from raw bytes, too',
    table(base('prerouting', 0, '@nh,64,8 64 meta mark set 1'), base('forward', 0, 'meta mark 1 drop')),
    table(base('prerouting', 0, '@nh,64,8 64 meta mark set 1'), base('forward', 0, '@nh,64,8 64 drop')),
  ],
  [
    'a hash of an address is another after its translation',
    table(NAT('dnat to 10.0.0.9'), base('forward', 0, 'jhash ip daddr mod 2 0 drop')),
    table(
      base('prerouting', -150, 'jhash ip daddr mod 2 0 meta mark set 1'),
      NAT('dnat to 10.0.0.9'),
      base('forward', 0, 'meta mark 1 drop'),
    ),
  ],
  [
    'routes by mark are others when the mark is',
    table(base('prerouting', 0, 'meta mark set 1; fib saddr . mark oif missing drop')),
    table(base('prerouting', 0, 'fib saddr . mark oif missing drop; meta mark set 1')),
  ],
  [
    'a mark under a mask keeps its other bits',
    table(base('forward', 0, 'meta mark set meta mark and 0xf or 0x10')),
    table(base('forward', 0, 'meta mark set 0x10')),
  ],
  [
    'a map without the key goes on to the next rule',
    table(base('forward', 0, 'tcp dport vmap { 80 : accept }; drop')),
    table(base('forward', 0, 'tcp dport vmap { 80 : accept, * : accept }; drop')),
  ],
  [
    'the ends of an interval belong to it',
    table(base('forward', 0, 'tcp dport 80-90 drop')),
    table(base('forward', 0, 'tcp dport 80-89 drop')),
  ],
  [
    'any of the flags is not all of them',
    table(base('forward', 0, 'tcp flags & (syn|ack) != 0 drop')),
    table(base('forward', 0, 'tcp flags & (syn|ack) == syn|ack drop')),
  ],
  [
    'an address that was asked for is not the one it was translated to',
    table(NAT('dnat to 10.0.0.9'), base('forward', 0, 'ct original ip daddr 10.0.0.1 drop')),
    table(NAT('dnat to 10.0.0.9'), base('forward', 0, 'ip daddr 10.0.0.1 drop')),
  ],
  [
    'a port of a range is none of another that overlaps it',
    table(NAT('tcp dport 80 dnat to 10.0.0.9:8000-8010')),
    table(NAT('tcp dport 80 dnat to 10.0.0.9:8005-8015')),
  ],
  [
    'a limit in front of a log and a drop is more than a log',
    table(base('forward', 0, 'limit rate 5/second log drop')),
    table(base('forward', 0, 'log drop')),
  ],
  [
    'a set whose members time out is not one that keeps them',
    table(
      LEARNT.replace('dynamic', 'dynamic,timeout').replace('size', 'timeout 1m; size'),
      base('forward', 0, 'ip saddr @seen drop'),
    ),
    table(LEARNT, base('forward', 0, 'ip saddr @seen drop')),
  ],
  [
    'an address within a concatenation is within its interval, not all of them',
    table(base('forward', 0, 'ip saddr . tcp dport { 10.0.0.0/24 . 80-90 } drop')),
    table(base('forward', 0, 'ip saddr 10.0.0.0/24 drop; tcp dport 80-90 drop')),
  ],
];

test.each(DIFFERENT)('%s', (_, one, other) => {
  expect(compared(one, other, 'ip')).toBe('different');
});

/** The same where something is ignored that does not only note. */
const NOT_IGNORED: readonly (readonly [
  what: string,
  ignore: readonly ('log' | 'set')[],
  one: string,
  other: string,
])[] = [
  [
    'a limit that decides is asked by more, whatever is logged',
    ['log'],
    table(base('forward', 0, 'limit rate 5/second tcp dport 80 drop')),
    table(base('forward', 0, 'tcp dport 80 limit rate 5/second drop')),
  ],
  [
    'a set that is asked learns something else, whoever else looks at it',
    ['set'],
    table(LEARNT, base('forward', 0, 'ip saddr @seen drop; tcp dport 80 add @seen { ip saddr }')),
    table(LEARNT, base('forward', 0, 'ip saddr @seen drop; tcp dport 81 add @seen { ip saddr }')),
  ],
];

test.each(NOT_IGNORED)('%s', (_, ignore, one, other) => {
  expect(compared(one, other, 'ip', ignore)).toBe('different');
});

/** What a prover that is too careful would call different. */
const EQUAL: readonly (readonly [what: string, ignore: readonly ('log' | 'set')[], one: string, other: string])[] = [
  [
    'a way out that is asked for before it is known',
    [],
    table(base('prerouting', 0, 'oifname "eth0" drop')),
    table(base('prerouting', 0, '')),
  ],
  [
    'a limit that one rule alone asks has no name',
    [],
    table('  limit own { rate 5/second; }\n', base('forward', 0, 'tcp dport 80 limit name "own" accept; drop')),
    table(base('forward', 0, 'tcp dport 80 limit rate 5/second accept; drop')),
  ],
  [
    'a log with a limit of its own, where logs are ignored',
    ['log'],
    table(base('forward', 0, 'tcp dport 80 limit rate 5/second log; tcp dport 80 drop')),
    table(base('forward', 0, 'tcp dport 80 drop')),
  ],
  [
    'a set that nobody asks, where sets are ignored',
    ['set'],
    table(LEARNT, base('forward', 0, 'tcp dport 80 add @seen { ip saddr }')),
    table(LEARNT, base('forward', 0, '')),
  ],
  [
    'what the first packet of a connection left there, where it is dropped: nobody finds it again',
    [],
    table(base('forward', 0, 'ct state new ct mark set 1 drop')),
    table(base('forward', 0, 'ct state new drop')),
  ],
  [
    'what is written was there',
    [],
    table(base('forward', 0, 'ip dscp cs1 ip dscp set cs1')),
    table(base('forward', 0, '')),
  ],
];

test.each(EQUAL)('equal: %s', (_, ignore, one, other) => {
  expect(compared(one, other, 'ip', ignore)).toBe('equal');
});

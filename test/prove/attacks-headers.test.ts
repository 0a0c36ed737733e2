import { base, compared, tableOf } from '../support/attacks';

const [ip, ip6, inet] = [tableOf('ip'), tableOf('ip6'), tableOf('inet')];
const forward = (rules: string) => base('forward', 0, rules);

type Pair = readonly [what: string, plane: 'ip' | 'ip6', one: string, other: string];

/** Headers that look alike to who reads too fast; packets have one and not the other. */
const DIFFERENT: readonly Pair[] = [
  [
    'bits of a field across two bytes are found by some versions of nft only',
    'ip6',
    ip6(forward('ip6 dscp & 0x38 == 0x8 drop')),
    ip6(forward('ip6 dscp 8-15 drop')),
  ],
  [
    'a field across two bytes is found in a concatenation by some versions of nft only',
    'ip6',
    ip6(forward('ip6 dscp . tcp dport { 8 . 80 } drop')),
    ip6(forward('ip6 dscp 8 tcp dport 80 drop')),
  ],
  [
    'a field across two bytes is found in a named set by some versions of nft only',
    'ip6',
    ip6('  set s { typeof ip6 dscp; elements = { 8 }\n  }\n', forward('ip6 dscp @s drop')),
    ip6(forward('ip6 dscp 8 drop')),
  ],
  [
    'fragments behind the first have no ports',
    'ip',
    ip(forward('tcp dport 80 accept; drop')),
    ip(forward('ip frag-off & 0x1fff != 0 accept; tcp dport 80 accept; drop')),
  ],
  [
    'fragments are packets where nobody asks conntrack',
    'ip',
    ip(forward('ip frag-off & 0x1fff != 0 drop')),
    ip(forward('')),
  ],
  [
    'fragments come to rules that stand before conntrack puts them together',
    'ip',
    ip(base('prerouting', -450, 'ip frag-off & 0x1fff != 0 drop'), forward('ct state new accept')),
    ip(base('prerouting', -450, ''), forward('ct state new accept')),
  ],
  [
    'and not to the same rules behind',
    'ip6',
    ip6(base('output', -450, 'exthdr frag exists drop'), forward('ct state new accept')),
    ip6(base('output', -399, 'exthdr frag exists drop'), forward('ct state new accept')),
  ],
  [
    'more fragments follow the first, too',
    'ip',
    ip(forward('ip frag-off & 0x2000 != 0 drop')),
    ip(forward('ip frag-off & 0x1fff != 0 drop')),
  ],
  [
    'the last fragment has no more behind it',
    'ip6',
    ip6(forward('frag more-fragments 1 drop')),
    ip6(forward('exthdr frag exists drop')),
  ],
  [
    'an address of IPv4 within IPv6 is not the one with zeroes before it',
    'ip6',
    ip6(forward('ip6 saddr ::ffff:10.0.0.1 drop')),
    ip6(forward('ip6 saddr ::10.0.0.1 drop')),
  ],
  [
    'addresses of IPv4 within IPv6 are none of IPv4: packets of IPv6',
    'ip6',
    inet(forward('ip6 saddr ::ffff:10.0.0.0/104 drop')),
    inet(forward('ip saddr 10.0.0.0/8 drop')),
  ],
  [
    'addresses of IPv4 within IPv6 are none of IPv4: packets of IPv4',
    'ip',
    inet(forward('ip6 saddr ::ffff:10.0.0.0/104 drop')),
    inet(forward('ip saddr 10.0.0.0/8 drop')),
  ],
  [
    'one bit of a prefix',
    'ip6',
    ip6(forward('ip6 saddr ::ffff:0:0/96 drop')),
    ip6(forward('ip6 saddr ::ffff:0:0/95 drop')),
  ],
  [
    'one option of IP is not another',
    'ip',
    ip(forward('ip option lsrr exists drop')),
    ip(forward('ip option rr exists drop')),
  ],
  [
    'an option that is missing is not anything else',
    'ip',
    ip(forward('ip option lsrr missing drop')),
    ip(forward('drop')),
  ],
  [
    'an option that is there need not say this',
    'ip',
    ip(forward('ip option ra value 0 drop')),
    ip(forward('ip option ra exists drop')),
  ],
  [
    'what follows the first header is not what follows an extension',
    'ip6',
    ip6(forward('hbh nexthdr tcp drop')),
    ip6(forward('ip6 nexthdr tcp drop')),
  ],
  [
    'what follows the first header need not be the transport',
    'ip6',
    ip6(forward('ip6 nexthdr tcp drop')),
    ip6(forward('meta l4proto tcp drop')),
  ],
  ['a type of routing header is not another', 'ip6', ip6(forward('rt type 0 drop')), ip6(forward('rt type 2 drop'))],
];

test.each(DIFFERENT)('%s', (_, plane, one, other) => {
  expect(compared(one, other, plane)).toBe('different');
});

const EQUAL: readonly Pair[] = [
  [
    'what nobody knows is the same by its text, in a table of either kind',
    'ip6',
    ip6(forward('ip6 dscp & 0x38 == 0x8 drop')),
    inet(forward('ip6 dscp & 0x38 == 0x8 drop')),
  ],
  [
    'a header of IPv6 is none of a packet of IPv4, whatever is asked of it',
    'ip',
    inet(forward('ip6 dscp & 0x38 == 0x8 drop')),
    inet(forward('')),
  ],
  [
    'a field within one byte',
    'ip',
    ip(forward('ip dscp . tcp dport { 8 . 80 } drop')),
    ip(forward('ip dscp 8 tcp dport 80 drop')),
  ],
  [
    'ports are those of packets and first fragments',
    'ip',
    ip(forward('tcp dport 80 accept; drop')),
    ip(forward('ip frag-off & 0x1fff == 0 tcp dport 80 accept; drop')),
  ],
  [
    'no fragment comes to rules behind conntrack',
    'ip',
    ip(base('prerouting', -300, 'ip frag-off & 0x1fff != 0 drop'), forward('ct state new accept')),
    ip(base('prerouting', -300, ''), forward('ct state new accept')),
  ],
  [
    'no fragment of IPv6 comes to rules behind conntrack',
    'ip6',
    ip6(base('prerouting', -450, 'tcp dport 80 accept'), forward('exthdr frag exists drop; ct state new accept')),
    ip6(forward('ct state new accept')),
  ],
  [
    'one address in two spellings',
    'ip6',
    ip6(forward('ip6 saddr ::ffff:10.0.0.1 drop')),
    ip6(forward('ip6 saddr ::ffff:a00:1 drop')),
  ],
];

test.each(EQUAL)('equal: %s', (_, plane, one, other) => {
  expect(compared(one, other, plane)).toBe('equal');
});

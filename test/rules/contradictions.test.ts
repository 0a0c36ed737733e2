import { readText, taken } from '../support/ruleset';

const MATCHES = [
  'ip ttl 1',
  'ip6 hoplimit 1',
  'arp operation 1',
  'tcp dport 1',
  'udp dport 1',
  'icmp type 8',
  'icmpv6 type 128',
  'esp spi 1',
  'th dport 1',
  'meta l4proto tcp',
  'meta l4proto { tcp, udp }',
  'ip protocol tcp',
  'ip6 nexthdr tcp',
];
const ENDS = ['accept', 'jump other', 'continue', 'reject', 'queue', 'log', 'ip ttl vmap { 1 : accept }'];

function ruleset(family: string, rule: string): string {
  return `table ${family} t { chain other { }; chain c { ${rule}; }; }`;
}

function pairs(first: readonly string[], second: readonly string[]): string[] {
  return first.flatMap((one) => second.map((other) => `${one} ${other}`));
}

test('headers that are said to contradict do so for nft', () => {
  const lines = pairs(MATCHES, MATCHES).map((rule) => ruleset('bridge', rule));
  const refused = lines.filter((line) => !readText(line).ok);
  expect(refused.length).toBeGreaterThan(40);
  const kernel = taken(refused);
  expect(refused.filter((_, index) => kernel[index])).toEqual([]);
}, 60_000);

test('a rule ends where it ends for nft', () => {
  const lines = pairs(ENDS, ['counter']).map((rule) => ruleset('inet', rule));
  expect(lines.map((line) => readText(line).ok)).toEqual(taken(lines));
});

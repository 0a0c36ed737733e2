import { prove } from '../../compiler/prove';
import { listingText } from '../../compiler/targets/nft/read/json';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import type { Ruleset } from '../../dsl/ruleset/tree';

function read(text: string): Ruleset {
  const source = { name: 'rules', text };
  const listing = listingText(source);
  if (listing && !listing.ok) throw new Error(listing.diagnostics[0].message);
  const outcome = readRulesetText(listing?.value ?? source);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { tables: outcome.value };
}

const table = (rule: string, more = '') =>
  `table inet t {\n${more}\tchain c {\n\t\ttype filter hook input priority filter; policy drop;\n\t\t${rule} accept\n\t}\n}\n`;

const OPTIONS = { ignore: new Set<never>(), cap: 100_000, most: 1 };

/** Of all planes: what is not equal in one of them. */
function resultOf(one: string, other: string): string {
  const kinds = prove(read(one), read(other), ['ip', 'ip6'], OPTIONS).map(({ comparison }) => comparison.kind);
  return kinds.find((kind) => kind !== 'equal') ?? 'equal';
}

/** What is written, and how nft 1.1 lists it. */
const LISTED: Readonly<Record<string, string>> = {
  '@nh,8,8 & 0x3f == 0x10': '@nh,10,6 0x10',
  '@nh,0,16 & 0x3f0 != 0x100': '@nh,6,6 != 0x10',
  '@nh,8,8 & 0x3c > 0x10': '@nh,10,4 > 0x4',
  'meta hour != 21600-79199': 'meta hour "21:59:59"-"06:00:00"',
  'meta hour 21600-79199': 'meta hour != "21:59:59"-"06:00:00"',
  'icmpv6 type nd-neighbor-advert @th,64,128 fe80::1': 'icmpv6 type nd-neighbor-advert icmpv6 taddr fe80::1',
  'tcp flags syn / syn,rst': 'tcp flags & (syn | rst) == syn',
};

test.each(Object.entries(LISTED))('%s is listed as %s', (written, listed) => {
  expect(resultOf(table(written), table(listed))).toBe('equal');
});

test('what looks like it and is not is told apart', () => {
  expect(resultOf(table('@nh,8,8 & 0x3f == 0x10'), table('@nh,10,6 0x4'))).toBe('different');
  expect(resultOf(table('meta hour 21600-79199'), table('meta hour "21:59:59"-"06:00:00"'))).toBe('different');
});

const HEADER = { family: 'inet', table: 't' };

/** A map whose key is told by an expression, in nft's JSON. */
function listingOf(key: object, map: string | readonly string[], elem: object, ...expr: object[]): string {
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.1.3', json_schema_version: 1 } },
      { table: { family: 'inet', name: 't' } },
      { chain: { ...HEADER, name: 'c', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      { map: { ...HEADER, name: 'm', type: { typeof: key }, map, elem: [elem] } },
      { rule: { ...HEADER, chain: 'c', expr: [...expr, { accept: null }] } },
    ],
  });
}

const SADDR = { payload: { protocol: 'ip', field: 'saddr' } };
const TTL = { payload: { protocol: 'ip', field: 'ttl' } };

test('a key that is told by an expression, and what its map leads to', () => {
  const concat = { concat: [SADDR, TTL] };
  const set = { mangle: { key: { meta: { key: 'mark' } }, value: { map: { key: concat, data: '@m' } } } };
  const typed = (of: string) => `\tmap m {\n\t\t${of}\n\t}\n`;
  expect(
    resultOf(
      listingOf(concat, 'mark', [{ concat: ['10.0.0.1', 5] }, 7], set),
      table(
        'meta mark set ip saddr . ip ttl map @m',
        typed('typeof ip saddr . ip ttl : meta mark\n\t\telements = { 10.0.0.1 . 5 : 0x00000007 }'),
      ),
    ),
  ).toBe('equal');
  const [map] = read(
    listingOf(SADDR, ['ipv4_addr', 'inet_service'], ['10.0.0.1', { concat: ['10.0.0.2', 80] }]),
  ).tables;
  expect(map?.sets[0]?.data).toEqual({ kind: 'value', type: { kind: 'types', types: ['ipv4_addr', 'inet_service'] } });
});

test('what is asked of a packet inside of another is not taken for one that is asked of it', () => {
  const inner = { payload: { protocol: 'ip', field: 'saddr', tunnel: 'vxlan' } };
  const asked = { match: { op: '==', left: inner, right: '10.0.0.1' } };
  expect(() => read(listingOf(SADDR, 'mark', ['10.0.0.1', 7], asked))).toThrow('a packet in vxlan');
});

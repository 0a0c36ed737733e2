import { namesOf, programsOf } from '../../../../compiler/meaning/program';
import { compare } from '../../../../compiler/prove/compare';
import { readTables } from '../../../../compiler/targets/nft/read/tables';
import type { Ruleset } from '../../../../dsl/ruleset/tree';

function nft(text: string): Ruleset {
  const outcome = readTables({ source: { name: 'x.nft', text }, start: 0, end: text.length }, new Map());
  if (!outcome.ok) throw new Error(outcome.diagnostics.map(({ message }) => message).join('; '));
  return { tables: outcome.value };
}

const OPTIONS = { ignore: new Set<never>(), cap: 1_000_000, most: 1 };

function verdictOf(one: string, other: string) {
  const rulesets = [nft(one), nft(other)] as const;
  return compare(...programsOf(rulesets, 'ip', namesOf(rulesets)), OPTIONS);
}

const input = (rules: string, more = '', policy = 'drop') =>
  `table inet t {\n${more}\nchain input {\ntype filter hook input priority filter; policy ${policy};\n${rules}\n}\n}\n`;

const LEARNT = 'set s {\ntype ipv4_addr\nflags dynamic\n}';

describe('equal', () => {
  const pairs: Record<string, [string, string]> = {
    'a set and a rule for each member': [
      input('tcp dport { 22, 80 } accept'),
      input('tcp dport 22 accept\ntcp dport 80 accept'),
    ],
    'rules that do not meet, in another order': [
      input('iifname "lo" accept\nip saddr 10.0.0.0/8 accept'),
      input('ip saddr 10.0.0.0/8 accept\niifname "lo" accept'),
    ],
    'a verdict map and jumps': [
      input('ct state vmap { established : accept, related : accept, invalid : drop }\ntcp dport 22 accept'),
      input('ct state established,related accept\nct state invalid drop\ntcp dport 22 accept'),
    ],
    'a wildcard and the rest': [input('iifname "eth*" drop\naccept'), input('iifname != "eth*" accept')],
    'a limit that only a log asks, in a chain of its own': [
      input('update @s { ip saddr } limit rate 5/minute log\nlimit rate 5/minute log', LEARNT),
      input(
        'update @s { ip saddr } jump told\nlimit rate 5/minute log',
        `${LEARNT}\nchain told {\nlimit rate 5/minute log\n}`,
      ),
    ],
    'users by their names, in a set and in rules of their own': [
      input('meta skuid { 0, "nobody" } accept'),
      input('meta skuid "nobody" accept\nmeta skuid 0 accept'),
    ],
    'a mark that is set and read': [
      input('meta mark set 5\nmeta mark 5 tcp dport 22 accept'),
      input('meta mark set 5\ntcp dport 22 accept'),
    ],
    'a limit with and without the burst that goes without saying': [
      input('limit rate 5/minute accept'),
      input('limit rate 5/minute burst 5 packets accept'),
    ],
    'where a new connection was meant for first, and where it goes': [
      input('ct state new ct original ip daddr 10.0.0.1 accept'),
      input('ct state new ip daddr 10.0.0.1 accept'),
    ],
    'the version of IP': [input('ip version 4 accept'), input('accept')],
    'a chain that returns': [
      input('jump c\ndrop', 'chain c {\ntcp dport 22 accept\nreturn\naccept\n}'),
      input('tcp dport 22 accept'),
    ],
  };
  test.each(Object.entries(pairs))('%s', (_, [one, other]) =>
    expect(verdictOf(one, other)).toMatchObject({ kind: 'equal' }),
  );
});

describe('different', () => {
  const pairs: Record<string, [string, string, Record<string, number>]> = {
    'one port': [input('tcp dport 22 accept'), input('tcp dport { 22, 23 } accept'), { l4proto: 6, dport: 23 }],
    'one bit of a prefix': [
      input('ip saddr 10.0.0.0/8 accept'),
      input('ip saddr 10.0.0.0/9 accept'),
      { saddr: 0x0a800000 },
    ],
    policies: [input('', '', 'accept'), input(''), {}],
    'the order of rules that meet': [
      input('tcp dport 22 drop\naccept'),
      input('accept\ntcp dport 22 drop'),
      { l4proto: 6, dport: 22 },
    ],
    'users of two names': [input('meta skuid "nobody" accept'), input('meta skuid "backup" accept'), {}],
    'what is logged': [input('log prefix "a"'), input('log prefix "b"'), {}],
    'a limit': [input('limit rate 5/minute accept'), input('limit rate 6/minute accept'), {}],
    'a limit that others use up': [
      input('tcp dport 22 limit rate 5/minute accept'),
      input('limit rate 5/minute tcp dport 22 accept'),
      {},
    ],
    'a named limit of another rate': [
      input('limit name "l" accept', 'limit l {\nrate 5/minute\n}'),
      input('limit name "l" accept', 'limit l {\nrate 6/minute\n}'),
      {},
    ],
    'what is asked of a set that changes': [
      input('ip saddr @s accept', 'set s {\ntype ipv4_addr\nflags dynamic\n}'),
      input('ip daddr @s accept', 'set s {\ntype ipv4_addr\nflags dynamic\n}'),
      {},
    ],
    'what a set that changes begins with': [
      input(
        'ip saddr @s drop',
        'set s {\ntype ipv4_addr\nflags timeout\nelements = { 10.0.0.1 timeout 1h }\n}',
        'accept',
      ),
      input(
        'ip saddr @s drop',
        'set s {\ntype ipv4_addr\nflags timeout\nelements = { 10.0.0.2 timeout 1h }\n}',
        'accept',
      ),
      {},
    ],
    'a map that changes, and one that is empty': [
      input('tcp dport vmap @m', 'map m {\ntype inet_service : verdict\nflags dynamic\n}', 'accept'),
      input('', '', 'accept'),
      { l4proto: 6 },
    ],
    'an address that is written over': [input('ip saddr set 10.0.0.1 accept'), input('accept'), {}],
    'a DSCP that is written': [input('ip dscp set cs1 accept'), input('accept'), {}],
    'how it is rejected': [input('reject'), input('reject with tcp reset'), {}],
  };
  test.each(Object.entries(pairs))('%s', (_, [one, other, facts]) => {
    const result = verdictOf(one, other);
    expect(result.kind).toBe('different');
    if (result.kind === 'different')
      expect(Object.fromEntries(result.differences[0]?.facts ?? [])).toMatchObject(facts);
  });
});

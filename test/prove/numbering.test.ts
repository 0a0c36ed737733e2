import { prove } from '../../compiler/prove';
import { readTables } from '../../compiler/targets/nft/read/tables';
import type { Ruleset } from '../../dsl/ruleset/tree';

function nft(text: string): Ruleset {
  const outcome = readTables({ source: { name: 'x.nft', text }, start: 0, end: text.length }, new Map());
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  return { tables: outcome.value };
}

const REMEMBERING: Readonly<Record<string, (to: string) => string>> = {
  limit: (to) => `limit rate 1/second log prefix "${to}"`,
  numgen: (to) => `numgen random mod 2 0 goto end-${to}`,
};

/** A map that leads to a chain for each name, of which each draws or is limited by itself. */
function led(remembering: string, names: readonly string[], elements: readonly string[]): Ruleset {
  const own = REMEMBERING[remembering] as (to: string) => string;
  return nft(
    [
      'table ip t {',
      'chain prerouting {',
      'type nat hook prerouting priority dstnat',
      `ip daddr vmap { ${elements.map((name) => `10.0.0.${name} : jump c-${name}`).join(', ')} }`,
      '}',
      ...names.flatMap((name) => [
        `chain end-${name} {`,
        `dnat to 192.168.0.${name}`,
        '}',
        `chain c-${name} {`,
        own(name),
        '}',
      ]),
      '}',
    ].join('\n'),
  );
}

const OPTIONS = { ignore: new Set<never>(), cap: 100_000, most: 1 };
const [one, two, three] = ['1', '2', '3'];
const NAMES = [one, two, three];

test.each(Object.keys(REMEMBERING))('%s in chains of a map: the order of its elements tells nothing', (remembering) => {
  const [proof] = prove(led(remembering, NAMES, NAMES), led(remembering, NAMES, [three, one, two]), ['ip'], OPTIONS);
  expect(proof?.comparison.kind).toBe('equal');
});

test('one limit of two chains is not one limit of each', () => {
  const shared = nft(
    [
      'table ip t {',
      'chain limited {',
      'limit rate 1/second accept',
      '}',
      'chain input {',
      'type filter hook input priority filter; policy drop;',
      'ip saddr 10.0.0.1 jump limited',
      'ip saddr 10.0.0.2 jump limited',
      '}',
      '}',
    ].join('\n'),
  );
  const own = nft(
    [
      'table ip t {',
      'chain input {',
      'type filter hook input priority filter; policy drop;',
      'ip saddr 10.0.0.1 limit rate 1/second accept',
      'ip saddr 10.0.0.2 limit rate 1/second accept',
      '}',
      '}',
    ].join('\n'),
  );
  expect(prove(shared, own, ['ip'], OPTIONS)[0]?.comparison.kind).toBe('different');
});

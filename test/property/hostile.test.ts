import fc from 'fast-check';
import { compile } from '../../compiler';
import { judge, seeds } from '../support/hostile';
import { mutate, randomFrom } from '../support/mutate';

const SEEDS = seeds();

describe('hostile input', () => {
  test('thousands of mangled files give diagnostics or a sound ruleset, never a throw', () => {
    const random = randomFrom(20_240_501);
    for (let run = 0; run < 4000; run++) {
      const text = mutate(SEEDS[random(SEEDS.length)] ?? '', random);
      expect({ text, wrong: judge(text) }).toEqual({ text, wrong: undefined });
    }
  });

  test('so does any text at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => judge(text) === undefined));
  });

  test('and any JSON', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('networks', 'containers', 'policies', 'tables', 'expectations'),
        (json, list) => {
          for (const text of [json, `{"${list}":${json}}`, `{"${list}":[${json}]}`]) {
            const outcome = compile([{ name: 'hostile.json', text }]);
            if (!outcome.ok) expect(outcome.diagnostics.length).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  test.each([
    ['20,000 wrong statements', 'frobnicate x\n'.repeat(20_000)],
    ['100,000 open braces', 'network a {'.repeat(100_000)],
    ['a word of ten million letters', `network ${'x'.repeat(10_000_000)} { }`],
    ['three million quotes', '"'.repeat(3_000_000)],
    ['a statement of 300,000 words', `container c { dns ${'1.1.1.1 '.repeat(300_000)}}`],
    ['20,000 networks of one name', 'network n { subnet 10.0.0.0/8 }\n'.repeat(20_000)],
    ['a deep table', `table inet x {${'{'.repeat(100_000)}`],
  ])(
    '%s',
    (_, text) => {
      expect(judge(text)).toBeUndefined();
      expect(compile([{ name: 'a.tsnet', text }]).ok).toBe(false);
    },
    // Only a hang takes this long.
    120_000,
  );

  test('a set of 100,000 addresses is no hardship', () => {
    const members = Array.from(
      { length: 100_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    );
    expect(compile([{ name: 'a.tsnet', text: `define lan = { ${members.join(', ')} }` }]).ok).toBe(true);
  }, 120_000);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { compile, print } from '../../compiler';
import { formatText } from '../../compiler/format';

const GOLDEN = join(__dirname, '../golden');
const FILES = readdirSync(GOLDEN)
  .filter((file) => file.endsWith('.tsnet'))
  .map((file) => readFileSync(join(GOLDEN, file), 'utf8'));

const formatted = (text: string) => formatText({ name: 'a.tsnet', text });
const rules = (text: string) => {
  const outcome = compile([{ name: 'a.tsnet', text }]);
  if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
  const printed = print(outcome.value, 'nft');
  return printed.ok ? printed.value.text : undefined;
};

/** The same statements, spaced otherwise and with comments in between. */
function disturbed(text: string, noise: readonly number[]): string {
  let at = 0;
  const next = () => noise[at++ % noise.length] ?? 0;
  return text.replace(/^table[\s\S]*$|[;\n]|(?<=\S) (?=\S)/gm, (found) => {
    if (found.startsWith('table')) return found;
    if (found === ' ') return ' '.repeat(1 + (next() % 3));
    return [found, '\n', '  \n\n\n', ` # note ${next()}\n`, `\n\t# own line ${next()}\n`][next() % 5] ?? found;
  });
}

describe('fmt', () => {
  test.each(FILES)('keeps what a golden means, and is idempotent', (text) => {
    const once = formatted(text);
    expect(formatted(once)).toBe(once);
    expect(rules(once)).toBe(rules(text));
  });

  test('however a file is spaced and commented, its comments stay and formatting twice changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FILES), fc.array(fc.nat(1000), { minLength: 8, maxLength: 40 }), (text, noise) => {
        const written = disturbed(text, noise);
        const once = formatted(written);
        expect(formatted(once)).toBe(once);
        expect(rules(once)).toBe(rules(text));
        const comments = (all: string) => (all.match(/#.*/g) ?? []).map((one) => one.trim()).sort();
        expect(
          comments(once)
            .join('\n')
            .split(/(?=#)/)
            .map((one) => one.trim()),
        ).toEqual(
          comments(written)
            .join('\n')
            .split(/(?=#)/)
            .map((one) => one.trim()),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('looks like this', () => {
    expect(
      formatted(
        `# head\nnetwork front { subnet 172.17.0.0/16;;  gateway 172.17.0.1 } # tail\n\n\ndefine  lan={10.0.0.0/8,\n 1.2.3.4 , }\ncontainer a { network front { mac 02:42:ac:11:00:03 }\n\n\n publish 80:80 } table inet x {\nchain c {\naccept\n}\n}`,
      ),
    ).toBe(`# head
network front {
  subnet 172.17.0.0/16
  gateway 172.17.0.1
}  # tail

define lan = { 10.0.0.0/8, 1.2.3.4 }
container a {
  network front {
    mac 02:42:ac:11:00:03
  }

  publish 80:80
}
table inet x {
  chain c {
    accept
  }
}
`);
  });
});

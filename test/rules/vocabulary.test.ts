import fc from 'fast-check';
import { execute } from '../support/lab';
import { listed, readAndPrint } from '../support/ruleset';
import { rule, tableWith } from './vocabulary';

const RULES = 120;

const EACH = `
while IFS= read -r line; do
  printf "%s\\n" "$line" | nft -f - && nft list ruleset >/dev/null && printf "%s\\n" "$line"
  nft flush ruleset
done`;

/** Those of some one-line rulesets that nft and the kernel take, and that nft does not stumble over when it lists them. */
function accepted(lines: readonly string[]): string[] {
  const { stdout } = execute('unshare', ['--net', 'sh', '-c', EACH], `${lines.join('\n')}\n`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** nft 1.0.6 misprints some rules; what it reads differently again itself is no measure. */
function faithful(lines: readonly string[]): readonly string[] {
  if (lines.length === 0 || isFaithful(lines.join('\n'))) return lines;
  if (lines.length === 1) return [];
  const half = lines.length >> 1;
  return [...faithful(lines.slice(0, half)), ...faithful(lines.slice(half))];
}

function isFaithful(text: string): boolean {
  const first = listed(text);
  try {
    return JSON.stringify(listed(first.text).json) === JSON.stringify(first.json);
  } catch {
    return false;
  }
}

test('rules that nft takes are read and printed the same to the kernel, as written and as listed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(rule, { minLength: RULES, maxLength: RULES }), (texts) => {
      const written = accepted(texts.map((text, index) => tableWith(`t${index}`, text)));
      expect(written.length).toBeGreaterThan(RULES / 2);
      expect(listed(readAndPrint(written.join('\n'))).json).toEqual(listed(written.join('\n')).json);
      const listing = listed(faithful(written).join('\n'));
      expect(listed(readAndPrint(listing.text)).json).toEqual(listing.json);
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 120_000);

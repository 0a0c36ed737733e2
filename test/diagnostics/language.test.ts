import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, print } from '../../compiler';
import { BLOCKS } from '../../grammar/blocks';

const MANUAL = readFileSync(join(__dirname, '../../docs/language.md'), 'utf8');
const EXAMPLES = [...MANUAL.matchAll(/^```(tsnet|json)\n([\s\S]*?)^```\n+^```nft\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '', excerpt = '']) => ({ language, text, excerpt, title: text.split('\n', 1)[0] ?? '' }),
);

test.each(EXAMPLES)('$title ... gives the lines below it', ({ language, text, excerpt }) => {
  const outcome = compile([{ name: `example.${language}`, text }]);
  expect(outcome.ok ? [] : outcome.diagnostics.map(({ message }) => message)).toEqual([]);
  if (!outcome.ok) return;
  const printed = print(outcome.value, 'nft');
  const lines = printed.ok ? printed.value.text.split('\n').map((line) => line.trim()) : [];
  for (const line of excerpt.trim().split('\n')) expect(lines).toContain(line);
});

test('every example has its ruleset, and every statement its example', () => {
  expect(EXAMPLES).toHaveLength([...MANUAL.matchAll(/^```(?:tsnet|json)$/gm)].length);
  const words = new Set(EXAMPLES.flatMap(({ text }) => text.match(/[\w-]+/g) ?? []));
  const statements = Object.values(BLOCKS).flatMap((block) => Object.keys(block));
  expect(statements.filter((statement) => !words.has(statement))).toEqual([]);
});

import { readText } from '../support/ruleset';

const table = (rule: string) => `table inet host {\n  chain c {\n    ${rule}\n  }\n}`;
const codes = (rule: string) => {
  const outcome = readText(table(rule));
  return outcome.ok ? [] : outcome.diagnostics.map(({ code }) => code);
};

test.each([
  ['a log prefix', (text: string) => `log prefix "${text}"`, 127],
  ['a comment', (text: string) => `accept comment "${text}"`, 128],
])('%s is as long as the kernel lets it be, in bytes', (_, rule, most) => {
  expect(codes(rule('x'.repeat(most)))).toEqual([]);
  expect(codes(rule('x'.repeat(most + 1)))).toContain('TN1103');
  expect(codes(rule('\u00e9'.repeat(most / 2 + 1)))).toContain('TN1103');
});

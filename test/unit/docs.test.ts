import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXIT_MEANINGS } from '../../cli/command';

const root = join(__dirname, '..', '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs', 'decisions')).map((name) => join('docs', 'decisions', name)),
];

test.each(pages)('%s names only files that there are', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]*|[A-Z]+\.md)`|\]\((?!https?:)([^)]+)\)/g)].map(
    ([, quoted, linked]) => quoted ?? linked ?? '',
  );
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('docs/results.md tells every exit code', () => {
  const text = readFileSync(join(root, 'docs', 'results.md'), 'utf8');
  const told = [...text.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
  expect(told).toEqual(EXIT_MEANINGS);
});

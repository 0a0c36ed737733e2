import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

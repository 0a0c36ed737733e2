import { describeOrigin } from '../../../compiler';

function describe(text: string, part: string): string | undefined {
  const start = text.indexOf(part);
  const source = { name: 'shop.tsnet', text };
  return describeOrigin({ kind: 'intent', path: [] }, () => ({ span: { source, start, end: start + part.length } }));
}

test.each([
  ['container web {\n  network lan; publish 8080:80\n}', '8080:80', 'shop.tsnet:2 publish 8080:80'],
  ['container web { publish 8080:80 }', '8080:80', 'shop.tsnet:1 publish 8080:80'],
  ['{"containers":[{"name":"web"}]}', '{"name":"web"}', 'shop.tsnet:1 {"name":"web"}'],
])('the words of the statement stand before the part: %j', (text, part, said) => {
  expect(describe(text, part)).toBe(said);
});

test('a long line is not read again for each part of it', () => {
  const source = { name: 'shop.json', text: '{"name":"web"},'.repeat(300_000) };
  const span = { source, start: source.text.length - 15, end: source.text.length - 1 };
  const before = process.cpuUsage().user;
  for (let count = 0; count < 2000; count++) describeOrigin({ kind: 'intent', path: [] }, () => ({ span }));
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(1000);
});

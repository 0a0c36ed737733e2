import fc from 'fast-check';
import { markJson } from '../../../../compiler/frontend/json-places';
import { Marks } from '../../../../compiler/frontend/marks';
import type { Path } from '../../../../dsl/core/diagnostic';

function marked(text: string) {
  const document: unknown = JSON.parse(text);
  const marks = new Marks();
  const diagnostics = markJson({ name: 'a.json', text }, document, marks);
  const at = (path: Path, of: 'locate' | 'locateName' = 'locate') => {
    const { span } = marks[of](document, path);
    return span && text.slice(span.start, span.end);
  };
  return { document, diagnostics, at };
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : [];
  return Object.entries(value).flatMap(([key, item]) => {
    const below: Path = [...path, Array.isArray(value) ? Number(key) : key];
    return [below, ...pathsOf(item, below)];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], value);
}

test('every value of a document stands where it is marked', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom('', ' ', '\n\t'), (value, space) => {
      const { document, at, diagnostics } = marked(JSON.stringify(value, undefined, space));
      expect(diagnostics).toEqual([]);
      for (const path of pathsOf(document)) {
        if (path.includes('__proto__')) continue;
        const found = valueAt(document, path);
        const text = at(path);
        expect(JSON.parse(typeof found === 'string' ? `"${text}"` : (text ?? ''))).toEqual(found);
      }
    }),
  );
});

test('keys have a place of their own', () => {
  const { at } = marked('{ "a": { "b\\"c" : [1, {"d": 2}] } }');
  expect(at(['a', 'b"c'], 'locateName')).toBe('b\\"c');
  expect(at(['a', 'b"c', 1, 'd'], 'locateName')).toBe('d');
  expect(at(['a', 'b"c', 1, 'nothing'], 'locateName')).toBe('{"d": 2}');
});

test('a key that is there twice is an error that shows both places', () => {
  const { diagnostics } = marked('{ "a": [1], "a": { "b": 2 } }');
  expect(diagnostics).toMatchObject([
    { code: 'TN2103', primary: { span: { start: 13 } }, secondary: [{ span: { start: 3 } }] },
  ]);
});

test('what is deeper than any intent is passed over, its strings and brackets too', () => {
  const deep = `${'['.repeat(5000)}"]\\"}"${']'.repeat(5000)}`;
  const { at, diagnostics } = marked(`{"a": ${deep}, "b": 1}`);
  expect(diagnostics).toEqual([]);
  expect(at(['a'])).toBe(deep);
  expect(at(['b'])).toBe('1');
});

import fc from 'fast-check';
import { read, readDraft } from '../../../../compiler';
import { readItems } from '../../../../compiler/frontend/json-items';
import type { Path } from '../../../../dsl/core/diagnostic';
import { documents } from '../../../support/documents';

const source = (text: string) => ({ name: 'a.json', text });

function pathsOf(value: unknown, path: Path = []): Path[] {
  const own = path.length > 1 ? [path, [...path, 'nothing']] : [];
  if (typeof value !== 'object' || value === null) return own;
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [...own, ...inner];
}

/** Whether a document is read item by item: what is not may have a key twice, and is looked through. */
function isQuick(text: string): boolean {
  return readItems(source(text), () => {});
}

test('a document that is read item by item says the same, and where the same parts stand', () => {
  fc.assert(
    fc.property(documents, fc.constantFrom('', ' ', '\r\n\t'), (document, space) => {
      const text = source(JSON.stringify({ $schema: 'x', ...document }, undefined, space));
      const [quick, kept, whole] = [
        read([text]),
        read([text], [], { keep: true }),
        read([], [{ where: '', document }]),
      ];
      if (!quick.ok || !kept.ok || !whole.ok) throw new Error('not read');
      expect(quick.value.intent).toEqual(whole.value.intent);
      expect(quick.value.document()).toEqual(kept.value.document());
      const said = readDraft([text]);
      for (const path of pathsOf(document)) expect(quick.value.locate(path)).toEqual(said?.locate(path));
    }),
    { numRuns: 50 },
  );
});

test.each([
  '{}',
  ' { "networks" : [ ] }\n',
  '{"defines":[{"name":"d","prefixes":["::/0","::1"]}]}',
  '{"tables":["table inet x { }","\\" : ","\\\\", ":"]}',
  '\ufeff{"$schema":"a","containers":[{"a":[{}]}]}',
])('nothing is there twice: %s', (text) => expect(isQuick(text)).toBe(true));

test.each([
  '{"networks":[],"networks":[]}',
  '{"networks":[{"name":"n","n\\u0061me":"n"}]}',
  '{"networks":[{"name":"n","name" : "n"}]}',
  `{"networks":[${'['.repeat(5000)}${']'.repeat(5000)}]}`,
  '{"nets":[]}',
  '{"networks":{}}',
  '[]',
  'null',
  '{"networks":[',
])('something is wrong, or may be: %s', (text) => expect(isQuick(text)).toBe(false));

import fc from 'fast-check';
import { FORMATS, type Result } from '../../../cli/results';

interface Parsed {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Parsed[];
  text: string;
}

/** The characters that XML 1.0 takes (section 2.2). */
const CHARACTERS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const TOKEN = /<\?xml [^?]*\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy;

function decoded(text: string): string {
  if (/&(?!(amp|lt|gt|quot);)/.test(text)) throw new Error(`an entity that is none: ${text}`);
  return text.replace(/&(amp|lt|gt|quot);/g, (_, name: 'amp') => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name]);
}

/** As strict as XML is about what JUnit's reports are made of. */
function parse(xml: string): Parsed {
  if (!CHARACTERS.test(xml)) throw new Error('a character that XML does not take');
  const root: Parsed = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(xml);
    if (!token) throw new Error(`no XML at ${at}: ${xml.slice(at, at + 40)}`);
    const [, closes, name, given = '', empty, text] = token;
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += decoded(text);
    else if (name === undefined) continue;
    else if (closes) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const attributes = Object.fromEntries(
        [...given.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decoded(value)]),
      );
      const element: Parsed = { name, attributes, children: [], text: '' };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length !== 1) throw new Error('something is left open');
  return root;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    'a <b> & "c"',
    ']]>',
    '<![CDATA[',
    '&amp;',
    '\u0000\u001b[31m',
    '\ud800',
    '\uffff',
    '# TODO',
    'a\nok 9 - b',
  ),
);
const results: fc.Arbitrary<readonly Result[]> = fc.array(
  fc.record({
    place: text,
    text,
    holds: fc.boolean(),
    reason: fc.option(text),
    packet: fc.option(
      fc.record({
        text,
        outcome: text,
        because: fc.array(text, { maxLength: 2 }),
        hints: fc.array(text, { maxLength: 2 }),
        why: text,
      }),
    ),
    live: fc.option(fc.record({ asked: fc.nat(), otherwise: fc.array(text, { maxLength: 2 }) })),
  }),
  { maxLength: 5 },
);

/** What the schema that Jenkins and others read by wants (junit-10.xsd): names, numbers, and failures within their cases. */
test('JUnit: XML that the usual schema takes, whatever is said in it', () => {
  fc.assert(
    fc.property(results, (given) => {
      const [suite, ...more] = parse(FORMATS.junit?.(given) ?? '').children;
      expect(more).toEqual([]);
      expect(suite?.name).toBe('testsuite');
      expect(suite?.attributes).toEqual({
        name: 'tsnet',
        tests: String(given.length),
        failures: String(given.filter(({ holds }) => !holds).length),
        errors: '0',
        skipped: '0',
      });
      expect(suite?.children.map(({ name, attributes }) => [name, Object.keys(attributes)])).toEqual(
        given.map(() => ['testcase', ['name', 'classname']]),
      );
      expect(suite?.children.map(({ children }) => children.map(({ name }) => name))).toEqual(
        given.map(({ holds }) => (holds ? [] : ['failure'])),
      );
    }),
  );
});

test('TAP: a line for each, in order, that no text of theirs can look like', () => {
  fc.assert(
    fc.property(results, (given) => {
      const lines = (FORMATS.tap?.(given) ?? '').split('\n');
      expect(lines.slice(0, 2)).toEqual(['TAP version 13', `1..${given.length}`]);
      expect(
        lines.filter((line) => /^(not )?ok\b/.test(line)).map((line) => /^(not ok|ok) \d+ - /.exec(line)?.[0]),
      ).toEqual(given.map(({ holds }, index) => `${holds ? 'ok' : 'not ok'} ${index + 1} - `));
      // What is no test, no plan and no comment is a diagnosis, indented, and its values are YAML's as JSON has them.
      for (const line of lines.slice(2).filter((one) => one !== '' && !/^(not )?ok /.test(one))) {
        expect(line).toMatch(/^ {2}(---|\.\.\.|[a-z0-9]+: ".*")$/s);
        const [, value] = /^ {2}[a-z0-9]+: (.*)$/s.exec(line) ?? [];
        if (value !== undefined) expect(typeof JSON.parse(value)).toBe('string');
      }
      expect(lines.filter((line) => /^(not )?ok /.test(line) && /(?<!\\)#/.test(line))).toEqual([]);
    }),
  );
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler';
import { CODES, type DiagnosticCode } from '../../dsl/core/codes';

const ROOT = join(__dirname, '../..');

interface Section {
  readonly code: string;
  readonly title: string;
  readonly examples: readonly { readonly language: string; readonly text: string }[];
}

function sections(): Section[] {
  const [, ...parts] = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').split(/^## /m);
  return parts.map((part) => {
    const [heading = ''] = part.split('\n', 1);
    const [code = '', title = ''] = heading.split(': ');
    const examples = [...part.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      language,
      text,
    }));
    return { code, title, examples };
  });
}

function codesOf(text: string, language: string): DiagnosticCode[] {
  const outcome = compile([{ name: `example.${language}`, text }]);
  return outcome.ok ? [] : [...new Set(outcome.diagnostics.map(({ code }) => code))];
}

const SECTIONS = sections();

test('every code has a section, by its title', () => {
  expect(SECTIONS.map(({ code, title }) => [code, title])).toEqual(Object.entries(CODES));
});

test('every code is used', () => {
  const source = ['dsl', 'grammar', 'compiler', 'runtime', 'cli']
    .flatMap((room) =>
      readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((file) => join(ROOT, room, file)),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('codes.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  expect(Object.keys(CODES).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});

describe.each(SECTIONS.filter(({ examples }) => examples.length > 0))('$code', ({ code, examples }) => {
  const [wrong, right] = examples;
  test('is what the wrong example gives, and nothing else', () => {
    expect(codesOf(wrong?.text ?? '', wrong?.language ?? '')).toEqual([code]);
  });
  test('is not in the right one', () => {
    expect(codesOf(right?.text ?? '', right?.language ?? '')).toEqual([]);
  });
});

test('only what no short text can show goes without an example', () => {
  const without = SECTIONS.filter(({ examples }) => examples.length !== 2).map(({ code }) => code);
  expect(without.filter((code) => !code.startsWith('TN5'))).toEqual([
    'TN1006',
    'TN1007',
    'TN1010',
    'TN1011',
    'TN1012',
    'TN1013',
    'TN1201',
    'TN1202',
    'TN1203',
    'TN1204',
    'TN1205',
    'TN3003',
    'TN4001',
    'TN4002',
    'TN4003',
    'TN4004',
    'TN4010',
    'TN4011',
  ]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');
const MISTAKES = join(__dirname, 'mistakes');

/** What each file's mistakes can speak of. */
const PREAMBLES: Readonly<Record<string, string>> = {
  rules: `
const filterInput = { type: 'filter', hook: 'input', priority: 'filter' } as const;
const base = table('inet', 'host')
  .set('lan', 'ipv4_addr', { flags: ['interval'], elements: ['10.0.0.0/8'] })
  .set('pairs', ['ipv4_addr', 'inet_service'])
  .set('seen', 'ipv4_addr', { flags: ['dynamic', 'timeout'] })
  .map('services', 'inet_service', 'ipv4_addr')
  .map('marks', 'ipv4_addr', 'mark')
  .limit('slow', '10/second')
  .vmap('from', 'ifname', { elements: () => [['lo', accept]] })
  .chain('refuse', () => [rule(reject())]);`,
  intent: `
const front = network('front', { subnets: ['172.17.0.0/16'] });
const db = container('db', { networks: [front] });`,
};

interface Mistake {
  readonly title: string;
  readonly code: string;
}

function mistakesOf(name: string): Mistake[] {
  const text = readFileSync(join(MISTAKES, `${name}.txt`), 'utf8');
  return [...text.matchAll(/^# (.+)\n([^#]+)/gm)].map(([, title = '', code = '']) => ({ title, code: code.trim() }));
}

/** Type-checks all of a file's mistakes as one program; gives the errors of each, and of the code before it. */
function check(name: string, mistakes: readonly Mistake[]): (readonly ts.Diagnostic[])[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const files = new Map(
    mistakes.map(({ code }, index) => [
      join(MISTAKES, `${name}-${index}.ts`),
      `import { ${exported().join(', ')} } from '../../../index';${PREAMBLES[name]}\n${code}\n`,
    ]),
  );
  const { readFile, fileExists } = host;
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((file) => program.getSemanticDiagnostics(program.getSourceFile(file)));
}

/** Every name that the package exports and is no type. */
function exported(): string[] {
  return Object.keys(jest.requireActual(join(ROOT, 'index')));
}

function lineOf({ file, start = 0 }: ts.Diagnostic): number {
  return file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
}

function describeError({ code, messageText }: ts.Diagnostic): string {
  const message = typeof messageText === 'string' ? messageText : messageText.messageText;
  return `TS${code}: ${message}`;
}

describe.each(Object.keys(PREAMBLES))('what must not compile: %s', (name) => {
  const mistakes = mistakesOf(name);
  const errors = check(name, mistakes);
  const lineOfCode = 1 + (PREAMBLES[name]?.split('\n').length ?? 0);

  test.each(mistakes.map(({ title }, index) => [title, index] as const))('%s', (_, index) => {
    const found = errors[index] ?? [];
    expect(found).not.toEqual([]);
    expect([...new Set(found.map(lineOf))]).toEqual([lineOfCode]);
    expect(found.map(describeError).join('\n')).toMatchSnapshot();
  });

  test('messages are short enough to read', () => {
    const long = errors
      .flat()
      .map(describeError)
      .filter((message) => message.length > 240);
    expect(long).toEqual([]);
  });
});

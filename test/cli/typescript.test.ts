import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, container, link, network, print, stack } from '../../index';
import { execute } from '../support/lab';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');

const GOOD = `import { network, container, link, stack } from 'tsnet';
const front = network('front', { subnets: ['172.17.0.0/16'] });
const db = container('db', { networks: [front], expose: ['5432/tcp'] });
const web = container('web', { networks: [front], publish: ['8080:80/tcp'], links: [link(db, 'database')] });
export default stack(front, db, web);
`;

const TEXT = `network front { subnet 172.17.0.0/16 }
container db { network front; expose 5432/tcp }
container web { network front; publish 8080:80/tcp; link db as database }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-ts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function compiled(text: string, files: Readonly<Record<string, string>> = {}) {
  for (const [name, content] of Object.entries({ 'network.ts': text, ...files }))
    writeFileSync(join(folder, name), content);
  return execute(process.execPath, [PROGRAM, 'compile', join(folder, 'network.ts')]);
}

test('a TypeScript file gives the ruleset of the same intent in text', () => {
  writeFileSync(join(folder, 'network.tsnet'), TEXT);
  const text = execute(process.execPath, [PROGRAM, 'compile', join(folder, 'network.tsnet')]);
  expect(text.code).toBe(0);
  expect(compiled(GOOD)).toEqual(text);
});

test('it may stand in a package of ES modules, and import another file', () => {
  const text = `import { front } from './front';\nimport { container, stack } from 'tsnet';\nexport default stack(container('a', { networks: [front] }));\n`;
  const front = `import { network } from 'tsnet';\nexport const front = network('front', { subnets: ['10.0.0.0/8'] });\n`;
  expect(compiled(text, { 'front.ts': front, 'package.json': '{ "type": "module" }' })).toMatchObject({
    code: 0,
    stderr: '',
  });
});

test.each([
  ['a type error', GOOD.replace('subnets', 'subnet'), /error\[TN1012\].*'subnets'.*\n.*network\.ts:2:34/s],
  ['a wrong protocol', GOOD.replace('8080:80/tcp', '8080:80/tpc'), /error\[TN1012\].*\n.*network\.ts:4:/s],
  ['a wrong word', GOOD.replace('8080:80', '99999:80'), /error\[TN2003\].*\n.*network\.ts:4:1/s],
  ['an exception', `${GOOD}throw new Error('boom');\n`, /error\[TN1013\]: the file fails: boom\n.*network\.ts:6:/s],
  ['no stack', 'export default 1;\n', /error\[TN1013\].*export a stack/s],
])('%s is a diagnostic at its line', (_, text, message) => {
  const { code, stderr } = compiled(text);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

describe('several files', () => {
  const run = (files: Readonly<Record<string, string>>, ...names: readonly string[]) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return execute(process.execPath, [PROGRAM, 'compile', ...names.map((name) => join(folder, name))]);
  };
  const one = (name: string, subnet: string) =>
    `import { network, stack } from 'tsnet';\nexport default stack(network('${name}', { subnets: ['${subnet}'] }));\n`;

  test('are one intent', () => {
    const files = { 'a.ts': one('front', '10.1.0.0/16'), 'b.ts': one('back', '10.2.0.0/16') };
    const { code, stdout } = run(files, 'a.ts', 'b.ts');
    expect(code).toBe(0);
    expect(stdout).toContain('10.1.0.1');
    expect(stdout).toContain('10.2.0.1');
  });

  test('a wrong part is shown in the imported file that made it', () => {
    const front = `import { network } from 'tsnet';\nexport const front = network('front', { subnets: ['10.0.0.1/8'] });\n`;
    const main = `import { stack } from 'tsnet';\nimport { front } from './front';\nexport default stack(front);\n`;
    const { code, stderr } = run({ 'front.ts': front, 'network.ts': main }, 'network.ts');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[TN2002\].*\n.*front\.ts:2:1\n.*\n2 \| export const front = network/);
  });

  test('an exception is shown where it was thrown', () => {
    const boom = `export function boom(): never {\n  throw new Error('boom');\n}\n`;
    const main = `import { boom } from './boom';\nexport default boom();\n`;
    const { code, stderr } = run({ 'boom.ts': boom, 'network.ts': main }, 'network.ts');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[TN1013\]: the file fails: boom\n.*boom\.ts:2:/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('types of Node', () => {
  const text = `${GOOD}if (process.env.NOT_SET) throw new Error();\n`;

  test('are there for a file that asks for them', () => {
    expect(compiled(`/// <reference types="node" />\n${text}`)).toMatchObject({ code: 0, stderr: '' });
  });

  test('are what the message names where they are missing', () => {
    const { code, stderr } = compiled(text);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot find name 'process'\n[\s\S]*help: begin the file with `\/\/\/ <reference/);
  });
});

test('a program compiles a stack itself', () => {
  const front = network('front', { subnets: ['172.17.0.0/16'] });
  const db = container('db', { networks: [front], expose: ['5432/tcp'] });
  const web = container('web', { networks: [front], publish: ['8080:80/tcp'], links: [link(db, 'database')] });
  const [built, read] = [compile(stack(web)), compile([{ name: 'network.tsnet', text: TEXT }])].map((outcome) => {
    if (!outcome.ok) throw new Error(outcome.diagnostics[0].message);
    const printed = print(outcome.value, 'nft');
    return printed.ok ? printed.value.text : '';
  });
  expect(built).toBe(read);
});

test('the package gives its names to CommonJS and to ES modules', () => {
  const names = ['compile', 'print', 'network', 'container', 'link', 'stack', 'renderDiagnostics'];
  const entry = join(__dirname, '../../dist/index.js');
  const module = `import { ${names.join(', ')} } from '${entry}'; for (const one of [${names.join(', ')}]) if (typeof one !== 'function') process.exit(1);`;
  expect(execute(process.execPath, ['--input-type=module', '-e', module]).code).toBe(0);
  expect(Object.keys(require(entry))).toEqual(expect.arrayContaining(names));
});

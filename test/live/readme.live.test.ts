import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
}

const [first = '', ...shell] = blocks('sh');

describe('README.md', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsnet-readme-'));
    const [intent = ''] = blocks('tsnet');
    writeFileSync(join(folder, 'shop.tsnet'), intent);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
        TS_NODE_PROJECT: join(root, 'tsconfig.json'),
      },
    });
    return { status, stdout, stderr };
  };

  test('its first lines are the ones that CI runs', () => {
    const ci = readFileSync(join(root, '.ci', 'run'), 'utf8');
    for (const command of first.trim().split(/\n| && /)) expect(ci).toMatch(new RegExp(`^step .* ${command}$`, 'm'));
  });

  test.each(shell.map((script) => ({ script })))('on a fresh host every command succeeds: $script', ({ script }) => {
    const { status, stdout, stderr } = run('ts-node', [
      '--swc',
      join(root, 'test', 'support', 'in-throwaway.ts'),
      'bash',
      '-euo',
      'pipefail',
      '-c',
      script,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('error') });
    if (script.includes('curl')) expect(stdout).toMatch(/^hello$|^web sees /m);
  });

  test.each(blocks('js'))('the program prints a ruleset', (program) => {
    const { status, stdout } = run(process.execPath, ['--eval', program.replace("'tsnet'", `'${root}'`)]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('table inet tsnet {')]);
  });
});

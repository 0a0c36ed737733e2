import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const GOOD = 'network front { subnet 10.1.0.0/24 }\n';
const BAD = 'network front { subnet 10.1.0.0/24; masquerad }\n';

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function tsnet(args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { input, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('the program', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsnet-program-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('prints its version', () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
    expect(tsnet(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([[['--help']], [['help']], [['compile', '--help']], [['help', 'compile']]])('%j prints help', (args) => {
    expect(tsnet(args)).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: tsnet /), stderr: '' });
  });

  test.each([
    [[], 'Usage: tsnet'],
    [['compil'], 'there is no command `compil`; did you mean `compile`?'],
    [['help', 'compil'], 'did you mean `compile`?'],
    [['compile', '--targt', 'nft', '-'], 'did you mean `--target`?'],
    [['compile', '--target', 'iptable', '-'], 'did you mean `iptables`?'],
  ])('%j is a wrong command line: exit 2, nothing on standard output', (args, message) => {
    expect(tsnet(args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  test('results go to standard output, diagnostics to standard error', () => {
    expect(tsnet(['compile', '-'], GOOD)).toEqual({
      code: 0,
      stdout: expect.stringContaining('table inet tsnet {'),
      stderr: '',
    });
    expect(tsnet(['compile', '-'], BAD)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error\[TN\d{4}\]: .*\n +--> <stdin>:1:37\n/),
    });
  });

  test('with --json a diagnostic is data on standard output', () => {
    const { code, stdout, stderr } = tsnet(['compile', '--json', '-'], BAD);
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout).diagnostics).toEqual([
      expect.objectContaining({ severity: 'error', at: expect.objectContaining({ line: 1, column: 37 }) }),
    ]);
  });

  test('a file that cannot be read is an error of its own, beside those in the files that can', () => {
    const bad = join(folder, 'bad.tsnet');
    writeFileSync(bad, BAD);
    const { code, stderr } = tsnet(['compile', join(folder, 'none.tsnet'), bad]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('none.tsnet: there is no such file')]);
    expect(stderr).toContain('bad.tsnet:1:37');
  });

  test('-o writes the whole file or none', () => {
    const output = join(folder, 'rules.nft');
    expect(tsnet(['compile', '-o', output, '-'], GOOD)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(output, 'utf8')).toBe(tsnet(['compile', '-'], GOOD).stdout);
    tsnet(['compile', '-o', output, '-'], BAD);
    expect(readFileSync(output, 'utf8')).toBe(tsnet(['compile', '-'], GOOD).stdout);
    expect(readdirSync(folder)).toEqual(['rules.nft']);
  });

  test('-o follows a link, keeps the mode of the file, and writes into what is no plain file', () => {
    const [file, link, pipe] = [join(folder, 'file'), join(folder, 'link'), join(folder, 'pipe')];
    writeFileSync(file, 'old', { mode: 0o600 });
    symlinkSync(file, link);
    expect(tsnet(['compile', '-o', link, '-'], GOOD).code).toBe(0);
    expect([lstatSync(link).isSymbolicLink(), statSync(file).mode & 0o777]).toEqual([true, 0o600]);
    expect(readFileSync(file, 'utf8')).toContain('table inet tsnet {');

    spawnSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    expect(tsnet(['compile', '-o', pipe, '-'], GOOD).code).toBe(0);
    closeSync(reader);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  test('a file that cannot be written is the host refusing', () => {
    expect(tsnet(['compile', '-o', join(folder, 'none', 'rules.nft'), '-'], GOOD)).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error\[TN5009\]: cannot write .*: there is no such directory\n$/),
    });
  });

  test.each(['compile', 'fmt', 'compile --json', '--help', '--version'])(
    '%s to a full disk is the host refusing, no bug',
    (line) => {
      const full = openSync('/dev/full', constants.O_WRONLY);
      const args = line.startsWith('--') ? [line] : [...line.split(' '), '-'];
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
        input: GOOD,
        stdio: ['pipe', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect([status, stderr]).toEqual([
        3,
        line === '--version' ? '' : 'tsnet: cannot write the result: no space is left\n',
      ]);
    },
  );

  test('a reader that leaves early is no error', async () => {
    const many = Array.from(
      { length: 2000 },
      (_, index) => `container c${index} { network front; publish ${20000 + index}:80 }`,
    );
    writeFileSync(join(folder, 'many.tsnet'), `network front { subnet 10.1.0.0/16 }\n${many.join('\n')}\n`);
    const child = spawn(process.execPath, [PROGRAM, 'compile', join(folder, 'many.tsnet')]);
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    expect([code, stderr]).toEqual([0, '']);
  });
});

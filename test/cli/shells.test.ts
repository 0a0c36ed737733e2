import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionFor, SHELLS } from '../../cli/shells/completion';
import { COMMANDS } from '../../cli/table';

const MAN = join(__dirname, '..', '..', 'dist', 'man');

/** What bash offers for a command line whose last word is being typed. */
function offered(words: readonly string[]): string[] {
  const script = `${completionFor('bash', COMMANDS)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tsnet 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], {
    encoding: 'utf8',
    env: { ...process.env, TSNET_STATE: join(__dirname, 'none') },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

test.each([
  [['tsnet', 'app'], ['apply']],
  [['tsnet', 'apply', '--c'], ['--confirm']],
  [['tsnet', 'compile', '--target', 'ip6'], ['ip6tables']],
  [['tsnet', 'completion', ''], [...SHELLS]],
  [['tsnet', 'test', '--format', 'j'], ['junit']],
  [['tsnet', 'migrate', '--to', 'i'], ['intent']],
  [
    ['tsnet', 'migrate', '--family', ''],
    ['ip', 'ip6'],
  ],
  [['tsnet', 'prove', '--ignore', 'l'], ['log']],
  [
    ['tsnet', 'why', 'from', 'outside', 't'],
    ['to', 'tcp', 'type'],
  ],
  [
    ['tsnet', 'history', '-'],
    ['--state', '--json', '--help', '-h'],
  ],
])('bash completes %j', (words, expected) => expect(offered(words)).toEqual(expected));

/** Files are left to bash itself, which is told so by `compopt`. */
test.each([
  [['tsnet', 'prove', ''], true],
  [['tsnet', 'prove', 'old.v4', ''], true],
  [['tsnet', 'why', '-f', ''], true],
  [['tsnet', 'compile', '--output', ''], true],
  [['tsnet', 'why', 'from', ''], false],
  [['tsnet', 'confirm', ''], false],
])('bash completes %j by files: %s', (words, byFiles) => {
  const script = `${completionFor('bash', COMMANDS)}
compopt() { printf 'compopt %s\\n' "$*"; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tsnet`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  expect(stdout.includes('compopt -o default')).toBe(byFiles);
});

test.each(SHELLS)('the script for %s names every command', (shell) => {
  const script = completionFor(shell, COMMANDS);
  for (const { name } of COMMANDS) expect(script).toContain(name);
});

test.each(SHELLS)('%s reads its script, where it is installed', (shell) => {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-shells-'));
  const file = join(folder, 'script');
  writeFileSync(file, completionFor(shell, COMMANDS));
  const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  if (error) console.info(`${shell} is not installed here: its script was not read`);
  else expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('there is a manual page for the program and for each command', () => {
  expect(readdirSync(MAN).sort()).toEqual(['tsnet.1', ...COMMANDS.map(({ name }) => `tsnet-${name}.1`)].sort());
});

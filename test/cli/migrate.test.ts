import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

function migrate(input: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'migrate', ...args, '-'], {
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const DUMP = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
[3:180] -A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "admin only" -j ACCEPT
COMMIT
`;
const LOST = DUMP.replace('-A INPUT -p tcp', '-A INPUT -m physdev --physdev-in vnet0 -j DROP\n-A INPUT -p tcp');

describe('tsnet migrate', () => {
  test('prints a ruleset, and what was proven of it', () => {
    const { code, stdout, stderr } = migrate(DUMP, '--prove');
    expect(stderr).toBe('IPv4: equal for every packet\n');
    expect(stdout).toContain('# IPv4: equal for every packet\n');
    expect(stdout).toContain('type filter hook input priority filter; policy drop;');
    expect(stdout).toContain('tcp dport 22 accept comment "admin only"');
    expect(stdout).not.toContain('counter');
    expect(code).toBe(0);
  });

  test('no table is called as one of iptables-nft: what the text deletes is its own', () => {
    const { stdout } = migrate(DUMP);
    expect(stdout.match(/table .*/g)).toEqual([
      'table ip migrated-filter',
      'table ip migrated-filter',
      'table ip migrated-filter {',
    ]);
  });

  test('what cannot be said is an error with line, text and reason, and nothing is written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
    try {
      const file = join(folder, 'out.nft');
      const { code, stdout, stderr } = migrate(LOST, '-o', file);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/error\[TN\d{4}\]/);
      expect(stderr).toContain('<stdin>:7:');
      expect(stderr).toContain('-m physdev');
      expect(() => readFileSync(file)).toThrow('ENOENT');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('--partial leaves it in its place as a comment, and still is no success', () => {
    const { code, stdout, stderr } = migrate(LOST, '--partial');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /# LOST <stdin>:7 -A INPUT -m physdev.*\n.*#.*\n.*what only this rule stopped passes.*\n.*tcp dport 22/,
    );
    expect(stderr).toContain('1 of 4 rules');
  });

  test('as JSON: what became of each rule', () => {
    const { code, stdout } = migrate(LOST, '--json', '--partial', '--literal');
    const { rules, whole } = JSON.parse(stdout);
    expect([code, whole]).toEqual([1, false]);
    expect(rules).toMatchObject([
      { line: 5, became: 'rules', nft: [{ text: 'iifname "lo" accept' }] },
      { line: 6, became: 'rules', nft: [{ text: 'ct state established,related accept' }] },
      { line: 7, became: 'lost', effect: expect.stringContaining('dropped') },
      { line: 8, became: 'rules' },
    ]);
  });

  test('what is no dump is said to be none', () => {
    const { code, stderr } = migrate('hello\n');
    expect(code).toBe(1);
    expect(stderr).toContain('error[TN4003]');
  });
});

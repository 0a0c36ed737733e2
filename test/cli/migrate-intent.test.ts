import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../support/lab';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');
const DOCKER = join(__dirname, '../migrate/corpus/docker/docker20-18-foreign-rules.rules');
const SERVER = join(__dirname, '../migrate/corpus/firewalld/default.rules');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tsnet(...words: readonly string[]) {
  return execute(process.execPath, [PROGRAM, ...words]);
}

/** What is written to a file of that name. */
function written(name: string, ...words: readonly string[]) {
  const file = join(folder, name);
  const { code, stdout, stderr } = tsnet('migrate', ...words, '-o', file);
  return { code, stdout, stderr, file, text: code === 0 ? readFileSync(file, 'utf8') : '' };
}

/** What a file compiles to, without what stands above its tables. */
function rulesetOf(file: string): string {
  const { code, stdout, stderr } = tsnet('compile', file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

test('networks are recognised, other rules kept, and both are proven', () => {
  const { code, stdout, stderr } = tsnet('migrate', '--to', 'intent', '--prove', DOCKER);
  expect(stderr).toBe(
    '1 network, 1 container, 1 publish; 5 rules kept as they are\n' +
      'IPv4: equal for every packet, but for what networks of tsnet promise (docs/migration.md)\n',
  );
  expect(stdout).toContain('# IPv4: equal for every packet');
  expect(stdout).toMatch(
    /container c-172-17-0-2 \{\n {2}network docker0 \{\n {4}address 172.17.0.2\n {2}\}\n {2}publish 8170:80\n\}/,
  );
  expect(stdout).toContain('iifname "up0" ip saddr != 198.51.100.0/24 drop');
  expect(code).toBe(0);
});

test("a file's name says what it is to hold, and text and JSON compile to the same", () => {
  const [text, json] = [written('host.tsnet', DOCKER), written('host.json', DOCKER)];
  expect([text.code, json.code]).toEqual([0, 0]);
  expect(JSON.parse(json.text).networks).toEqual([{ name: 'docker0', subnets: ['172.17.0.0/16'], bridge: 'docker0' }]);
  expect(rulesetOf(json.file)).toBe(rulesetOf(text.file));
});

test('rules in which nothing is recognised give the ruleset that they give as nft', () => {
  const file = written('host.tsnet', SERVER);
  expect(file.stderr).toMatch(/^no network is raised; \d+ rules kept as they are\n/);
  const nft = written('host.nft', SERVER);
  const proof = tsnet('prove', nft.file, file.file);
  expect(proof.code).toBe(0);
  expect(written('rules.tsnet', '--to', 'nft', SERVER).text).toBe(file.text);
});

test('--to ts gives the ruleset that --to nft gives, in typed rules', () => {
  const file = written('host.ts', '--prove', SERVER);
  expect(file.stdout).toBe('IPv4: equal for every packet\n');
  expect(file.text).toMatch(/^\/\/ IPv4: equal for every packet\n\nimport \{/);
  const nft = written('host.nft', SERVER);
  expect(tsnet('prove', nft.file, file.file).code).toBe(0);
});

test('an intent may be TypeScript', () => {
  const file = written('host.ts', '--to', 'intent', '--prove', DOCKER);
  expect(file.stdout).toMatch(/^IPv4: equal for every packet, but for what networks of tsnet promise/);
  expect(file.text).toContain("const docker0 = network('docker0'");
  expect(tsnet('migrate', '--to', 'ts', DOCKER).stderr).toBe(
    '--to intent makes networks of what rules say of docker0\n',
  );
});

test('as JSON: what was recognised, and what each rule became', () => {
  const { stdout } = tsnet('migrate', '--to', 'intent', '--prove', '--json', DOCKER);
  const { recognised, kept, rules, proof } = JSON.parse(stdout);
  expect(recognised).toEqual({ networks: 1, containers: 1, publishes: 1, policies: 0, rulesKept: 5 });
  expect([kept, proof]).toEqual([[], [{ plane: 'ip', result: 'equal but for promises', differences: [] }]]);
  expect(rules.filter(({ became }: { became: string }) => became === 'intent')).toHaveLength(10);
});

test.each([
  [['--to', 'intent', '-o', 'host.nft'], 'tsnet compile'],
  [['--to', 'ts', '-o', 'host.tsnet'], '-o FILE.ts'],
  [['--to', 'intend'], 'did you mean `intent`?'],
])('%s makes no sense', (words, message) => {
  const { code, stderr } = tsnet('migrate', ...words, DOCKER);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

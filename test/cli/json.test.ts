import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHAPES } from '../../cli/results-schema';
import { COMMANDS } from '../../cli/table';
import { promisedResult } from '../support/results';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const SCHEMA = join(__dirname, '..', '..', 'dist', 'schema', 'results.schema.json');

const FILES = {
  'shop.tsnet': `network front { subnet 172.17.0.0/16 }
container web { network front; publish 8080:80 }
expect outside -> host tcp 8080 reaches web tcp 80
expect outside -> web tcp 22 allowed
expect front -> 203.0.113.0/24 denied
`,
  'old.v4': `*filter
:INPUT DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j LOG --log-prefix "in: "
COMMIT
`,
  'new.v4': '*filter\n:INPUT DROP\n-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT\nCOMMIT\n',
  'lost.v4': '*filter\n:INPUT DROP\n-A INPUT -m string --string x --algo bm -j DROP\nnonsense\nCOMMIT\n',
  'docker.v4': readFileSync(join(__dirname, '..', 'golden', 'seed.iptables'), 'utf8'),
  'wrong.tsnet': 'network front { subnet 172.17.0.0/99 }\n',
  empty: '',
} as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-json-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What files are asked, and the exit code. What a host is asked is in test/live/json.live.test.ts. */
test.each([
  ['compile', 'compile --json shop.tsnet', 0],
  ['why', 'why --json -f shop.tsnet from outside to host tcp 8080', 0],
  ['why', 'why --json -f shop.tsnet from outside to host tcp 80', 0],
  ['why', 'why --json -f shop.tsnet from outside to web tcp 22', 0],
  ['why', 'why --json -f old.v4 from 192.0.2.1 to 192.0.2.2 tcp 22 in eth0', 0],
  ['test', 'test --json shop.tsnet', 4],
  ['prove', 'prove --json old.v4 old.v4', 0],
  ['prove', 'prove --json --all old.v4 new.v4', 4],
  ['prove', 'prove --json empty empty', 0],
  ['migrate', 'migrate --json --prove old.v4', 0],
  ['migrate', 'migrate --json lost.v4', 1],
  ['migrate', 'migrate --json --partial lost.v4', 1],
  ['migrate', 'migrate --json --to intent --prove docker.v4', 0],
  ['fmt', 'fmt --json --check shop.tsnet', 4],
  ['error', 'compile --json wrong.tsnet', 1],
  ['error', 'test --json none.tsnet', 1],
  ['error', 'prove --json none.v4 old.v4', 1],
  ['error', 'migrate --json -o none/new.nft old.v4', 3],
  ['doctor', 'doctor --json --state shop.tsnet', 0],
] as const)('%s: tsnet %s', (shape, line, code) => {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...line.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, ...(stdout === '' ? { stdout } : {}) }).toEqual({ status: code });
  promisedResult(shape, stdout);
});

/** They print what another command does, or nothing of their own. */
const WITHOUT = ['run', 'exec', 'lab', 'completion'];

test('each command that reports has a shape, and the published schema has each of them', () => {
  const reporting = COMMANDS.map(({ name }) => name).filter((name) => !WITHOUT.includes(name));
  expect(Object.keys(SHAPES).sort()).toEqual(['error', ...reporting].sort());
  expect(existsSync(SCHEMA)).toBe(true);
  const { $defs } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { $defs: object };
  expect(Object.keys($defs).sort()).toEqual(['diagnostic', 'proof', ...Object.keys(SHAPES)].sort());
  expect(JSON.stringify($defs)).not.toContain('"additionalProperties":false');
});

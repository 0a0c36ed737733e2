import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../support/lab';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');
const INTENT = `
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
container db { network front; expose 5432 }
container web { network front; publish 8080:80; publish 5353:53/udp }
`;

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-lab-test-'));
  file = join(folder, 'shop.tsnet');
  writeFileSync(file, INTENT);
});
afterAll(() => rmSync(folder, { recursive: true }));

const lab = (...args: readonly string[]) => execute(process.execPath, [PROGRAM, 'lab', file, ...args]);

test.each(['nft', 'iptables'])('the client outside reaches a published port, target %s', (target) => {
  const { code, stdout } = lab('--target', target, '--run', 'outside -- curl --silent 192.0.2.1:8080');
  expect([code, stdout]).toEqual([0, 'web sees 192.0.2.9 on port 80/tcp\n']);
});

test('an unpublished port does not answer outside, and does without the rules', () => {
  const ask = 'outside -- curl --silent --max-time 1 172.17.0.3:80';
  const route = 'outside -- ip route add 172.17.0.0/16 via 192.0.2.1';
  expect(lab('--run', `${route} && ${ask}`).code).toBe(28);
  expect(lab('--run', `${route} && nft flush chain inet tsnet refuse && ${ask}`).stdout).toContain(
    'web sees 192.0.2.9',
  );
});

test("containers are there, with tsnet's own commands, and so is the other family", () => {
  const { stdout } = lab('--run', "tsnet exec db -- curl --silent -g '[fd00:17::3]:80'; tsnet status");
  expect(stdout).toMatch(/^web sees fd00:17::2 on port 80\/tcp$/m);
  expect(stdout).toMatch(/^container {2}db/m);
});

test('its exit code is that of the command', () => {
  expect(lab('--run', 'exit 7').code).toBe(7);
});

test('a wrong file is said, and nothing is made', () => {
  const wrong = join(folder, 'wrong.tsnet');
  writeFileSync(wrong, 'network front { subnet 172.17.0.0/33 }');
  const { code, stdout, stderr } = execute(process.execPath, [PROGRAM, 'lab', wrong, '--run', 'echo made']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/error\[TN\d+\]/);
});

test('nothing is left: no namespace, no process, no file', () => {
  expect(lab('--run', 'ip netns list | grep outside && sleep 543 & sleep 0.2').stdout).toContain('outside');
  expect(execute('ip', ['netns', 'list']).stdout).not.toMatch(/^outside( |$)/m);
  expect(execute('pgrep', ['-f', 'sleep 543']).code).toBe(1);
  expect(readdirSync(tmpdir()).filter((name) => /^tsnet-lab(?!-)/.test(name))).toEqual([]);
});

test('a shell says where it is and what there is to try', () => {
  const typed = execute(
    'script',
    ['--quiet', '--return', '--command', `${process.execPath} ${PROGRAM} lab ${file}`, '/dev/null'],
    'outside -- curl --silent 192.0.2.1:8080\nexit 3\n',
  );
  expect(typed.stdout).toContain('web sees 192.0.2.9 on port 80/tcp');
  expect(typed.stdout).toContain('outside');
  expect(typed.code).toBe(3);
});

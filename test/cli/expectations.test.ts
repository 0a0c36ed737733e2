import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

const NETWORKS = `define lan = { 192.168.1.0/24 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; icc off }
container web { network front; publish 8080:80; publish 192.0.2.7:8443:443; publish 9000:90 from lan }
container db { network back; expose 5432 }
container app { network back; link db }
container alone { network none }
allow front -> back tcp 5432
`;

function check(text: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'test', ...args, '-'], {
    input: text,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const HOLD = [
  'outside -> host tcp 8080 reaches web tcp 80',
  'outside -> host tcp 8443 reaches web tcp 443',
  'lan -> host tcp 9000 reaches web tcp 90',
  'web -> host tcp 8080 reaches web tcp 80',
  'db -> host tcp 8080 reaches web',
  'host -> host tcp 8080 reaches web',
  'outside -> web denied',
  'outside -> front tcp 80 denied',
  'front -> back tcp 5432 allowed',
  'front -> back tcp 80-90 denied',
  'back -> front denied',
  'front -> front allowed',
  'app -> db tcp 5432 allowed',
  'app -> db tcp 80 denied',
  'db -> app denied',
  'web -> outside allowed',
  'front -> 8.8.8.8 udp 53 allowed',
  'host -> web allowed',
  'alone -> web denied',
  'app -> db tcp 5432 reaches db tcp 5432',
  'front -> web reaches web',
  'lan -> 192.0.2.1 tcp 22 allowed',
];
const FAIL = [
  [
    'outside -> host tcp 8080 reaches web tcp 81',
    /tcp 192\.0\.2\.9:40000 -> 192\.0\.2\.[17]:8080 reaches web at 172\.17\.0\.2:80/,
  ],
  ['outside -> host tcp 8080 reaches db', /reaches web at/],
  [
    'outside -> host tcp 9000 reaches web tcp 90',
    /192\.0\.2\.9:40000 -> 192\.0\.2\.[17]:9000 is dropped: it is not from a source/,
  ],
  ['front -> back denied', /tcp 172\.17\.0\.2:\d+ -> 172\.18\.\d+\.\d+:5432 /],
  ['back -> back denied', /172\.18\.0\.3:\d+ -> 172\.18\.0\.2:5432 reaches db/],
  ['app -> db allowed', /172\.18\.0\.3:40000 -> 172\.18\.0\.2:\d+ is dropped/],
  ['outside -> web allowed', /-> (172\.17\.0\.2|\[fd00:17::2\]):\d+ is dropped/],
  ['web -> outside denied', /172\.17\.0\.2:\d+ -> \S+ reaches outside/],
  ['outside -> 8.8.8.8 denied', /both are outside: what goes from the one to the other is not asked of this host/],
  ['front -> front denied', /172\.17\.0\.2:40000 -> 172\.17\.0\.0:80 is let through, though it gets nowhere/],
  ['alone -> web allowed', /there are no packets from the one to the other/],
] as const;

test.each(HOLD)('holds: %s', (text) => {
  expect(check(`${NETWORKS}expect ${text}\n`)).toEqual({
    code: 0,
    stdout: `ok    <stdin>:9 expect ${text}\nall 1 hold\n`,
    stderr: '',
  });
});

test.each([
  [
    'outside -> host tcp 80 reaches web tcp 80',
    ['<stdin>:4 publish 8080:80 leads to port 80 of web', 'to reach web, ask for 192.0.2.1 port 8080'],
  ],
  ['db -> app tcp 80 allowed', ['to let it in, add: allow db -> app tcp 80']],
  // Who wants it dropped is not told how it would be let in.
  ['front -> back denied', []],
])('does not hold: %s: what is between is told with it', (text, hints) => {
  const [{ packet }] = JSON.parse(check(`${NETWORKS}expect ${text}\n`, '--json').stdout).expectations;
  expect(packet.hints.filter((hint: string) => !hint.startsWith('no container'))).toEqual(hints);
  const { stdout } = check(`${NETWORKS}expect ${text}\n`);
  for (const hint of hints) expect(stdout).toContain(`      ${hint}\n`);
});

test.each(FAIL)('does not hold: %s', (text, packet) => {
  const { code, stdout } = check(`${NETWORKS}expect ${text}\n`);
  expect(code).toBe(4);
  expect(stdout).toContain(`FAIL  <stdin>:9 expect ${text}\n`);
  expect(stdout).toMatch(packet);
});

test('a rule of the user that the intent does not speak of is found', () => {
  const table =
    'table inet host { chain input { type filter hook input priority 0; policy accept; tcp dport 22 drop } }';
  const { stdout } = check(`${NETWORKS}expect outside -> host allowed\n${table}\n`);
  expect(stdout).toMatch(/192\.0\.2\.[17]:(22|9000) is dropped/);
});

test('an answer that does not come back is no `allowed`', () => {
  const both = NETWORKS.replace('container db { network back;', 'container db { network back; network front;');
  const { stdout } = check(`${both}expect front -> 172.18.0.2 tcp 5432 allowed\n`);
  expect(stdout).toMatch(/reaches db at 172\.18\.0\.2:5432, but the answer is dropped/);
});

test('as TAP, JUnit and JSON', () => {
  const text = `${NETWORKS}expect outside -> web denied\nexpect outside -> web tcp 80 allowed\n`;
  const tap = check(text, '--format', 'tap').stdout;
  expect(tap).toMatch(
    /^TAP version 13\n1\.\.2\nok 1 - expect outside -> web denied\nnot ok 2 - expect outside -> web tcp 80 allowed\n {2}---\n {2}message: ".* is dropped/,
  );
  const junit = check(text, '--format', 'junit').stdout;
  expect(junit).toContain('<testsuite name="tsnet" tests="2" failures="1" errors="0" skipped="0">');
  expect(junit).toContain('<testcase name="expect outside -&gt; web denied" classname="&lt;stdin&gt;"/>');
  const { expectations } = JSON.parse(check(text, '--json').stdout);
  expect(expectations.map(({ holds }: { holds: boolean }) => holds)).toEqual([true, false]);
  expect(check(text, '--format', 'html').code).toBe(2);
});

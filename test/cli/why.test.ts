import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

const SHOP = `define lan = { 192.168.1.0/24 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; icc off }
network inner { subnet 172.19.0.0/16; internal }
container web { network front; publish 8080:80 }
container db { network back; expose 5432; publish 5432:5432 from lan limit 100/second }
container app { network back; link db }
container safe { network inner }
allow front -> back tcp 5432
deny front -> 10.0.0.0/8
`;

const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp --dport 22 -j ACCEPT
-A FORWARD -i eth0 -o eth1 -p tcp --dport 80 -j REJECT --reject-with tcp-reset
COMMIT
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-why-'));
  writeFileSync(join(folder, 'shop.tsnet'), SHOP);
  writeFileSync(join(folder, 'rules.v4'), RULES);
});
afterAll(() => rmSync(folder, { recursive: true }));

function why(words: string, file = 'shop.tsnet') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'why', '-f', file, ...words.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
  });
  return {
    code: status,
    head: stdout
      .split('\n\n', 1)[0]
      ?.split('\n')
      .slice(1)
      .map((line) => line.trim()),
    stdout,
    stderr,
  };
}

test.each([
  [
    'from 203.0.113.9 to 192.0.2.1 tcp 8080',
    ['reaches web at 172.17.0.2:80', 'because of shop.tsnet:5 publish 8080:80', 'the answer comes back'],
  ],
  [
    'from outside to host tcp 99',
    [
      'reaches the host itself at 192.0.2.1:99',
      'no container has that port: only a program of the host itself could answer',
      'the answer comes back',
    ],
  ],
  [
    'from outside to host tcp 80',
    [
      'reaches the host itself at 192.0.2.1:80',
      'no container has that port: only a program of the host itself could answer',
      'shop.tsnet:5 publish 8080:80 leads to port 80 of web',
      'the answer comes back',
      'to reach web, ask for 192.0.2.1 port 8080',
    ],
  ],
  [
    'from outside to safe tcp 80',
    [
      'is dropped: an internal network is reached from within only, and reaches nothing else',
      'because of shop.tsnet:4 internal',
    ],
  ],
  [
    'from web to host tcp 8080',
    [
      'reaches web at 172.17.0.2:80, as from 172.17.0.1:40000',
      'because of shop.tsnet:5 publish 8080:80',
      'the answer comes back',
    ],
  ],
  [
    'from host to 127.0.0.1 tcp 8080',
    [
      'reaches web at 172.17.0.2:80, as from 172.17.0.1:40000',
      'because of shop.tsnet:5 publish 8080:80',
      'the answer comes back',
    ],
  ],
  [
    'from web to db tcp 5432',
    ['reaches db at 172.18.0.2:5432', 'because of shop.tsnet:9 allow front -> back tcp 5432', 'the answer comes back'],
  ],
  [
    'from app to db tcp 5432',
    ['reaches db at 172.18.0.2:5432', 'because of shop.tsnet:7 link db', 'the answer comes back'],
  ],
  [
    'from db to app tcp 80',
    ['is dropped: no statement lets it reach that container', 'to let it in, add: allow db -> app tcp 80'],
  ],
  [
    'from web to 10.1.2.3 udp 53',
    [
      'is dropped: a statement denies it',
      'because of shop.tsnet:10 deny front -> 10.0.0.0/8',
      'to let it in, take back: deny front -> 10.0.0.0/8',
    ],
  ],
  [
    'from web to 9.9.9.9 udp 53',
    ['reaches outside by eth0 at 9.9.9.9:53, as from 192.0.2.1:40000', 'the answer comes back'],
  ],
  [
    'from 192.168.1.7 to 192.0.2.1 tcp 5432',
    [
      'reaches db at 172.18.0.2:5432',
      'because of shop.tsnet:6 publish 5432:5432 from lan limit 100/second',
      'the answer comes back',
    ],
  ],
  [
    'from 192.168.2.7 to 192.0.2.1 tcp 5432',
    [
      'is dropped: it is not from a source that the port is published for',
      'because of shop.tsnet:6 publish 5432:5432 from lan limit 100/second',
      'to let it in, instead of publish 5432:5432 from lan limit 100/second write: publish 5432:5432 from { lan, 192.168.2.7 } limit 100/second',
    ],
  ],
  ['from safe to 9.9.9.9 tcp 80', ['gets nowhere: safe has no route to 9.9.9.9']],
])('%s', (words, said) => {
  expect(why(words).head).toEqual(said);
});

test('a sender that pretends is not heard, and the port of its bridge is where', () => {
  const { stdout } = why('from web as 172.17.0.9 to 192.0.2.9 tcp 1');
  expect(stdout).toContain('does not carry the MAC and IP address that its sender was given');
  expect(stdout).toMatch(/dropped +bridge tsnet refuse +counter drop/);
});

test('every rule on the way, in order, with what it does and where it comes from, as JSON', () => {
  const { path, outcome, answer } = JSON.parse(why('from outside to host tcp 8080 --json').stdout);
  expect(
    path.flatMap(({ rules }: { rules: { chain: string; effect: string }[] }) =>
      rules.map(({ chain, effect }) => `${chain}: ${effect}`),
    ),
  ).toEqual([
    'inet tsnet admission: asks chain admit',
    'inet tsnet prerouting: asks chain publish',
    'inet tsnet publish: sent on to 172.17.0.2:80',
    'inet tsnet forward: asks chain to_container',
    'inet tsnet to_container: asks chain new_to_container',
    'inet tsnet new_to_container: accepted',
    'inet tsnet postrouting: asks chain into_network',
  ]);
  expect(outcome).toEqual({
    kind: 'delivered',
    at: 'web',
    mark: 0,
    connectionMark: 0,
    to: '172.17.0.2:80',
    from: '192.0.2.9:40000',
    text: 'reaches web at 172.17.0.2:80',
  });
  expect(answer.comesBack).toBe(true);
});

test('rules alone: the interfaces are told', () => {
  expect(why('from 10.0.0.9 to 10.0.1.9 tcp 80 in eth0 out eth1', 'rules.v4').head).toEqual([
    'is rejected with tcp reset',
    'because of rules.v4:6 -A FORWARD -i eth0 -o eth1 -p tcp --dport 80 -j REJECT --reject-with tcp-reset',
  ]);
  expect(why('from 10.0.0.9 to 10.0.0.1 tcp 22 in eth0', 'rules.v4').head?.[0]).toBe(
    'reaches the host itself at 10.0.0.1:22',
  );
  expect(why('from 10.0.0.9 to 10.0.0.1 tcp 23 in eth0', 'rules.v4').head).toEqual([
    'is dropped: no rule of chain INPUT (ip filter) accepts it, and its policy is drop',
    'because of rules.v4:2 :INPUT',
  ]);
  const { code, stderr } = why('from 10.0.0.9 to 10.0.0.1 tcp 22', 'rules.v4');
  expect([code, stderr]).toEqual([2, expect.stringContaining('rules alone do not say where a packet comes from')]);
});

test.each([
  ['from bob to web', 'bob is no container, no network and no address'],
  ['from web to db nonsense', '`nonsense` is no word of a packet\n'],
  ['from web to db tcp 5432 mac 02:42:zz', '`02:42:zz` is not'],
  ['from web to db stat new', '`stat` is no word of a packet; did you mean `state`?'],
  ['from bod to wbe tcp 80', 'bod is no container, no network and no address\n'],
  ['from web to frnot tcp 80', 'frnot is no container, no network and no address; did you mean front?'],
  ['from outside to host:8080', 'host:8080 is no container, no network and no address: say host tcp 8080'],
  ['from outside to [2001:db8::1]:8080', 'no address: say 2001:db8::1 tcp 8080'],
  ['from outside to host tcp/80', '`tcp/80` is no word of a packet: say `tcp 80`'],
  ['from outside to host 8080', '8080 is no protocol: of a port, say `tcp 8080`'],
  ['from outside to host icmp 8', 'ICMP has no ports: `type 8` says which kind it is'],
  ['from outside to host tcp 80 udp 53', 'one packet has one protocol: `udp` is a second one'],
  ['from web', 'a packet goes from a place to a place'],
  ['from web to db tcp 99999', 'a port is a number from 0 to 65535'],
  ['from 172.17.0.99 to db', 'no container of network front has 172.17.0.99'],
  ['from web to fd00::1 state wet', 'a state is one of invalid, established'],
])('%s: said what is wrong, exit code 2', (words, message) => {
  const { code, stdout, stderr } = why(words);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test.each([
  ['from outside to host 80', '80 is taken for a protocol: of a port, say `tcp 80`'],
  ['from outside to host', 'no port is said, and 0 is asked for: say `tcp PORT`'],
  ['from front to host tcp 8080', 'web stands for network front'],
])('%s: answered, and said what was taken for granted', (words, note) => {
  const { code, stderr } = why(words);
  expect([code, stderr]).toEqual([0, `tsnet: ${note}\n`]);
});

test.each([
  ['from host to localhost tcp 8080', 'tcp 127.0.0.1:40000 -> 127.0.0.1:8080'],
  ['-6 from host to localhost tcp 8080', 'tcp [::1]:40000 -> [::1]:8080'],
  ['from outside to host tcp http-alt', 'tcp 192.0.2.9:40000 -> 192.0.2.1:8080'],
  ['from web to outside udp domain sport 53', 'udp 172.17.0.2:53 -> 192.0.2.9:53'],
])('%s: %s', (words, packet) => {
  expect(why(words).stdout.split('\n', 1)[0]).toBe(packet);
});

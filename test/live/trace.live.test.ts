import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../support/lab';

const PROGRAM = join(__dirname, '../../dist/cli/main.js');

const INTENT = `
define lan = { 192.168.1.0/24, fd01::/64 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; icc off }
network inner { subnet 172.19.0.0/16; internal }
network plain { subnet 172.20.0.0/16; nat routed; log drops }
network marked { subnet 172.21.0.0/16; nat snat 203.0.113.7 }
container web { network front; publish 8080:80; publish 5353:53/udp; publish 192.0.2.7:8443:443; publish 9000:90 from lan limit 5/second }
container two { network front; publish 127.0.0.1:7000:70 }
container db { network back; expose 5432 }
container app { network back; link db }
container both { network back; network plain }
container safe { network inner }
container open { network plain; publish 81:80 }
container far { network marked }
allow front -> back tcp 5432
deny web -> 203.0.113.9
allow lan -> db tcp 5432
table inet host {
  set known { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.9 } }
  map ways { type inet_service : verdict; elements = { 23 : drop, 24 : accept, 25 : jump mail } }
  chain mail { ip saddr @known counter return; drop }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    tcp dport 22 ip saddr @lan accept
    tcp dport vmap @ways
    udp dport 53 meta mark set 7 goto marked
    reject with icmpx admin-prohibited
  }
  chain marked { meta mark 7 accept }
  chain early { type filter hook prerouting priority -350; policy accept; ct state untracked drop; tcp dport 8080 counter }
  chain late { type filter hook postrouting priority 200; policy accept; ct status dnat counter; ct status snat counter }
}
`;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsnet-trace-'));
  file = join(folder, 'x.tsnet');
  writeFileSync(file, INTENT);
});
afterAll(() => rmSync(folder, { recursive: true }));

const why = (words: string, ...flags: readonly string[]) =>
  execute(process.execPath, [PROGRAM, 'why', '--trace', ...flags, '-f', file, ...words.split(' ')]);

const NO_RULES = ['from safe to outside tcp 80', 'from host to outside udp 53'];

test.each([
  ...NO_RULES,
  'from outside to host tcp 8080',
  'from outside to 2001:db8::1 tcp 8080',
  'from outside to host udp 5353',
  'from outside to 192.0.2.7 tcp 8443',
  'from outside to host tcp 9000',
  'from 192.168.1.5 to host tcp 9000',
  'from 192.168.1.5 to host tcp 22',
  'from outside to host tcp 22',
  'from outside to host tcp 23',
  'from outside to host tcp 24',
  'from outside to host tcp 25',
  'from outside to host udp 53',
  'from outside to host tcp 81',
  'from outside to web tcp 80',
  'from outside to open tcp 80',
  'from outside to safe tcp 80',
  'from 192.168.1.5 to db tcp 5432',
  'from web to two tcp 80',
  'from web to db tcp 5432',
  'from web to db tcp 80',
  'from app to db tcp 5432',
  'from db to app tcp 80',
  'from two to host tcp 8080',
  'from web to host tcp 8080',
  'from web to 203.0.113.9 tcp 80',
  'from web to 203.0.113.10 udp 53',
  'from far to outside tcp 80',
  'from open to outside tcp 80',
  'from both to open tcp 80',
  'from host to web tcp 80',
  'from host to 127.0.0.1 tcp 7000',
  'from host to host tcp 8080',
])('the kernel meets the rules that are told: %s', (words) => {
  const { code, stdout, stderr } = why(words, '--json');
  const { trace } = JSON.parse(stdout === '' ? '{}' : stdout) as {
    trace?: { agrees: boolean; steps: readonly { by: string }[] };
  };
  expect(stderr.replace(/^tsnet: .* is taken for an address of the host\n/, '')).toBe('');
  expect(trace?.steps.filter(({ by }) => by !== 'both')).toEqual([]);
  expect(trace?.steps.length === 0).toBe(NO_RULES.includes(words));
  expect({ code, agrees: trace?.agrees }).toEqual({ code: 0, agrees: true });
});

test('the two are shown beside each other', () => {
  const { stdout } = why('from outside to host tcp 8080');
  expect(stdout).toMatch(/^ {2}= inet host early +tcp dport 8080 counter packets 0 bytes 0 {2}\(continue\)$/m);
  expect(stdout).toMatch(/\nthe kernel and the rules agree on \d+ rules\n$/);
});

test('a packet that did not come so far is no disagreement about rules', () => {
  const text = 'table inet host { chain input { type filter hook input priority 0; policy drop } }';
  const { code, stdout } = execute(
    process.execPath,
    [PROGRAM, 'why', '--trace', '-f', '-', 'from', 'outside', 'to', '2001:db8::1', 'tcp', '80'],
    `network n { subnet 172.17.0.0/16 }\n${text}\n`,
  );
  expect(code).toBe(4);
  expect(stdout).toContain('no such packet came to the kernel');
});

test.each([
  ['from outside to host icmp', 'a packet of TCP or UDP can be sent'],
  ['from outside to host tcp 80 flags ack', 'the first packet of a connection, as a socket makes it'],
  ['from web as 10.9.9.9 to db tcp 80', 'web has no address 10.9.9.9 to send from'],
])('what no socket sends is no packet to trace: %s', (words, said) => {
  const { code, stderr } = why(words);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
});

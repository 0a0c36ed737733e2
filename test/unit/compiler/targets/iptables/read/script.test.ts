import { readDumps } from '../../../../../../compiler/targets/iptables/read';
import { statementText } from '../../../../../../compiler/targets/nft/notation';
import { positionOf } from '../../../../../../dsl/core/source';

function read(...lines: readonly string[]) {
  const { tables, diagnostics } = readDumps([{ source: { name: 'firewall.sh', text: `${lines.join('\n')}\n` } }]);
  return {
    rules: tables.flatMap(({ family, name, chains }) =>
      chains.flatMap((chain) =>
        chain.rules.map(
          ({ statements }) => `${family} ${name} ${chain.name}: ${statements.map(statementText).join(' ')}`,
        ),
      ),
    ),
    said: diagnostics.map(({ severity, message, primary }) => {
      const line = primary?.span ? positionOf(primary.span.source, primary.span.start).line : 0;
      return `${severity} ${line}: ${message}`;
    }),
  };
}

const LO = 'ip filter INPUT: iifname "lo" accept';

test.each([
  ['a plain call', 'iptables -A INPUT -i lo -j ACCEPT'],
  ['by its path', 'sudo /sbin/iptables-legacy -w -A INPUT -i lo -j ACCEPT'],
  ['by a variable', 'IPT=/sbin/iptables', '$IPT -A INPUT -i lo -j ACCEPT'],
  ['by a variable of the environment', '"$IPTABLES" -A INPUT -i lo -j ACCEPT'],
  ['with variables of one value', 'IPT="iptables -w"; DEV=lo', '$IPT -A INPUT -i "$DEV" -j ACCEPT'],
  ['that goes on in the next line', 'iptables -A INPUT \\', "  -i 'lo' -j ACCEPT # as ever"],
  ['whose failure does not matter', 'iptables -A INPUT -i lo -j ACCEPT >/dev/null 2>&1 || true'],
  ['where there is none yet', 'iptables -C INPUT -i lo -j ACCEPT || iptables -A INPUT -i lo -j ACCEPT'],
  [
    'not where there is one',
    'iptables -A INPUT -i lo -j ACCEPT',
    'iptables -C INPUT -i lo -j ACCEPT 2>/dev/null || iptables -A INPUT -i lo -j ACCEPT',
  ],
  [
    'after the old ones went',
    'iptables -A INPUT -j DROP',
    'iptables -F',
    'iptables -X',
    'iptables -A INPUT -i lo -j ACCEPT',
  ],
  ['before the script ends', 'iptables -A INPUT -i lo -j ACCEPT', 'exit 0', 'iptables -A INPUT -j DROP'],
])('%s', (_, ...lines) => {
  expect(read('#!/bin/sh', ...lines)).toEqual({ rules: [LO], said: [] });
});

test("a script's name does not make another program of iptables", () => {
  const call = (name: string, program: string) =>
    readDumps([{ source: { name, text: `#!/bin/sh\n${program} -A INPUT -i lo -j ACCEPT\n` } }]).tables[0]?.family;
  expect(call('firewall-ipv6.sh', 'iptables')).toBe('ip');
  expect(call('firewall-ipv4.sh', '/sbin/ip6tables')).toBe('ip6');
});

test.each(["'!' -i lo", '"!" -i lo', '\\! -i lo', '-i "!" lo'])('negated as a shell wants it: %s', (negated) => {
  expect(read(`iptables -A INPUT ${negated} -j ACCEPT`)).toEqual({
    rules: ['ip filter INPUT: iifname != "lo" accept'],
    said: [],
  });
});

test('a word that is only quoted is no negation', () => {
  const { rules } = read("iptables -A INPUT -m string --string '!' --algo bm --from 0 --to 1 -j DROP");
  expect(rules).toEqual([expect.not.stringContaining('!=')]);
});

test.each([
  ['eval', 'eval "iptables -A INPUT -j DROP"'],
  ['ip', 'ip netns exec blue iptables -A INPUT -j DROP'],
  ['-A', 'ExecStart=/sbin/iptables -A INPUT -j DROP'],
])('what %s does with iptables is not passed over', (program, line) => {
  expect(read('#!/bin/sh', line, 'iptables -A INPUT -i lo -j ACCEPT').said).toEqual([
    `error 2: only a shell can tell what \`${program}\` does with iptables`,
  ]);
});

test('each family and table is read', () => {
  const { rules } = read(
    'ip6tables -A INPUT -s ::1 -j ACCEPT',
    'iptables -A POSTROUTING -t nat -j MASQUERADE',
    "iptables -A INPUT -j LOG --log-prefix 'a b '",
  );
  expect(rules).toEqual([
    'ip6 filter INPUT: ip6 saddr ::1 accept',
    'ip nat POSTROUTING: masquerade',
    expect.stringContaining('ip filter INPUT: log prefix'),
  ]);
});

test('what only a shell can tell is lost where it stands, and said once', () => {
  const { rules, said } = read(
    'iptables -A INPUT -i $1 -j DROP',
    'iptables -A INPUT -i lo -j ACCEPT',
    'iptables -A INPUT -o $1 -j DROP',
    'iptables -A INPUT -s $(cat /etc/friends) -j ACCEPT',
  );
  expect(said).toEqual([
    'error 1: only the shell that runs the script knows `$1`',
    'error 4: only the shell that runs the script knows `$(cat /etc/friends)`',
  ]);
  expect(rules).toHaveLength(4);
  expect(rules[1]).toBe(LO);
});

test.each([
  ['for port in $PORTS; do', 'iptables -A INPUT -p tcp --dport $port -j ACCEPT', 'done'],
  ['for port in 22 80; do', 'iptables -A INPUT -p tcp --dport $port -j ACCEPT'],
  ['while read port; do', 'iptables -A INPUT -p tcp --dport $port -j ACCEPT', 'done'],
  ['if [ -f /etc/x ]; then', '$IPT -A INPUT -i lo -j ACCEPT', 'fi'],
  ['if [ -f /etc/x ]; then', 'sh /etc/x', 'fi'],
  ['if [ -f /etc/x ]; then if true; then', 'echo', 'fi; iptables -A INPUT -i lo -j ACCEPT', 'fi'],
  ['if [ -f /etc/x ]; then', 'iptables -A INPUT -i lo -j ACCEPT', 'fi'],
  ['start() {', 'iptables -A INPUT -i lo -j ACCEPT', '}'],
  ['[ -f /etc/x ] && iptables -A INPUT -i lo -j ACCEPT', 'start() {'],
])('nothing is read of a script that branches: %s', (...lines) => {
  const { rules, said } = read('iptables -P INPUT DROP', ...lines);
  expect(rules).toEqual([]);
  expect(said.join()).toMatch(/error \d: (only a shell can tell what|whether this is run depends)/);
});

const ACCEPTED = (port: number) => `ip filter INPUT: meta l4proto tcp tcp dport ${port} accept`;

test.each([
  ['in a line', 'for port in 22 80; do iptables -A INPUT -p tcp --dport $port -j ACCEPT; done'],
  [
    'of a variable',
    'PORTS="22 80"',
    'for port in $PORTS',
    'do',
    '  iptables -A INPUT -p tcp --dport "$port" -j ACCEPT',
    'done',
  ],
  [
    'in another',
    'for tool in iptables; do # each',
    'for port in 22 80; do',
    '$tool -A INPUT -p tcp --dport "$port" -j ACCEPT',
    'done; done',
  ],
  [
    'over nothing beside it',
    'for x in; do iptables -F; done',
    'for port in 22 80; do iptables -A INPUT -p tcp --dport $port -j ACCEPT; done',
  ],
])('a loop over constants %s', (_, ...lines) => {
  expect(read(...lines)).toEqual({ rules: [ACCEPTED(22), ACCEPTED(80)], said: [] });
});

test.each([
  ['if [ "$(id -u)" != 0 ]; then echo "root only"; exit 1; fi'],
  ['if test -x /sbin/modprobe', 'then', 'if true; then echo; fi', 'modprobe ip_tables', 'fi'],
  ['[ $UID = 0 ] || exit 1'],
  ['for each in /proc/sys/net/ipv4/conf/*/rp_filter; do', 'echo 1 > $each', 'done'],
  ['case "$1" in', 'help|-h) echo "firewall"; exit ;;', 'esac'],
])('a check that makes no rules is passed over: %s', (...lines) => {
  const { rules, said } = read(...lines, 'iptables -A INPUT -i lo -j ACCEPT');
  expect(rules).toEqual([LO]);
  expect(said.filter((line) => line.startsWith('error'))).toEqual([]);
});

test('what was given under a condition is not known', () => {
  expect(read('DEV=lo', '[ -f /etc/x ] && DEV=eth0', 'iptables -A INPUT -i $DEV -j ACCEPT').said).toEqual([
    'error 3: only the shell that runs the script knows `$DEV`',
  ]);
});

test('commands that make no rules are named', () => {
  const { said } = read(
    'modprobe x',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'sysctl -w a=1',
    'iptables -P INPUT DROP',
  );
  expect(said).toEqual([
    'warning 2: `echo 1 > /proc/sys/net/ipv4/ip_forward` and 1 more of its commands make no rules, and are not migrated',
  ]);
});

describe('scripts that would take for ever', () => {
  const ends = (lines: readonly string[]) => expect(read(...lines).said.length).toBeGreaterThan(0);
  const times = (count: number, ...lines: readonly string[]) => Array.from({ length: count }, () => lines).flat();

  test.each([40, 5000])('%d blocks within each other', (depth) => {
    ends([...times(depth, 'if true; then'), 'iptables -A INPUT -i lo -j ACCEPT', ...times(depth, 'fi')]);
  });
  test('loops within loops', () => {
    ends([...times(5000, 'for a in 1 2; do'), 'iptables -A INPUT -i lo -j ACCEPT', ...times(5000, 'done')]);
  });
  test('a long body of a long loop', () => {
    ends([`for a in ${times(9000, 'x').join(' ')}; do`, ...times(20_000, ': nothing'), 'done']);
  });
});

import { type DumpInput, readDumps } from '../../../../../../compiler/targets/iptables/read';
import { statementText } from '../../../../../../compiler/targets/nft/notation';
import { positionOf } from '../../../../../../dsl/core/source';

/** What texts hold, `FAMILY TABLE CHAIN POLICY` and its rules, and what is said of them. */
type Input = string | { readonly text: string; readonly name?: string; readonly otherwise?: DumpInput['family'] };

function read(...inputs: readonly Input[]) {
  const { tables, diagnostics } = readDumps(
    inputs.map((input) => {
      const { text, name = 'rules', otherwise } = typeof input === 'string' ? { text: input } : input;
      return { source: { name, text }, ...(otherwise ? { otherwise } : {}) };
    }),
  );
  return {
    rules: tables.flatMap((table) =>
      table.chains.flatMap(({ name, base, rules }) => [
        [table.family, table.name, name, base?.policy].filter((word) => word !== undefined).join(' '),
        ...rules.map(({ statements }) => `  ${statements.map(statementText).join(' ')}`),
      ]),
    ),
    said: diagnostics.map(({ severity, message, primary }) => {
      const line = primary?.span ? positionOf(primary.span.source, primary.span.start).line : 0;
      return `${severity} ${line}: ${message}`;
    }),
  };
}

const INPUT = ['ip filter INPUT drop', '  iifname "lo" accept'];

describe('a dump of iptables-save', () => {
  test.each([
    ['as it is', '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
    ['with line ends of DOS', '*filter\r\n:INPUT DROP [0:0]\r\n-A INPUT -i lo -j ACCEPT\r\nCOMMIT\r\n'],
    ['with a byte order mark', '\uFEFF*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
    [
      'with blanks, tabs and comments',
      '# mine\n *filter \n\n\t:INPUT DROP \n  # lo\n-A\tINPUT -i lo  -j ACCEPT \n COMMIT ',
    ],
    ['with counters', '*filter\n:INPUT DROP [12:345]\n[6:78] -A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
    ['with policies as commands', '*filter\n-P INPUT DROP\n--append INPUT -i lo --jump ACCEPT\nCOMMIT\n'],
    ['with a blank after the colon', '*filter\n: INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
    ['with options before and glued', '*filter\n-P INPUT DROP\n-i lo -AINPUT -jACCEPT\nCOMMIT\n'],
    [
      'with rules that go again',
      '*filter\n:INPUT DROP\n-A INPUT -j DROP\n-I INPUT -i lo -j ACCEPT\n-D INPUT 2\nCOMMIT\n',
    ],
    [
      'with a rule deleted by what it says',
      '*filter\n:INPUT DROP\n-A INPUT -p tcp -j DROP\n-A INPUT -i lo -j ACCEPT\n-D INPUT -p 6 -j DROP\nCOMMIT\n',
    ],
    ['with a rule replaced', '*filter\n:INPUT DROP\n-A INPUT -j DROP\n-R INPUT 1 -i lo -j ACCEPT\nCOMMIT\n'],
    ['that empties first', '*filter\n:INPUT DROP\n-A INPUT -j DROP\n-N x\n-F\n-X\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ rules: INPUT, said: [] });
  });

  test.each([
    ['-A INPUT -j DROP # all', 'a comment has a line of its own'],
    ['-A INPUT \u2013j DROP', 'a text processor made this dash; iptables has `-`, and `--` before long options'],
    ['-A INPUT -j LOG --log-prefix \u201cto me\u201d', 'a text processor made these quotes; iptables has `"`'],
    ['-A INPUT -p tcp \\\n', 'a line of a dump ends where it ends: write the rule in one line'],
  ])('a word that is no option, and what it looks like: %s', (line, hint) => {
    const { diagnostics } = readDumps([{ source: { name: 'rules', text: `*filter\n${line}\nCOMMIT\n` } }]);
    expect(diagnostics[0]?.hint?.text).toBe(hint);
  });

  const DUMP = '*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n';
  const LEFT_OUT = 'this is no line of a dump: iptables-restore refuses the text, here it is left out';

  test.each([
    ['a terminal of root', `[root@gate ~]# iptables-save\n${DUMP}[root@gate ~]# \n`, [1, 6]],
    ['a terminal', `admin@gate:~$ sudo /sbin/iptables-save -c\n${DUMP}`, [1]],
    ['a page', `\`\`\`sh\n${DUMP}\`\`\`\n`, [1, 6]],
  ])('pasted from %s', (_, text, lines) => {
    expect(read(text)).toEqual({ rules: INPUT, said: lines.map((line) => `warning ${line}: ${LEFT_OUT}`) });
  });

  test('in a script, for each family', () => {
    const script = `#!/bin/sh\niptables-restore <<EOF\n${DUMP}EOF\nip6tables-restore <<-'END'\n${DUMP}END\n`;
    expect(read(script)).toEqual({ rules: [...INPUT, 'ip6 filter INPUT drop', INPUT[1]], said: [] });
  });

  test('in a script that puts something into it', () => {
    const script = (mark: string) => `cat > rules.v4 <<${mark}\n${DUMP.replace('lo', '$WAN')}EOF\n`;
    expect(read(script('EOF')).said).toEqual(['error 4: only the shell that runs the script knows `$WAN`']);
    expect(read(script("'EOF'")).said).toEqual([]);
  });

  test('other lines beside it are errors', () => {
    expect(read(`${DUMP}Reboot, then look\n`).said).toEqual([
      'error 5: expected `*filter` or another table before this',
    ]);
  });

  test('chains of the user have no policy, whatever stands there', () => {
    const { rules, said } = read('*filter\n:a [0:0]\n:b - DROP [0:0]\n:c ACCEPT [0:0]\n-A c -j a\n-A c -j b\nCOMMIT\n');
    expect(rules).toEqual(['ip filter a', 'ip filter b', 'ip filter c', '  jump a', '  jump b']);
    expect(said).toEqual([]);
  });

  test.each(['[0:0]', 'REJECT', 'drop'])('`%s` is no policy of a built-in chain', (policy) => {
    expect(read(`*filter\n:INPUT ${policy}\nCOMMIT\n`).said).toEqual([`error 2: \`${policy}\` is not a policy`]);
  });

  test('a chain that is renamed takes along what leads to it', () => {
    const { rules } = read('*filter\n:a -\n-A INPUT -j a\n-A INPUT -g a\n-E a b\nCOMMIT\n');
    expect(rules).toEqual(['ip filter b', 'ip filter INPUT accept', '  jump b', '  goto b']);
  });

  test('without COMMIT it is read on, and that is said', () => {
    const { rules, said } = read('*filter\n-A INPUT -j DROP\n*nat\n*filter\n-A INPUT -j ACCEPT\n');
    expect(rules).toEqual(['ip filter INPUT accept', '  drop', '  accept']);
    expect(said).toHaveLength(3);
    expect(said[0]).toBe('warning 1: no COMMIT ends `*filter`: iptables-restore refuses the text, here it is read on');
  });

  test('a table that is given again replaces the one before, but for its policies', () => {
    const { rules, said } = read(
      '*filter\n:INPUT DROP\n-A INPUT -j LOG\nCOMMIT\n*filter\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n',
    );
    expect(rules).toEqual(INPUT);
    expect(said).toEqual([
      'warning 5: table `filter` is given again: iptables-restore empties it first, so that 1 rules before this are gone',
    ]);
  });

  test('a chain that no line makes is made, and that is said', () => {
    const { rules, said } = read('*filter\n-A a -j DROP\n-A INPUT -j a\nCOMMIT\n');
    expect(rules).toEqual(['ip filter a', '  drop', 'ip filter INPUT accept', '  jump a']);
    expect(said).toEqual([
      'warning 2: no line makes the chain `a` before this: iptables refuses that, here it is made',
    ]);
  });

  test('all that is wrong is said at once', () => {
    const { said } = read(
      '*filter\nhello\n-A INPUT -p nope -j DROP\n-A INPUT -s 10.0.0.300 -j DROP\n-A INPUT -j nowhere\n-A INPUT --nope\nCOMMIT\n-j\n',
    );
    expect(said.map((line) => line.slice(0, 8))).toEqual([2, 3, 4, 5, 6, 8].map((line) => `error ${line}:`));
  });

  test('names of hosts are lost with a reason, localhost is not', () => {
    const { rules, said } = read(
      '*filter\n-A INPUT -s www.example.com -j DROP\n-A INPUT -s localhost -j DROP\nCOMMIT\n',
    );
    expect(said).toEqual([
      'warning 2: iptables looks `www.example.com` up when it loads the rule, and keeps the addresses of then: give them in its place',
    ]);
    expect(rules.at(-1)).toBe('  ip saddr 127.0.0.1 drop');
  });

  test('names of services and protocols are numbers', () => {
    expect(read('*filter\n-A INPUT -p TCP --dport imaps:pop3s -j DROP\n-A INPUT -p ospf -j DROP\nCOMMIT\n')).toEqual({
      rules: ['ip filter INPUT accept', '  meta l4proto tcp tcp dport 993-995 drop', '  meta l4proto 89 drop'],
      said: [],
    });
  });

  test('an alias of an interface is one that no packet comes by', () => {
    expect(read('*filter\n-A INPUT -i eth0:1 -j DROP\nCOMMIT\n').said).toEqual([
      'warning 2: no packet comes or goes by `eth0:1`: it is an address of `eth0`, and that is what rules see',
    ]);
  });
});

describe('the family of a text', () => {
  const families = (...inputs: readonly Input[]) =>
    read(...inputs).rules.flatMap((line) => (line.startsWith(' ') ? [] : [line.slice(0, 3).trim()]));
  const FILTER = '*filter\n:INPUT DROP\nCOMMIT\n';

  test.each<[string, Input]>([
    ['ip6', `# Generated by ip6tables-save v1.8.9\n${FILTER}`],
    ['ip', `# Generated by iptables-save v1.8.9\n${FILTER}`],
    ['ip6', '*filter\n-A INPUT -s 2001:db8::/32 -j DROP\nCOMMIT\n'],
    ['ip6', '*filter\n-A INPUT -p icmpv6 -j DROP\nCOMMIT\n'],
    ['ip6', { text: FILTER, name: '/etc/iptables/rules.v6' }],
    ['ip6', { text: FILTER, name: 'ip6tables.up.rules' }],
    ['ip', { text: FILTER, name: '/etc/iptables/rules.v4' }],
    ['ip6', { text: FILTER, otherwise: 'ip6' }],
    ['ip', { text: '*filter\n-A INPUT -s 10.0.0.1 -j DROP\nCOMMIT\n', otherwise: 'ip6' }],
    ['ip', FILTER],
  ])('%s', (family, input) => {
    expect(families(input)).toEqual([family]);
  });

  test('both in one text, by what stands above or in them', () => {
    const headed = `# Generated by iptables-save v1\n${FILTER}# Generated by ip6tables-save v1\n${FILTER}`;
    expect(families(headed)).toEqual(['ip', 'ip6']);
    expect(families('*filter\n-A INPUT -s 10.0.0.1\nCOMMIT\n*filter\n-A INPUT -s ::1\nCOMMIT\n')).toEqual([
      'ip',
      'ip6',
    ]);
  });

  test('lines for the other family are passed over, whatever they ask for', () => {
    const text = '*filter\n-6 -A INPUT -m rt --rt-type 0 -j DROP\n-A INPUT -4 -p icmp --icmp-type 8 -j DROP\nCOMMIT\n';
    const { rules, said } = read(text);
    expect(said).toEqual([]);
    expect(rules.filter((line) => line.startsWith(' '))).toHaveLength(2);
  });

  test('a text with lines for one of them is for both', () => {
    const text =
      '*filter\n-A INPUT -i lo -j ACCEPT\n-4 -A INPUT -s 10.0.0.1 -j DROP\n-A INPUT -6 -s ::2 -j DROP\nCOMMIT\n';
    expect(read(text)).toEqual({
      rules: [
        'ip filter INPUT accept',
        '  iifname "lo" accept',
        '  ip saddr 10.0.0.1 drop',
        'ip6 filter INPUT accept',
        '  iifname "lo" accept',
        '  ip6 saddr ::2 drop',
      ],
      said: [],
    });
  });
});

describe('what `iptables -S` prints', () => {
  test('names no table: the policies tell', () => {
    const nat =
      '-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n-A POSTROUTING -j MASQUERADE\n';
    const filter = '-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N a\n-A INPUT -i lo -c 1 2 -j ACCEPT\n';
    const { rules, said } = read(filter + nat);
    expect(said).toEqual([]);
    expect(rules.filter((line) => /INPUT|lo|POST|masq/.test(line))).toEqual([
      ...INPUT,
      'ip nat INPUT accept',
      'ip nat POSTROUTING accept',
      '  masquerade',
    ]);
  });

  test('rules alone are of the table that has their chains', () => {
    const { rules, said } = read('-A POSTROUTING -o eth0 -j MASQUERADE\n');
    expect(rules).toEqual(['ip nat POSTROUTING accept', '  oifname "eth0" masquerade']);
    expect(said).toEqual(['warning 1: no table is named: by their chains, these are rules of `nat`']);
    expect(read('-t mangle -A POSTROUTING -j DROP\n')).toMatchObject({ said: [] });
  });
});

test.each([
  ['Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n pkts bytes target\n', 'listing'],
  ['table inet filter {\n}\n', 'ruleset of nft already'],
  ['# Generated by ebtables-save v1\n*filter\n:INPUT ACCEPT\n', 'rules for frames'],
  ['hello\n', 'neither'],
])('%j is said to be what it is', (text, expected) => {
  const { said } = read(text);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(expected);
});

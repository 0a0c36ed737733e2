import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const GOLDEN = join(__dirname, '..', 'golden');
const seed = (kind: string) => join(GOLDEN, `seed.${kind}`);

function prove(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'prove', ...args], {
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('tsnet prove', () => {
  test('an intent and both of its iptables files are equal, and what was not compared is said', () => {
    const { code, stdout, stderr } = prove([seed('tsnet'), `${seed('iptables')},${seed('ip6tables')}`]);
    expect(stdout).toBe('IPv4: equal for every packet\nIPv6: equal for every packet\n');
    expect(stderr).toContain('not compared: table bridge tsnet');
    expect(code).toBe(0);
  });

  test('a port that is another: a packet, the two rules, exit code 4', () => {
    const wrong = readFileSync(seed('iptables'), 'utf8').replace('--dport 8080', '--dport 8081');
    const { code, stdout } = prove([seed('tsnet'), '-'], wrong);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^IPv4: different for this packet \(forward\): .*ct state new.*l4proto tcp.*dport 808[01]/);
    expect(stdout).toContain('dnat to 172.17.0.3 port 80');
  });

  test('an intent that says nothing yet is an intent, for both families', () => {
    const { code, stdout } = prove([seed('tsnet'), '-'], '# nothing yet\n');
    expect(stdout).toMatch(/^IPv4: different/m);
    expect(stdout).toMatch(/^IPv6: different/m);
    expect(code).toBe(4);
  });

  test('the packet is asked of either side as it is printed', () => {
    const wrong = readFileSync(seed('iptables'), 'utf8').replace('--dport 8080', '--dport 8081');
    const { stdout } = prove([seed('tsnet'), '-'], wrong);
    const [, words = ''] = /tsnet why --rules-only -f \S+ (.*)$/m.exec(stdout) ?? [];
    const ask = (file: string, input = '') =>
      spawnSync('/bin/sh', ['-c', `"$0" "$1" why --rules-only -f "$2" ${words}`, process.execPath, PROGRAM, file], {
        input,
        encoding: 'utf8',
      });
    const told = [ask(seed('tsnet')), ask('-', wrong)];
    expect(told.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(told.map(({ stdout }) => /sent on to 172\.17\.0\.3:80/.test(stdout))).toEqual([true, false]);
  });

  test('what nft lists as JSON is one more ruleset; a JSON intent stays an intent', () => {
    const rule = (port: number) => ({
      rule: {
        family: 'inet',
        table: 't',
        chain: 'c',
        handle: 2,
        expr: [
          { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: port } },
          { accept: null },
        ],
      },
    });
    const base = { type: 'filter', hook: 'input', prio: 0, policy: 'drop' };
    const listing = (port: number) =>
      JSON.stringify({
        nftables: [
          { metainfo: { version: '1.0.6' } },
          { table: { family: 'inet', name: 't' } },
          { chain: { family: 'inet', table: 't', name: 'c', ...base } },
          rule(port),
        ],
      });
    const text = (port: number) =>
      `table inet t {\n chain c {\n type filter hook input priority 0; policy drop;\n tcp dport ${port} accept\n }\n}\n`;
    const directory = mkdtempSync(join(tmpdir(), 'prove-'));
    const file = join(directory, 'rules.nft');
    writeFileSync(file, text(22));
    expect(prove([file, '-'], listing(22)).code).toBe(0);
    const { code, stdout } = prove([file, '-'], listing(23));
    expect(code).toBe(4);
    expect(stdout).toContain('by <stdin>:2 chain c');
    writeFileSync(
      join(directory, 'intent.json'),
      '{ "networks": [{ "name": "front", "subnets": ["172.17.0.0/16"] }] }',
    );
    writeFileSync(join(directory, 'intent.tsnet'), 'network front { subnet 172.17.0.0/16 }\n');
    expect(prove([join(directory, 'intent.json'), join(directory, 'intent.tsnet')]).code).toBe(0);
    rmSync(directory, { recursive: true });
  });

  test('a MAC that is another: the frame, and the chain', () => {
    const wrong = readFileSync(seed('nft'), 'utf8').replace('02:42:ac:11:00:02', '02:42:ac:11:00:99');
    const { code, stdout } = prove([seed('tsnet'), '-'], wrong);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^frames: different for this packet \(\w+\): .*ether saddr 02:42:ac:11:00:(02|99)/m);
  });

  test('as JSON', () => {
    const { stdout } = prove(['--json', seed('nft'), seed('nft')]);
    expect(JSON.parse(stdout)).toMatchObject({
      planes: [
        { plane: 'ip', result: 'equal', differences: [] },
        { plane: 'ip6', result: 'equal', differences: [] },
        { plane: 'bridge', result: 'equal', differences: [] },
      ],
      outside: { first: [], second: [] },
    });
  });

  test('a line that cannot be read is named, and nothing is proven', () => {
    const { code, stdout, stderr } = prove([seed('iptables'), '-'], '*filter\n:INPUT ACCEPT\nChain FORWARD\nCOMMIT\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/TN1201.*\n.*<stdin>:3:1/);
  });
});

test('chains of iptables that lead back to themselves are named', () => {
  const circle = '*filter\n:INPUT ACCEPT\n:a -\n:b -\n-A INPUT -j a\n-A a -j b\n-A b -j a\nCOMMIT\n';
  const { code, stderr } = prove([seed('iptables'), '-'], circle);
  expect(code).toBe(1);
  expect(stderr).toContain('error[TN3103]: `a` leads back to itself');
});

test('what no comparison looks at is never equal, unless it is the same text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-devices-'));
  try {
    const [one, other] = ['drop', 'accept'].map((policy) => {
      const file = join(folder, `${policy}.nft`);
      const chain = `chain i { type filter hook ingress device "eth0" priority 0; policy ${policy}; }`;
      writeFileSync(file, `table netdev n { ${chain} }\n`);
      return file;
    });
    if (!one || !other) throw new Error('two are compared');
    const different = prove([one, other]);
    expect(different.code).toBe(4);
    expect(different.stdout).toContain(
      'devices: not proven: netdev tables, ingress and egress are not the same text\n',
    );
    expect(different.stderr).toContain('not compared: table netdev n of');
    expect(prove([one, one]).code).toBe(0);
    expect(JSON.parse(prove([one, other, '--json']).stdout).outside.proven).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('rules of every kind', () => {
  let folder: string;
  const dump = (port: number, target: string) =>
    `*nat\n:PREROUTING ACCEPT\n-A PREROUTING -i eth0 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${target}\nCOMMIT\n*filter\n:INPUT DROP\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n`;
  const FILES: Readonly<Record<string, string>> = {
    'one.v4': dump(8080, '10.0.0.5:80'),
    'other.v4': dump(8080, '10.0.0.6:80'),
    'loud.v4': '*filter\n:INPUT DROP\n-A INPUT -j LOG --log-prefix "in: "\nCOMMIT\n',
    'quiet.v4': '*filter\n:INPUT DROP\nCOMMIT\n',
    'fw.sh': 'iptables -P INPUT DROP\niptables -A INPUT -s 10.0.0.1 -j ACCEPT\n',
    'set.v4': '*filter\n:INPUT DROP\n-A INPUT -m set --match-set s src -j ACCEPT\nCOMMIT\n',
    'sets.ipset': 'create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.0.1\n',
    'listing.txt': 'Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\n',
    empty: '',
  };
  const at = (...names: readonly string[]) => names.map((name) => join(folder, name)).join(',');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsnet-prove-'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('of two that both accept, what is named is the rule that translates otherwise', () => {
    const { stdout } = prove([at('one.v4'), at('other.v4')]);
    expect(stdout).toContain(`by ${at('one.v4')}:3 -A PREROUTING -i eth0 -p tcp -m tcp --dport 8080 -j DNAT`);
    expect(stdout).toContain('--to-destination 10.0.0.6:80\n');
  });

  test('of two that both drop, the rule that logs; of the one that does not, its policy', () => {
    const { stdout } = prove([at('loud.v4'), at('quiet.v4')]);
    expect(stdout).toMatch(/loud\.v4: drop; log: .* by \S+loud\.v4:3 -A INPUT -j LOG --log-prefix "in: "$/m);
    expect(stdout).toMatch(/quiet\.v4: drop +by \S+quiet\.v4:2 :INPUT$/m);
    expect(prove([at('loud.v4'), at('quiet.v4'), '--ignore', 'log']).code).toBe(0);
  });

  test('of one that no rule lets pass, the policy that does', () => {
    const jumping = (policy: string) =>
      `*filter\n:FORWARD ${policy}\n:a -\n-A FORWARD -j a\n-A a -p udp -j DROP\nCOMMIT\n`;
    const file = join(folder, 'open.v4');
    writeFileSync(file, jumping('ACCEPT'));
    const { stdout } = prove([file, '-'], jumping('DROP'));
    expect(stdout).toContain(`${file}: accept   by ${file}:2 :FORWARD\n`);
    expect(stdout).toContain('-: drop   by <stdin>:2 :FORWARD\n');
  });

  test('more ways to differ than are shown are said to be there', () => {
    const many = (third: number, count: number) => {
      const rules = Array.from(
        { length: count },
        (_, at) => `-A PREROUTING -p tcp --dport ${at + 1} -j DNAT --to-destination 10.0.${third}.${at + 1}\n`,
      );
      return `*nat\n:PREROUTING ACCEPT\n${rules.join('')}COMMIT\n`;
    };
    const ways = (count: number) => {
      const file = join(folder, 'many.v4');
      writeFileSync(file, many(1, count));
      const { stdout } = prove(['--all', file, '-'], many(2, count));
      return [stdout.match(/different for this packet/g)?.length, stdout.includes('there are more')];
    };
    // Each is seen on its way to another host, and on that to this one.
    expect([ways(25), ways(26)]).toEqual([
      [50, false],
      [50, true],
    ]);
  });

  test('a script, a dump with its sets: all that migrate reads', () => {
    expect(prove([at('fw.sh'), at('set.v4', 'sets.ipset')])).toEqual({
      code: 0,
      stdout: 'IPv4: equal for every packet\n',
      stderr: '',
    });
  });

  test('a listing is not enough, and sets alone are no rules', () => {
    const listing = prove([at('one.v4'), at('listing.txt')]);
    expect([listing.code, listing.stderr]).toEqual([1, expect.stringContaining('this is a listing of `iptables -L`')]);
    const sets = prove([at('sets.ipset'), at('set.v4')]);
    expect([sets.code, sets.stderr]).toEqual([1, expect.stringMatching(/there are no rules in \S+ to compare/)]);
  });

  test('an empty file is compared, with a warning: what should have written it may have failed', () => {
    const { code, stdout, stderr } = prove([at('empty'), at('empty')]);
    expect([code, stdout]).toEqual([0, 'IPv4: equal for every packet\nIPv6: equal for every packet\n']);
    expect(stderr).toContain(`warning[TN4003]: there are no rules in ${at('empty')}`);
    expect(JSON.parse(prove([at('empty'), at('empty'), '--json']).stdout).diagnostics).toMatchObject([
      { severity: 'warning' },
      { severity: 'warning' },
    ]);
  });

  test('standard input is read once', () => {
    const { code, stderr } = prove(['-', '-'], FILES['one.v4']);
    expect([code, stderr]).toEqual([
      2,
      'tsnet: `-` is standard input, which can be read once\nTry `tsnet prove --help`.\n',
    ]);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

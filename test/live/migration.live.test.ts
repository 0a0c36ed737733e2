import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, Victim } from '../../scripts/reliability/host';

/** What stands in the tables of a host, of both families. 7000 is reached through 8080 alone. */
const OF_IPV4 = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -s 198.51.100.66/32 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 192.0.2.1/32 -i eth0 -p tcp -m tcp --dport 8080 -m comment --comment "the \\"shop\\"" -j REDIRECT --to-ports 7000
-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:service - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -j service
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A service -p tcp -m conntrack --ctorigdstport 8080 --ctstate DNAT -j ACCEPT
-A service -p tcp -m tcp --dport 9000 -j REJECT --reject-with tcp-reset
-A service -p tcp -m multiport --dports 80,443 -j ACCEPT
COMMIT
`;
const OF_IPV6 = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
`;

type Variant = 'legacy' | 'nft';
const TOOLS = ['iptables', 'ip6tables'] as const;

/** Which kind of iptables holds which family. */
const HOSTS: Readonly<Record<string, readonly [Variant, Variant]>> = {
  'legacy rules': ['legacy', 'legacy'],
  'rules in nf_tables': ['nft', 'nft'],
  'rules of both kinds': ['legacy', 'nft'],
};

describe.each(Object.keys(HOSTS))('a host with %s', (name) => {
  const variants = HOSTS[name] ?? ['legacy', 'legacy'];
  let victim: Victim;

  beforeEach(() => {
    victim = new Victim('nft');
    [OF_IPV4, OF_IPV6].forEach((text, index) => {
      victim.lab.on('host', `${TOOLS[index]}-${variants[index]}-restore`, [], text);
    });
  });
  afterEach(() => victim.close());

  /** As iptables-save prints it, without the moment at which it did and, unless they are to be, without counters. */
  const saved = (counters = false) =>
    (['legacy', 'nft'] as const)
      .flatMap((variant) => TOOLS.map((tool) => `${tool}-${variant}-save`))
      .map((tool) => victim.lab.on('host', tool, counters ? ['--counters'] : []).replace(/^#.*\n/gm, ''))
      .join('\n')
      .replace(/\[\d+:\d+\]/g, (both) => (counters ? both : '[0:0]'));
  const rulesSaved = () => saved().match(/^(-A .*|:\S+ DROP.*)$/gm) ?? [];
  const tables = () => victim.lab.on('host', 'nft', ['list', 'tables']).split('\n').filter(Boolean).sort();
  const migrate = (...flags: string[]) => victim.lab.tsnet(['migrate', '--apply', ...flags]);

  test('connections go on and begin all the while, what was shut stays shut, and all comes back as it was', async () => {
    const { lab } = victim;
    const [host, outside] = [lab.agent('host'), lab.agent('outside')];
    await host.echo(7000);
    await host.serve(80);
    const before = saved();
    const held = await outside.hold('192.0.2.1', 8080);
    const knocking = await outside.knock('192.0.2.1', 80);
    const shut = await host.count(5000);
    const flood = await outside.flood('192.0.2.1', 5000);

    const response = await ended(victim.begin(['migrate', '--apply'], ''));
    expect(response).toMatchObject({ code: 0 });
    expect(response.stdout).toContain('equal for every packet');
    expect(rulesSaved()).toEqual([]);
    expect(tables()).toEqual(expect.arrayContaining([expect.stringMatching(/^table \S+ migrated-/)]));
    expect(await outside.probe({ address: '192.0.2.1', port: 80 })).toBe('192.0.2.9');
    expect(await outside.probe({ address: '2001:db8::1', port: 80 })).toBe('2001:db8::9');
    expect(await outside.probe({ address: '192.0.2.1', port: 7000 })).toBeNull();
    expect(await outside.probe({ address: '192.0.2.2', port: 8080 })).toBeNull();

    expect(await ended(victim.begin(['rollback'], ''))).toMatchObject({ code: 0 });
    expect(saved()).toBe(before);
    expect(tables().filter((table) => /migrated|gate/.test(table))).toEqual([]);

    expect((await flood.end()).sent).toBeGreaterThan(0);
    expect(await shut.end()).toEqual({ received: 0 });
    const { sent, answered } = await knocking.end();
    expect(sent).toBeGreaterThan(50);
    expect(answered).toBe(sent);
    const kept = await held.end();
    expect(kept).toMatchObject({ broken: false });
    expect(kept.received).toBe(kept.sent);
  });

  test('counters that were read come back too', async () => {
    victim.lab.on('outside', 'ping', ['-c', '3', '-i', '0.1', '192.0.2.1']);
    const before = saved(true);
    expect(before).toMatch(/\[1:84\] -A INPUT .*icmp/);
    expect(migrate()).toMatchObject({ code: 0 });
    expect(victim.lab.tsnet(['rollback'])).toMatchObject({ code: 0 });
    expect(saved(true).replace(/^:.*$/gm, '')).toBe(before.replace(/^:.*$/gm, ''));
  });

  test('looked at only, nothing is different', () => {
    const before = [saved(), tables()];
    const { code, stdout } = migrate('--dry-run');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('would  switch from iptables to nft'),
    });
    expect([saved(), tables()]).toEqual(before);
  });

  test('what is not confirmed takes itself back, also when its shell is killed', async () => {
    const before = saved();
    const shell = victim.begin(['migrate', '--apply', '--confirm', '2s'], '');
    const end = ended(shell);
    const pending = join(victim.lab.state, 'confirm.json');
    while (!existsSync(pending)) await sleep(5);
    while (rulesSaved().length > 0) await sleep(20);
    if (shell.exitCode === null) process.kill(-(shell.pid ?? 0), 'SIGKILL');
    await end;
    await victim.settled();
    expect(saved()).toBe(before);
    expect(tables().filter((table) => /migrated|gate/.test(table))).toEqual([]);
  });

  test('killed at some moments, the host has all old rules or all new ones, and recover ends it', async () => {
    const before = saved();
    const ends = new Set<string>();
    for (const delay of [80, 200, 300, 450, 600, 800]) {
      const child = victim.begin(['migrate', '--apply'], '');
      const end = ended(child);
      await sleep(delay);
      child.kill('SIGKILL');
      await end;
      expect(victim.recover()).toMatchObject({ code: 0, stderr: '' });
      const old = saved() === before;
      expect({ delay, rules: old ? [] : rulesSaved() }).toEqual({ delay, rules: [] });
      expect(tables().some((table) => table.includes('migrated'))).toBe(!old);
      ends.add(old ? 'old' : 'new');
      if (!old) expect(victim.lab.tsnet(['rollback'])).toMatchObject({ code: 0 });
      expect(saved()).toBe(before);
    }
    expect(ends.has('old')).toBe(true);
  });

  test('a rule that nft has no words for keeps all as it is', () => {
    victim.lab.on('host', `iptables-${variants[0]}`, [
      '-A',
      'INPUT',
      '-m',
      'string',
      '--string',
      'x',
      '--algo',
      'bm',
      '-j',
      'DROP',
    ]);
    const before = [saved(), tables()];
    expect(migrate()).toMatchObject({ code: 1, stderr: expect.stringContaining('--string') });
    expect([saved(), tables()]).toEqual(before);
  });

  test('rules that Docker makes again are left alone unless it is insisted upon', () => {
    victim.lab.on(
      'host',
      `iptables-${variants[0]}-restore`,
      ['--noflush'],
      '*filter\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j DOCKER\nCOMMIT\n',
    );
    const before = [saved(), tables()];
    expect(migrate()).toMatchObject({ code: 3, stderr: expect.stringContaining('TN5013') });
    expect([saved(), tables()]).toEqual(before);
    expect(migrate('--force')).toMatchObject({ code: 0 });
    expect(rulesSaved()).toEqual([]);
  });

  test('the file of -o is what was loaded, and loads again', () => {
    const file = join(victim.lab.state, 'migrated.nft');
    expect(migrate('-o', file)).toMatchObject({ code: 0 });
    const listed = victim.lab.on('host', 'nft', ['list', 'ruleset']);
    victim.lab.on('host', 'nft', ['-f', '-'], readFileSync(file, 'utf8'));
    expect(victim.lab.on('host', 'nft', ['list', 'ruleset'])).toBe(listed);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, INTENTS, Victim } from '../../scripts/reliability/host';
import { referencesOf } from '../../scripts/reliability/kills';
import { execute } from '../support/lab';

const [FIRST, SECOND] = INTENTS;
const ROOT = join(__dirname, '..', '..');

describe.each(['nft', 'iptables'] as const)('transactions with %s', (target) => {
  let victim: Victim;
  beforeEach(() => {
    victim = new Victim(target);
  });
  afterEach(() => victim.close());

  test('killed at some moments, the host is as it was or as it should be', async () => {
    const references = await referencesOf(victim);
    let at = 1;
    for (const delay of [150, 250, 300, 350, 400, 450, 500, 600]) {
      const child = victim.begin(victim.applyArgs(), INTENTS[1 - at] ?? '');
      const end = ended(child);
      await sleep(delay);
      child.kill('SIGKILL');
      await end;
      expect(victim.recover()).toMatchObject({ code: 0, stderr: '' });
      at = references.indexOf(victim.fingerprint());
      expect(at).toBeGreaterThanOrEqual(0);
    }
  });

  test('after a boot, recover brings all back; again, it has nothing to do', async () => {
    await victim.apply(FIRST);
    const before = victim.fingerprint();
    const { lab } = victim;
    for (const name of namespacesOf(before)) execute('ip', ['netns', 'delete', name]);
    for (const bridge of ['tn-front', 'tn-back']) lab.on('host', 'ip', ['link', 'delete', bridge]);
    lab.on('host', 'nft', ['flush', 'ruleset']);
    lab.setting('host', 'net/ipv4/ip_forward', '0');
    expect(victim.recover()).toMatchObject({ code: 0, stdout: 'the host matches what was applied again\n' });
    expect(victim.fingerprint()).toBe(before);
    expect(victim.recover()).toMatchObject({ code: 0, stdout: 'nothing to do\n' });
  });

  test('what is not confirmed takes itself back, also when tsnet and its shell are killed', async () => {
    await victim.apply(FIRST);
    const before = victim.fingerprint();
    // As from a login: a shell that is killed with all its process group.
    const shell = victim.begin([...victim.applyArgs(), '--confirm', '2s'], SECOND);
    const end = ended(shell);
    while (!existsSync(join(victim.lab.state, 'confirm.json'))) await sleep(5);
    await sleep(target === 'nft' ? 400 : 1200);
    if (shell.exitCode === null) process.kill(-(shell.pid ?? 0), 'SIGKILL');
    await end;
    await victim.settled();
    expect(victim.fingerprint()).toBe(before);
  });

  test('what is confirmed stays; meanwhile nothing else changes', async () => {
    await victim.apply(FIRST);
    expect(await ended(victim.begin([...victim.applyArgs(), '--confirm', '60s'], SECOND))).toMatchObject({ code: 0 });
    expect(await victim.apply(FIRST)).toMatchObject({ code: 3, stderr: expect.stringContaining('TN5011') });
    expect(victim.lab.tsnet(['confirm'])).toMatchObject({ code: 0, stdout: 'generation 2 stays\n' });
    expect(victim.lab.tsnet(['confirm'])).toMatchObject({ code: 3 });
    expect(await victim.apply(SECOND)).toMatchObject({ code: 0, stdout: 'nothing to do\n' });
  });

  test('an overdue change is taken back by whatever command comes next, when nobody else is left to do it', async () => {
    await victim.apply(FIRST);
    const before = victim.fingerprint();
    await ended(victim.begin([...victim.applyArgs(), '--confirm', '1h'], SECOND));
    const path = join(victim.lab.state, 'confirm.json');
    // As after a boot: the deadline belongs to another one.
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"another"'));
    // The watchdog may notice first.
    expect(victim.recover()).toMatchObject({ code: 0 });
    expect(existsSync(path)).toBe(false);
    expect(victim.fingerprint()).toBe(before);
  });

  test('rollback goes back, and forth, and to nothing', async () => {
    await victim.apply(FIRST);
    const first = victim.fingerprint();
    await victim.apply(SECOND);
    const second = victim.fingerprint();
    expect(victim.lab.tsnet(['rollback'])).toMatchObject({ code: 0 });
    expect(victim.fingerprint()).toBe(first);
    expect(victim.lab.tsnet(['rollback', '2'])).toMatchObject({ code: 0 });
    expect(victim.fingerprint()).toBe(second);
    expect(victim.lab.tsnet(['rollback', '0'])).toMatchObject({ code: 0 });
    expect(victim.lab.tsnet(['status']).stdout).toBe('nothing is applied\n');
    expect(victim.lab.tsnet(['rollback', '1'])).toMatchObject({ code: 0 });
    expect(victim.fingerprint()).toBe(first);
    expect(victim.lab.tsnet(['rollback', '99'])).toMatchObject({ code: 3, stderr: expect.stringContaining('TN5006') });
    const { generations } = JSON.parse(victim.lab.tsnet(['history', '--json']).stdout);
    expect(generations.map(({ what }: { what: string }) => what)).toEqual([
      'apply -',
      'apply -',
      'rollback',
      'rollback 2',
      'rollback 0',
      'rollback 1',
    ]);
  });
});

describe('with nft', () => {
  let victim: Victim;
  beforeEach(async () => {
    victim = new Victim('nft');
    await victim.apply(FIRST);
  });
  afterEach(() => victim.close());

  test.each([
    ['an element away', ['delete', 'element', 'inet', 'tsnet', 'publish4', '{ tcp . 8080 }'], 'has lost tcp . 8080'],
    ['an element more', ['add', 'element', 'inet', 'tsnet', 'publish4', '{ tcp . 22 : 172.17.0.2 . 22 }'], 'tcp . 22'],
    ['a rule more', ['insert', 'rule', 'inet', 'tsnet', 'forward', 'accept'], 'chain forward of inet tsnet has a rule'],
    ['no rule', ['flush', 'chain', 'inet', 'tsnet', 'refuse'], 'chain refuse of inet tsnet has lost its rule 1'],
    ['a chain more', ['add', 'chain', 'inet', 'tsnet', 'extra'], 'chain extra of inet tsnet is not of ours'],
    ['no port guarded', ['flush', 'set', 'bridge', 'tsnet', 'guarded'], 'set guarded of bridge tsnet has lost'],
    ['nothing at all', ['flush', 'ruleset'], 'table inet tsnet is gone'],
  ])('%s: status says so, apply mends it', async (_, command, said) => {
    const before = victim.fingerprint();
    victim.lab.on('host', 'nft', command);
    expect(victim.lab.tsnet(['status'])).toMatchObject({ code: 4, stdout: expect.stringContaining(said) });
    expect(await victim.apply(FIRST)).toMatchObject({ code: 0 });
    expect(victim.fingerprint()).toBe(before);
    expect(victim.lab.tsnet(['status'])).toMatchObject({ code: 0 });
  });

  test('a small change of a drifted ruleset mends it by the way', async () => {
    victim.lab.on('host', 'nft', ['delete', 'table', 'bridge', 'tsnet']);
    expect(victim.lab.tsnet(['run', '-d', '--name', 'more', '--net', 'front', '--', 'sleep', '60'])).toMatchObject({
      code: 0,
    });
    expect(victim.lab.tsnet(['status'])).toMatchObject({ code: 0 });
  });

  test('one container more keeps the counters and the connections of the others', async () => {
    const { lab } = victim;
    const [still, outside] = [lab.agent('still'), lab.agent('outside')];
    await still.echo(7000);
    const held = await outside.hold('192.0.2.1', 7000);
    await still.probe({ address: '172.18.0.2', port: 1 });
    const refused = () => lab.on('host', 'nft', ['list', 'chain', 'inet', 'tsnet', 'refuse']);
    const before = refused();
    expect(before).not.toContain('packets 0 ');
    const container = ['run', '-d', '--name', 'more', '--net', 'front', '-p', '9999:99', '--', 'sleep', '60'];
    expect(lab.tsnet(container)).toMatchObject({ code: 0 });
    expect(lab.tsnet(['rm', 'more'])).toMatchObject({ code: 0 });
    expect(refused()).toBe(before);
    expect(await held.end()).toMatchObject({ broken: false });
  });

  test('a second command waits for the first, and says for whom', async () => {
    const lock = join(victim.lab.state, 'lock');
    const holder = spawn('flock', ['-x', lock, 'sh', '-c', 'echo locked; sleep 2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(holder.stdout, 'data');
    writeFileSync(lock, 'pid 1: tsnet apply other.tsnet\n');
    const { code, stderr } = await victim.apply(SECOND);
    expect(code).toBe(0);
    expect(stderr).toContain('waiting for pid 1: tsnet apply other.tsnet');
  });

  test('the init script restores, and says how it is used', () => {
    const script = join(ROOT, 'dist', 'runtime', 'boot', 'tsnet.init');
    const before = victim.fingerprint();
    victim.lab.on('host', 'nft', ['flush', 'ruleset']);
    const bin = join(ROOT, 'node_modules', '.bin');
    const env = [`PATH=${bin}:${process.env.PATH}`, `TSNET_STATE=${victim.lab.state}`];
    victim.lab.on('host', 'env', [...env, 'sh', script, 'start']);
    expect(victim.fingerprint()).toBe(before);
    expect(execute('sh', [script, 'nonsense'])).toMatchObject({ code: 2 });
    expect(execute('sh', [script, 'stop'])).toMatchObject({ code: 0 });
  });
});

test('a journal that was cut short is said, and nothing is changed', async () => {
  const victim = new Victim('nft');
  await victim.apply(FIRST);
  const before = victim.fingerprint();
  const journal = join(victim.lab.state, 'journal');
  writeFileSync(journal, 'half of', { mode: 0o600 });
  expect(await victim.apply(SECOND)).toMatchObject({ code: 3, stderr: expect.stringContaining('TN5007') });
  rmSync(journal);
  expect(victim.fingerprint()).toBe(before);
  victim.close();
});

function namespacesOf(fingerprint: string): string[] {
  return (JSON.parse(fingerprint) as { namespaces: readonly [string][] }).namespaces.map(([name]) => name);
}

test('a port whose guard was taken away is found, and guarded again', async () => {
  const victim = new Victim('iptables');
  await victim.apply(FIRST);
  const filters = () => victim.lab.on('host', 'tc', ['filter', 'show', 'dev', 'tv-web-0', 'ingress']);
  expect(filters()).toContain('bpf');
  victim.lab.on('host', 'tc', ['qdisc', 'delete', 'dev', 'tv-web-0', 'clsact']);
  expect(victim.lab.tsnet(['status'])).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('the port tv-web-0 of web has no guard'),
  });
  expect(await victim.apply(FIRST)).toMatchObject({ code: 0 });
  expect(filters()).toContain('bpf');
  expect(victim.lab.tsnet(['status'])).toMatchObject({ code: 0 });
  victim.close();
});

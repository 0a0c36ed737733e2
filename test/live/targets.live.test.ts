import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from '../support/lab';

const INTENT = `
define lan = { 198.51.100.0/24 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
container web { network front; publish 8080:80; publish 5432:80 from lan; publish 5432:90/udp from lan }
container other { network front; publish 7000:70 }
`;
/** The same container port, opened on another host port and no longer on the restricted one. */
const MOVED = INTENT.replaceAll(/publish 5432:(\S+) from lan/g, 'publish 8081:$1');

/** A folder in which `iptables` is one of its two variants. */
function pathWith(variant: 'legacy' | 'nft'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-iptables-'));
  for (const family of ['iptables', 'ip6tables'])
    for (const suffix of ['', '-save', '-restore'])
      symlinkSync(`/usr/sbin/${family}-${variant}${suffix}`, join(folder, `${family}${suffix}`));
  return folder;
}

describe.each([
  ['nft', 0],
  ['legacy', 1],
] as const)('with iptables-%s, bridge-nf-call-iptables %i', (variant, bridgeNetfilter) => {
  let lab: Lab;
  let folder: string;
  const path = process.env.PATH;

  beforeAll(async () => {
    folder = pathWith(variant);
    process.env.PATH = `${folder}:${path}`;
    lab = new Lab(bridgeNetfilter);
  });
  afterAll(() => {
    lab.close();
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  const apply = (intent: string, ...flags: readonly string[]) => {
    const { code, stderr } = lab.tsnet(['apply', ...flags, '-'], intent);
    expect([code, stderr]).toEqual([0, '']);
  };
  const saved = () =>
    ['iptables', 'ip6tables'].map((family) => lab.on('host', `${family}-${variant}-save`, [])).join('');
  const ours = () => saved().match(/TSNET-[ab](?=-)/g) ?? [];
  const tables = () => lab.on('host', 'nft', ['list', 'tables']);
  const seen = (port: number) => lab.agent('outside').probe({ address: '192.0.2.1', port });

  test('our own chains of the other target are not taken for an obstacle', () => {
    apply('network front { subnet 172.17.0.0/16 }', '--target', 'iptables');
    apply('network front { subnet 172.17.0.0/16 }', '--target', 'nft');
    lab.tsnet(['down']);
  });

  test('one target follows the other, and nothing of the old one stays', async () => {
    apply(INTENT);
    await lab.agent('web').serve(80);
    expect(await seen(8080)).toBe('192.0.2.9');
    apply(INTENT, '--target', 'iptables');
    expect(tables()).not.toContain('tsnet');
    expect(new Set(ours())).toEqual(new Set(['TSNET-a']));
    expect(await seen(8080)).toBe('192.0.2.9');
    expect(await seen(5432)).toBeNull();
    expect(lab.tsnet(['status']).code).toBe(0);
    apply(INTENT, '--target', 'nft');
    expect(tables()).toContain('table inet tsnet');
    expect(saved()).not.toContain('TSNET');
    expect(await seen(8080)).toBe('192.0.2.9');
  });

  test('what iptables has no word for is said once, and changes nothing', () => {
    const table = 'table bridge x {\n  chain c {\n    type filter hook forward priority 0; accept\n  }\n}\n';
    const { code, stderr } = lab.tsnet(['apply', '--target', 'iptables', '-'], INTENT + table);
    expect([code, stderr.match(/TN3003/g)]).toEqual([1, ['TN3003']]);
    expect(saved()).not.toContain('TSNET');
  });

  test('a change replaces one generation by the other', async () => {
    apply(INTENT, '--target', 'iptables');
    const [before] = ours();
    apply(MOVED);
    expect(new Set(ours()).size).toBe(1);
    expect(ours()[0]).not.toBe(before);
    expect(await seen(8081)).toBe('192.0.2.9');
    apply(MOVED, '--ipset');
    expect(lab.on('host', 'ipset', ['list', '-name'])).toContain('published4');
    expect(await seen(8081)).toBe('192.0.2.9');
    apply(MOVED, '--target', 'nft');
    expect(lab.on('host', 'ipset', ['list', '-name'])).toBe('');
  });

  test('what others changed is found and mended', async () => {
    apply(INTENT, '--target', 'iptables');
    lab.on('host', `iptables-${variant}`, ['-D', 'FORWARD', '-j', 'TSNET-FORWARD']);
    expect(lab.tsnet(['status'])).toMatchObject({ code: 4, stdout: expect.stringContaining('FORWARD') });
    apply(INTENT);
    expect(lab.tsnet(['status']).code).toBe(0);
    lab.on('host', `iptables-${variant}`, ['-F']);
    expect(lab.tsnet(['status']).code).toBe(4);
    apply(INTENT);
    expect(lab.tsnet(['status']).code).toBe(0);
    expect(await seen(8080)).toBe('192.0.2.9');
    expect(new Set(ours()).size).toBe(1);
  });

  test('W15 in between no packet passes that both drop, and connections of others live on [IPv4]', async () => {
    apply(INTENT, '--target', 'iptables');
    await lab.agent('other').echo(70);
    const received = await lab.agent('web').count(90);
    // To web:90 by the restricted port: neither intent lets this client do that.
    const knocking = await lab.agent('outside').flood('192.0.2.1', 5432);
    const steady = await lab.agent('outside').hold('192.0.2.1', 7000);
    for (const [intent, target] of [
      [MOVED, 'iptables'],
      [INTENT, 'iptables'],
      [MOVED, 'nft'],
      [INTENT, 'iptables'],
      [MOVED, 'nft'],
      [INTENT, 'nft'],
    ] as const)
      apply(intent, '--target', target);
    expect((await knocking.end()).sent).toBeGreaterThan(1000);
    expect(await received.end()).toEqual({ received: 0 });
    const { sent, ...rest } = await steady.end();
    expect(rest).toEqual({ broken: false, received: sent });
  });
});

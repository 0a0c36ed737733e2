import { fulfil } from '../../runtime/engine';
import { MemoryHost } from '../../runtime/host/memory';
import type { Host, HostOp } from '../../runtime/host/port';
import type { Request } from '../../runtime/request';
import { claimsPath } from '../../runtime/state/claims';
import { snapshot } from '../support/memory';

const DIRECTORY = '/state';

const BASES: Readonly<Record<string, string>> = {
  plain: `network front { subnet 172.17.0.0/16 }
    container web { network front; publish 8080:80 }
    container side { network container web }`,
  'dual stack, several networks': `network front { subnet 172.17.0.0/16; subnet fd00:17::/64; mtu 1400 }
    network back { subnet 172.18.0.0/24; nat routed }
    container web { network front; network back; publish 8080:80; publish 80 }
    container db { network back { mac 02:00:00:00:00:07 }; expose 5432 }`,
  'icc off': `network front { subnet 172.17.0.0/16; subnet fd00:17::/64; icc off }
    container web { network front; publish 127.0.0.1:8080:80 }
    container db { network front; expose 5432; link web }`,
  policies: `define lan = { 192.168.1.0/24 }
    network front { subnet 172.17.0.0/16 }
    network back { subnet 172.18.0.0/16; publish-address 192.0.2.1 }
    container web { network front; publish 8080:80 from lan limit 10/second }
    container db { network back; publish 5432 }
    allow web -> db tcp 5432
    deny back -> 10.0.0.0/8`,
};

const CHANGES: Readonly<Record<string, readonly (object | string)[]>> = {
  'a container': [{ name: 'new', networks: [{ network: 'front' }] }],
  'a published one, and away again': [
    { name: 'new', networks: [{ network: 'front' }], publish: ['9000:90', '53/udp'] },
    'new',
  ],
  'three, the second away, one more': [
    { name: 'a', networks: [{ network: 'front' }], publish: ['80'] },
    { name: 'b', networks: [{ network: 'front' }], publish: ['127.0.0.1:81:81'] },
    { name: 'c', networks: [{ network: 'front' }], publish: ['80'] },
    'b',
    { name: 'd', networks: [{ network: 'front' }], publish: ['80', '81:81'] },
  ],
  'addresses and MAC as said': [
    { name: 'a', networks: [{ network: 'front', addresses: ['172.17.0.9'], mac: '02:00:00:00:00:01' }] },
    { name: 'b', networks: [{ network: 'front' }], dns: ['9.9.9.9'], hosts: [{ name: 'x', address: '192.0.2.7' }] },
  ],
  'what is taken': [
    { name: 'a', networks: [{ network: 'front', addresses: ['172.17.0.2'] }] },
    { name: 'b', networks: [{ network: 'front' }], publish: ['8080:1'] },
    { name: 'web', networks: [{ network: 'front' }] },
    { name: 'front', networks: [{ network: 'front' }] },
  ],
  'a link, and what is linked to': [
    { name: 'a', networks: [{ network: 'front' }], expose: ['99'] },
    { name: 'b', networks: [{ network: 'front' }], links: [{ target: 'a', alias: 'x' }] },
    'a',
    'b',
    'a',
  ],
  'other modes': [
    { name: 'a', networks: 'none' },
    { name: 'b', networks: 'host' },
    { name: 'c', networks: { container: 'web' } },
    'web',
    'c',
    'a',
  ],
  'the ones of the file': ['web', 'db', 'side'],
  nonsense: [{ name: 'a', networks: [{ network: 'nowhere' }] }, 'nobody', { name: 'a;b', networks: 'none' }],
};

const requestOf = (change: object | string): Request =>
  typeof change === 'string'
    ? { kind: 'remove', containers: [change] }
    : { kind: 'add', where: 'test: ', document: { containers: [change] } };

async function applied(text: string): Promise<MemoryHost> {
  const host = new MemoryHost();
  const request: Request = { kind: 'apply', sources: [{ name: 'base.tsnet', text }] };
  expect(await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false })).toMatchObject({ kind: 'applied' });
  return host;
}

describe.each(Object.keys(BASES))('on a host with %s', (base) => {
  test.each(Object.keys(CHANGES))('%s: the short way leads where the long way leads', async (change) => {
    const [short, long] = [await applied(BASES[base] ?? ''), await applied(BASES[base] ?? '')];
    for (const one of CHANGES[change] ?? []) {
      const request = requestOf(one);
      // Without the claims there is no short way.
      long.files.delete(claimsPath(DIRECTORY));
      const [a, b] = [
        await fulfil(request, { host: short, directory: DIRECTORY }, { dryRun: false }),
        await fulfil(request, { host: long, directory: DIRECTORY }, { dryRun: false }),
      ];
      expect(a.kind).toBe(b.kind);
      if ('steps' in a && 'steps' in b) expect(a.leftovers).toEqual(b.leftovers);
      if (b.kind === 'applied') expect(snapshot(short)).toEqual(snapshot(long));
    }
    await fulfil({ kind: 'down' }, { host: short, directory: DIRECTORY }, { dryRun: false });
    expect(snapshot(short)).toEqual(snapshot(new MemoryHost()));
  });
});

test('one container more reads the records of no other, lists nothing, and sends a few elements', async () => {
  const host = await applied(BASES.plain ?? '');
  const read: string[] = [];
  const loads: HostOp[] = [];
  const watched: Host = new Proxy(host, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (key === 'readFile') read.push(String(args[0]));
        if (key === 'observe' || key === 'foreignTables') throw new Error(`${key} was asked`);
        if (key === 'perform') loads.push(...(args[0] as HostOp[]).filter(({ op }) => op === 'ruleset.load'));
        return value.apply(target, args);
      };
    },
  });
  for (const one of [{ name: 'new', networks: [{ network: 'front' }], publish: ['9000:90'] }, 'new'] as const)
    expect(await fulfil(requestOf(one), { host: watched, directory: DIRECTORY }, { dryRun: false })).toMatchObject({
      kind: 'applied',
    });
  expect(read.filter((path) => path.includes('/containers/') && !path.endsWith('/new.json'))).toEqual([]);
  expect(loads).toHaveLength(2);
  for (const load of loads) if (load.op === 'ruleset.load') expect(load.unit.text.length).toBeLessThan(700);
});

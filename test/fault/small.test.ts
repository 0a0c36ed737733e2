import { fulfil } from '../../runtime/engine';
import { MemoryHost } from '../../runtime/host/memory';
import type { Host, HostOp } from '../../runtime/host/port';
import type { Request } from '../../runtime/request';
import { claimsPath } from '../../runtime/state/claims';
import { snapshot } from '../support/memory';

const DIRECTORY = '/state';
const GENERATION = '/state/history/00000002.json';

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

test('what came the short way is kept as what came the long way, and can be gone back from', async () => {
  const [short, long] = [await applied(BASES.plain ?? ''), await applied(BASES.plain ?? '')];
  const before = snapshot(short);
  long.files.delete(claimsPath(DIRECTORY));
  const options = { dryRun: false, what: 'test' };
  for (const host of [short, long])
    await fulfil(
      requestOf({ name: 'new', networks: [{ network: 'front' }] }),
      { host, directory: DIRECTORY, now: () => new Date(0) },
      options,
    );
  const [ours, theirs] = [short, long].map((host) => host.files.get(GENERATION) ?? '');
  expect(ours).toBe(theirs);
  // A version before kept the whole record.
  short.files.set(GENERATION, ours?.replace('"source": "run"', '"version": 1, "elements": {}, "source": "run"') ?? '');
  expect(await fulfil({ kind: 'rollback' }, { host: short, directory: DIRECTORY }, options)).toMatchObject({
    kind: 'applied',
  });
  expect(snapshot(short)).toEqual(before);
});

describe('a file with many containers, applied again with a change', () => {
  const NETWORKS =
    'network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }\nnetwork back { subnet 172.18.0.0/16; icc off }\n';
  const many = (port: number) =>
    Array.from({ length: 70 }, (_, at) => `container c${at} { network front; publish ${port + at}:80 }\n`).join('');
  const FILE = `${NETWORKS}container db { network back; expose 5432 }\n${many(10000)}`;
  const apply = (text: string): Request => ({ kind: 'apply', sources: [{ name: 'base.tsnet', text }] });
  const SHORT: Readonly<Record<string, string>> = {
    'one more': `${FILE}container new { network front; publish 9000:90 }`,
    'one more, said first': `container new { network front; publish 9000:90; publish 90 }\n${FILE}`,
    'two more': `${FILE}container new { network back }\ncontainer other { network front; publish 127.0.0.1:1:1 }`,
    'two that know each other': `${FILE}container new { network front; link other }\ncontainer other { network front; expose 1 }`,
  };
  const LONG: Readonly<Record<string, string>> = {
    'the same': FILE,
    'one more, one changed': `${NETWORKS}container db { network back }\n${many(10000)}container new { network front }`,
    'one more, one less': `${NETWORKS}${many(10000)}container new { network front }`,
    'one more, a network changed': `${FILE.replace('icc off', 'icc on')}container new { network front }`,
    'one more, which opens what is closed': `${FILE}container new { network back; link db as x }`,
    'one more, a policy': `${FILE}container new { network front }\nallow front -> back`,
    'a port that is taken': `${FILE}container new { network front; publish 10001:1 }`,
    'an address that is taken': `${FILE}container new { network front { address 172.17.0.3 } }`,
    'a name that is not there': `${FILE}container new { network front; link nobody }`,
    'what cannot be read': `${FILE}container new { network`,
  };

  const both = async (text: string, spoil: (host: MemoryHost) => void = () => undefined) => {
    const [short, long] = [await applied(FILE), await applied(FILE)];
    for (const host of [short, long]) spoil(host);
    long.files.delete(claimsPath(DIRECTORY));
    const responses = [short, long].map((host) =>
      fulfil(apply(text), { host, directory: DIRECTORY }, { dryRun: false }),
    );
    const [a, b] = await Promise.all(responses);
    expect(a?.kind).toBe(b?.kind);
    if (b?.kind === 'applied') expect(snapshot(short)).toEqual(snapshot(long));
    return a && 'compiled' in a ? a.compiled?.topology.containers.length : undefined;
  };

  test.each(Object.keys(SHORT))('%s: the short way leads where the long way leads', async (change) => {
    expect(await both(SHORT[change] ?? '')).toBeLessThan(5);
  });

  test.each(Object.keys(LONG))('%s: the long way is taken', async (change) => {
    expect([undefined, 70, 71, 72]).toContain(await both(LONG[change] ?? ''));
  });

  test.each([
    ['a port that is down', (host: MemoryHost) => Object.assign(host.links.get('tv-c3-0') ?? {}, { up: false })],
    ['a bridge that is down', (host: MemoryHost) => Object.assign(host.links.get('tn-front') ?? {}, { up: false })],
    ['a namespace that is gone', (host: MemoryHost) => host.namespaces.delete([...host.namespaces.keys()][5] ?? '')],
    ['an element that is gone', (host: MemoryHost) => host.nft.load('flush set inet tsnet publish4')],
  ])('what others changed is mended: %s', async (_, spoil) => {
    expect(await both(SHORT['one more'] ?? '', spoil)).toBeGreaterThan(70);
  });

  test('the line that a new container came from is known', async () => {
    const host = await applied(FILE);
    const response = await fulfil(apply(SHORT['one more'] ?? ''), { host, directory: DIRECTORY }, { dryRun: true });
    if (response.kind !== 'planned') throw new Error(response.kind);
    const [index] = response.compiled.topology.containers.map(({ path }) => path);
    expect(response.compiled.locate(index ?? []).span?.source.name).toBe('base.tsnet');
  });
});

import { fulfil } from '../../runtime/engine';
import { MemoryHost } from '../../runtime/host/memory';
import type { HostOp } from '../../runtime/host/port';
import { driftOf } from '../../runtime/observe/drift';
import { insideDrift } from '../../runtime/observe/insides';
import { tableDrift } from '../../runtime/observe/tables';
import { recorded } from '../../runtime/plan/plan';
import { readState } from '../../runtime/state/store';
import { snapshot } from '../support/memory';

const DIRECTORY = '/state';
const INTENT = `
  network front { subnet 172.17.0.0/16; subnet fd00:17::/64; icc off; mtu 1400 }
  container web { network front; publish 8080:80 }
  container db { network front; expose 5432 }`;
const request = { kind: 'apply', sources: [{ name: 'test.tsnet', text: INTENT }] } as const;

async function applied(): Promise<MemoryHost> {
  const host = new MemoryHost();
  await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false });
  return host;
}

async function driftIn(host: MemoryHost): Promise<readonly string[]> {
  const state = readState(host, DIRECTORY);
  const seen = await host.observe();
  if (!state.ok || !seen.ok) throw new Error('unreadable');
  const tables = await tableDrift(state.value, host, DIRECTORY);
  const insides = await host.insides([...host.namespaces.keys()]);
  if (!tables.ok || !insides.ok) throw new Error('unreadable');
  return [
    ...driftOf(state.value, seen.value, (key) => host.sysctl(key)),
    ...tables.value.map(({ what }) => what),
    ...insideDrift(recorded(state.value), insides.value).map(({ what }) => what),
  ];
}

const namespace = async (host: MemoryHost) => [...host.namespaces.keys()].find((name) => name.endsWith('-web')) ?? '';

const CHANGES: Readonly<Record<string, (host: MemoryHost) => Promise<HostOp[]>>> = {
  'the bridge is deleted': async () => [{ op: 'link.remove', name: 'tn-front' }],
  'the bridge is brought down': async () => [{ op: 'link.down', name: 'tn-front' }],
  'the bridge loses an address': async () => [{ op: 'address.remove', name: 'tn-front', address: '172.17.0.1/16' }],
  'a host end is deleted': async () => [{ op: 'link.remove', name: 'tv-web-0' }],
  'a host end is brought down': async () => [{ op: 'link.down', name: 'tv-db-0' }],
  'a namespace is deleted': async (host) => [{ op: 'namespace.remove', namespace: await namespace(host), veths: [] }],
  'an address inside is deleted': async (host) => {
    host.namespaces
      .get(await namespace(host))
      ?.interfaces.get('eth0')
      ?.addresses.clear();
    return [];
  },
  'an interface inside is brought down': async (host) => {
    const inside = host.namespaces.get(await namespace(host))?.interfaces.get('eth0');
    if (inside) inside.up = false;
    return [];
  },
  'the ruleset is flushed': async () => [
    {
      op: 'ruleset.load',
      unit: { tool: 'nft', text: 'delete table inet tsnet\ndelete table bridge tsnet\n', lines: [] },
    },
  ],
  'an element is deleted': async () => [
    {
      op: 'ruleset.load',
      unit: { tool: 'nft', text: 'delete element inet tsnet publish4 {\n\ttcp . 8080,\n}\n', lines: [] },
    },
  ],
  'an element is added': async () => [
    {
      op: 'ruleset.load',
      unit: { tool: 'nft', text: 'add element inet tsnet bridges {\n\t"eth0",\n}\n', lines: [] },
    },
  ],
  'forwarding is switched off': async () => [{ op: 'sysctl.set', key: 'net/ipv4/ip_forward', value: '0' }],
};

describe.each(Object.keys(CHANGES))('when %s', (what) => {
  test('status says so, and apply mends it', async () => {
    const host = await applied();
    const good = snapshot(host);
    expect(await driftIn(host)).toEqual([]);
    expect(await host.perform((await CHANGES[what]?.(host)) ?? [])).toMatchObject({ ok: true });
    expect(await driftIn(host)).not.toEqual([]);
    const response = await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false });
    expect(response).toMatchObject({ kind: 'applied', leftovers: [] });
    expect(await driftIn(host)).toEqual([]);
    expect(snapshot(host)).toEqual(good);
  });

  test('down takes away what is left', async () => {
    const host = await applied();
    await host.perform((await CHANGES[what]?.(host)) ?? []);
    await fulfil({ kind: 'down' }, { host, directory: DIRECTORY }, { dryRun: false });
    expect(snapshot(host)).toEqual(snapshot(new MemoryHost()));
  });
});

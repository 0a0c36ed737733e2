import type { Result } from '../../runtime/host/fault';
import { LinuxHost } from '../../runtime/host/linux';
import { MemoryHost } from '../../runtime/host/memory';
import { bindings } from '../../runtime/host/native/bindings';
import { NativeHost } from '../../runtime/host/native/host';
import type { Host, HostOp, Stopped } from '../../runtime/host/port';

/** What both hosts have to do alike, so that what is tested in memory holds on Linux. */
const NAMESPACE = 'contract-a';
const add = {
  namespace: { op: 'namespace.add', namespace: NAMESPACE },
  bridge: { op: 'bridge.add', name: 'ct-bridge', mac: '02:42:0a:07:00:01', mtu: 1400 },
  address: { op: 'address.add', name: 'ct-bridge', address: '10.7.0.1/24' },
  veth: {
    op: 'veth.add',
    name: 'ct-veth',
    bridge: 'ct-bridge',
    mtu: 1400,
    namespace: NAMESPACE,
    peer: 'eth0',
    mac: '02:42:0a:07:00:02',
  },
  proxy: { op: 'neighbour.proxy', name: 'ct-bridge', address: 'fd00:7::2' },
  table: { op: 'ruleset.load', unit: { tool: 'nft', text: 'table inet contract\n', lines: [] } },
} as const satisfies Record<string, HostOp>;

const remove = {
  namespace: { op: 'namespace.remove', namespace: NAMESPACE, veths: ['ct-veth'] },
  bridge: { op: 'link.remove', name: 'ct-bridge' },
  veth: { op: 'link.remove', name: 'ct-veth' },
  address: { op: 'address.remove', name: 'ct-bridge', address: '10.7.0.1/24' },
  proxy: { op: 'neighbour.unproxy', name: 'ct-bridge', address: 'fd00:7::2' },
  table: {
    op: 'ruleset.load',
    unit: { tool: 'nft', text: 'table inet contract\ndelete table inet contract\n', lines: [] },
  },
} as const satisfies Record<string, HostOp>;

const ALL = [add.namespace, add.bridge, add.address, add.veth, add.proxy, add.table];
const GONE = [remove.table, remove.namespace, remove.veth, remove.bridge];

const native = bindings();
const hosts: [name: string, make: () => Host][] = [
  ['in memory', () => new MemoryHost()],
  ['on Linux', () => new LinuxHost()],
];
if (native) hosts.push(['on Linux, from within this process', () => new NativeHost(native)]);

describe.each(hosts)('a host %s', (_, make) => {
  let host: Host;
  beforeEach(() => {
    host = make();
  });
  afterEach(async () => {
    await host.perform(GONE);
  });

  const seen = async () => {
    const observation = await host.observe();
    if (!observation.ok) throw new Error(observation.fault.message);
    return observation.value;
  };
  const performed = (result: Result<void, Stopped>) => (result.ok ? 'all' : result.fault.performed);

  test('makes what it is told, and shows it', async () => {
    expect(await host.perform(ALL)).toMatchObject({ ok: true });
    const { links, namespaces, tables } = await seen();
    expect(links.find(({ name }) => name === 'ct-bridge')).toMatchObject({
      kind: 'bridge',
      mac: '02:42:0a:07:00:01',
      mtu: 1400,
      up: false,
      addresses: ['10.7.0.1/24'],
    });
    expect(links.find(({ name }) => name === 'ct-veth')).toMatchObject({
      master: 'ct-bridge',
      up: false,
    });
    expect(namespaces).toContain(NAMESPACE);
    expect(tables).toContain('inet contract');
  });

  test('takes away what it made, and once more without a fault', async () => {
    await host.perform(ALL);
    expect(await host.perform(GONE)).toMatchObject({ ok: true });
    expect(
      await host.perform([remove.address, remove.proxy, remove.namespace, remove.veth, remove.bridge]),
    ).toMatchObject({ ok: true });
    const { links, namespaces, tables } = await seen();
    expect(links.filter(({ name }) => name.startsWith('ct-'))).toEqual([]);
    expect(namespaces).not.toContain(NAMESPACE);
    expect(tables).not.toContain('inet contract');
  });

  test.each(Object.keys(add) as (keyof typeof add)[])('says how far it came when %s is there already', async (what) => {
    await host.perform(ALL);
    const again = await host.perform([{ op: 'link.up', name: 'ct-bridge' }, add[what]]);
    // A table or a proxy entry that is there already is no fault.
    expect(performed(again)).toBe(what === 'table' || what === 'proxy' ? 'all' : 1);
  });

  test('refuses what needs something that is not there', async () => {
    for (const op of [
      add.address,
      add.veth,
      add.proxy,
      { op: 'link.up', name: 'ct-veth' },
      { op: 'sandbox.up', namespace: NAMESPACE, interfaces: ['eth0'], gateways: [] },
      { op: 'sysctl.set', key: 'net/ipv4/conf/ct-none/forwarding', value: '1' },
    ] as const)
      expect({ op: op.op, performed: performed(await host.perform([op])) }).toEqual({ op: op.op, performed: 0 });
  });

  test('ports are left without a master when their bridge goes', async () => {
    await host.perform(ALL);
    await host.perform([remove.bridge]);
    expect((await seen()).links.find(({ name }) => name === 'ct-veth')).toMatchObject({ master: undefined });
  });

  test('brings a sandbox up', async () => {
    await host.perform(ALL);
    expect(
      await host.perform([
        {
          op: 'sandbox.prepare',
          namespace: NAMESPACE,
          interfaces: [{ name: 'eth0', ipv6: true, addresses: ['10.7.0.2/24', 'fd00:7::2/64'] }],
        },
        { op: 'link.up', name: 'ct-bridge' },
        { op: 'link.up', name: 'ct-veth' },
        {
          op: 'sandbox.up',
          namespace: NAMESPACE,
          interfaces: ['eth0'],
          gateways: [{ interface: 'eth0', gateway: '10.7.0.1' }],
        },
      ]),
    ).toMatchObject({ ok: true });
    expect((await seen()).links.find(({ name }) => name === 'ct-veth')).toMatchObject({ up: true });
  });

  test('a device setting goes with its device', async () => {
    await host.perform(ALL);
    const key = 'net/ipv4/conf/ct-bridge/route_localnet';
    expect(host.sysctl(key)).toBe('0');
    await host.perform([{ op: 'sysctl.set', key, value: '1' }]);
    expect(host.sysctl(key)).toBe('1');
    await host.perform([remove.bridge]);
    expect(host.sysctl(key)).toBeUndefined();
  });
});

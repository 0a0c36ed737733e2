import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { LinuxHost } from '../../runtime/host/linux';
import { bindings } from '../../runtime/host/native/bindings';
import { NativeHost } from '../../runtime/host/native/host';
import type { HostLink, HostOp } from '../../runtime/host/port';

/** What speaking with the kernel from within this process could do otherwise than the programs. */
const native = bindings();
const NAMESPACE = 'native-a';
const veth = (name: string): HostOp => ({
  op: 'veth.add',
  name,
  bridge: 'nt-bridge',
  mtu: 1400,
  namespace: NAMESPACE,
  peer: 'eth0',
  mac: '02:42:0a:08:00:02',
});
const prepare: HostOp = {
  op: 'sandbox.prepare',
  namespace: NAMESPACE,
  interfaces: [{ name: 'eth0', ipv6: false, addresses: ['10.8.0.2/24'] }],
};
const BEGIN: readonly HostOp[] = [
  { op: 'namespace.add', namespace: NAMESPACE },
  { op: 'bridge.add', name: 'nt-bridge', mac: '02:42:0a:08:00:01', mtu: 1400 },
  { op: 'address.add', name: 'nt-bridge', address: '10.8.0.1/24' },
  veth('nt-veth'),
];
const END: readonly HostOp[] = [
  { op: 'namespace.remove', namespace: NAMESPACE, veths: ['nt-veth'] },
  { op: 'link.remove', name: 'nt-bridge' },
];

const table = (text: string): HostOp => ({ op: 'ruleset.load', unit: { tool: 'nft', text, lines: [] } });
const ip = (...args: readonly string[]) => execFileSync('ip', args, { encoding: 'utf8' });
/** Every socket and namespace that this process holds, by its kind and inode. */
const held = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((file) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${file}`);
      return /^(socket|net|mnt):|^\/(proc|run)\/.*\bn(et)?ns\b/.test(target) ? [target] : [];
    } catch {
      return []; // The folder's own listing.
    }
  });
const home = () => readlinkSync('/proc/thread-self/ns/net');

if (!native) process.stdout.write('not tried: the kernel from within the process, which needs koffi and libnftables\n');

(native ? describe : describe.skip)('the kernel spoken with from within this process', () => {
  const host = native ? new NativeHost(native) : new LinuxHost();
  afterEach(async () => {
    await host.perform(END);
  });

  test('sees the links that the programs see: ports, bridges, and what is neither', async () => {
    await host.perform(BEGIN);
    ip('link', 'add', 'nt-one', 'type', 'veth', 'peer', 'name', 'nt-two');
    ip('link', 'add', 'nt-other', 'type', 'bridge');
    ip('link', 'set', 'nt-one', 'master', 'nt-other');
    await host.perform([table('table bridge native\n')]);
    const seen = async (one: LinuxHost) => {
      const observation = await one.observe();
      if (!observation.ok) throw new Error(observation.fault.message);
      const { links, tables } = observation.value;
      // Other tests share this throwaway host.
      const own = links.filter(({ name }) => name.startsWith('nt-') || name === 'lo');
      const comparable = ({ kind, ...link }: HostLink) => ({ ...link, kind: link.master === undefined ? kind : '' });
      return {
        tables: tables.filter((name) => name.endsWith(' native')),
        links: own.map(comparable).sort((a, b) => (a.name < b.name ? -1 : 1)),
      };
    };
    const [ours, theirs] = [await seen(host), await seen(new LinuxHost())];
    ip('link', 'delete', 'nt-one');
    ip('link', 'delete', 'nt-other');
    await host.perform([table('delete table bridge native\n')]);
    expect(ours).toEqual(theirs);
    expect(ours.tables).toEqual(['bridge native']);
    expect(ours.links.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nt-bridge', 'nt-veth', 'nt-one', 'nt-two', 'nt-other', 'lo']),
    );
  });

  test('knows who listens, as /proc does', async () => {
    const servers = ['127.0.0.1', '::'].map((address) => createServer().listen(0, address));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const ports = servers.map((server) => (server.address() as AddressInfo).port);
    const asked = async (port: number) => {
      const only: Parameters<LinuxHost['listeners']>[0] = (protocol, one) => protocol === 'tcp' && one === port;
      return [await host.listeners(only), await new LinuxHost().listeners(only)] as const;
    };
    const listening = await Promise.all(ports.map(asked));
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
    for (const [index, [ours, theirs]] of listening.entries()) {
      expect(ours).toEqual([expect.objectContaining({ port: ports[index], process: expect.any(String) })]);
      expect(ours).toEqual(theirs);
    }
    for (const port of ports) expect(await asked(port)).toEqual([[], []]);
  });

  test('comes home from a namespace, whether what it did there was granted or refused', async () => {
    const before = home();
    await host.perform(BEGIN);
    expect(await host.perform([prepare])).toMatchObject({ ok: true });
    expect(home()).toBe(before);
    const missing: HostOp = { op: 'sandbox.up', namespace: NAMESPACE, interfaces: ['eth7'], gateways: [] };
    expect(await host.perform([missing])).toMatchObject({ ok: false });
    expect(home()).toBe(before);
    expect(await host.perform([{ op: 'namespace.add', namespace: NAMESPACE }])).toMatchObject({ ok: false });
    expect(home()).toBe(before);
  });

  test('what else this process does meanwhile stays at home', async () => {
    await host.perform(BEGIN);
    const elsewhere: string[] = [];
    const timer = setInterval(() => elsewhere.push(home()), 0);
    const before = home();
    for (let round = 0; round < 50; round++) {
      await host.perform([prepare]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clearInterval(timer);
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(new Set(elsewhere)).toEqual(new Set([before]));
  });

  test('programs that run at the same time run at home', async () => {
    await host.perform(BEGIN);
    const programs = Promise.all(Array.from({ length: 8 }, () => new LinuxHost().observe()));
    for (let round = 0; round < 20; round++) await host.perform([prepare]);
    for (const seen of await programs)
      expect(seen.ok && seen.value.links.some(({ name }) => name === 'nt-bridge')).toBe(true);
  });

  test('a half-made veth is told as doubtful, with the words of the request that was refused', async () => {
    await host.perform(BEGIN.slice(0, 1));
    const refused = await host.perform([veth('nt-veth')]);
    expect(refused).toMatchObject({ ok: false, fault: { performed: 0, doubtful: 1 } });
    if (refused.ok) return;
    expect(refused.fault.fault.message).toContain('master nt-bridge');
    await host.perform([{ op: 'link.remove', name: 'nt-veth' }]);
  });

  test('leaves no socket and no namespace open', async () => {
    await host.perform(BEGIN);
    const before = held();
    for (let round = 0; round < 10; round++) {
      await host.perform([prepare, veth('nt-veth')]);
      await host.observe();
      await host.insides([NAMESPACE, 'native-none']);
      await host.generation();
    }
    // What the runtime itself holds for a program that just ended goes a moment later.
    for (let wait = 0; wait < 50 && held().length > before.length; wait++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const often = (files: readonly string[], name: string) => files.filter((file) => file === name).length;
    expect(held().filter((name, _, now) => often(now, name) > often(before, name))).toEqual([]);
  });
});

import { Lab } from '../support/lab';

const INTENT = `
define lan = { 198.51.100.0/24 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; subnet fd00:18::/64 }
network inner { subnet 172.19.0.0/16; internal }
network open { subnet 172.20.0.0/16; nat routed }
network leased { subnet 172.21.0.0/16; nat snat 192.0.2.2 }
network shut { subnet 172.22.0.0/16; subnet fd00:22::/64; icc off }

container web {
  network front { address 172.17.0.3; address fd00:17::3; mac 02:42:ac:11:00:03 }
  publish 8080:80
  publish 8080:80/udp
  publish 127.0.0.1:9000:90
  publish 192.0.2.1:7000:70
  publish 7100:70
  publish 10000-10002:20000-20002
  publish 5432:80 from lan
  publish 5433:80 limit 3/minute
}
container other {
  network front
  publish 192.0.2.2:7000:70
  publish 192.0.2.2:7100:71
}
container db { network back; publish 5000:80 }
container hidden { network inner }
container hidden2 { network inner }
container routed { network open; publish 8088:80 }
container source { network leased }
container a { network shut; link b }
container b { network shut; expose 80 }
allow web -> db tcp 81
deny web -> host tcp 7778
network mixed { subnet 172.23.0.0/16 }
container m1 { network mixed }
container m2 { network mixed }
deny m1 -> m2 tcp 81
`;

const SERVERS: Readonly<Record<string, readonly number[]>> = {
  web: [80, 81, 90, 70, 20000, 20001, 20002],
  other: [70, 71, 80],
  db: [80, 81, 82],
  hidden: [80],
  hidden2: [80],
  routed: [80, 81],
  b: [80, 81],
  m2: [80, 81],
  host: [7777, 7778],
  outside: [8888],
};

describe.each([0, 1] as const)('on the wire, with bridge-nf-call-iptables at %i', (bridgeNetfilter) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = new Lab(bridgeNetfilter);
    lab.apply(INTENT);
    for (const [where, ports] of Object.entries(SERVERS)) for (const port of ports) await lab.agent(where).serve(port);
    await lab.agent('web').serve(80, 'udp');
    lab.on('outside', 'ip', ['route', 'add', '172.16.0.0/12', 'via', '192.0.2.1']);
    lab.on('outside', 'ip', ['-6', 'route', 'add', 'fd00::/16', 'via', '2001:db8::1']);
  });
  afterAll(() => lab.close());

  const seen = (where: string, address: string, port: number, more: object = {}) =>
    lab.agent(where).probe({ address, port, ...more });

  test("W1 another host reaches a published port on each of the host's addresses, and the container sees its address", async () => {
    expect(await seen('outside', '192.0.2.1', 8080)).toBe('192.0.2.9');
    expect(await seen('outside', '192.0.2.2', 8080)).toBe('192.0.2.9');
    expect(await seen('outside', '172.17.0.1', 8080)).toBe('192.0.2.9');
    expect(await seen('outside', '2001:db8::1', 8080)).toBe('2001:db8::9');
    expect(await seen('outside', '192.0.2.1', 8080, { protocol: 'udp' })).toBe('192.0.2.9');
    expect(await seen('outside', '2001:db8::1', 8080, { protocol: 'udp' })).toBe('2001:db8::9');
  });

  test('W2 the host reaches it on its own addresses and on 127.0.0.1', async () => {
    expect(await seen('host', '192.0.2.1', 8080)).toBe('192.0.2.1');
    expect(await seen('host', '127.0.0.1', 8080)).toBe('172.17.0.1');
    expect(await seen('host', '2001:db8::1', 8080)).toBe('2001:db8::1');
    expect(await seen('host', '127.0.0.1', 8080, { protocol: 'udp' })).toBe('172.17.0.1');
  });

  test("W3 containers of the same and of another network reach it on the host's address", async () => {
    expect(await seen('other', '192.0.2.1', 8080)).not.toBeNull();
    expect(await seen('other', '2001:db8::1', 8080)).not.toBeNull();
    expect(await seen('db', '192.0.2.1', 8080)).toBe('172.18.0.2');
    expect(await seen('db', '2001:db8::1', 8080)).toBe('fd00:18::2');
    expect(await seen('other', '192.0.2.1', 8080, { protocol: 'udp' })).not.toBeNull();
  });

  test('W4 a container reaches its own published port, tcp and udp', async () => {
    expect(await seen('web', '192.0.2.1', 8080)).not.toBeNull();
    expect(await seen('web', '192.0.2.1', 8080, { protocol: 'udp' })).not.toBeNull();
    expect(await seen('web', '2001:db8::1', 8080)).not.toBeNull();
  });

  test('W5 a port published on 127.0.0.1 answers the host only, whatever others route or set', async () => {
    expect(await seen('host', '127.0.0.1', 9000)).not.toBeNull();
    lab.setting('host', 'net/ipv4/conf/all/route_localnet', '1');
    lab.setting('outside', 'net/ipv4/conf/all/route_localnet', '1');
    lab.on('outside', 'ip', ['address', 'delete', '127.0.0.1/8', 'dev', 'lo']);
    lab.on('outside', 'ip', ['route', 'add', '127.0.0.0/8', 'via', '192.0.2.1']);
    expect(await seen('outside', '127.0.0.1', 9000, { from: '192.0.2.9' })).toBeNull();
    expect(await seen('outside', '192.0.2.1', 9000)).toBeNull();
    lab.inside('db', 'ip', ['address', 'delete', '127.0.0.1/8', 'dev', 'lo']);
    lab.setting('db', 'net/ipv4/conf/all/route_localnet', '1');
    expect(await seen('db', '127.0.0.1', 9000, { from: '172.18.0.2' })).toBeNull();
    lab.setting('host', 'net/ipv4/conf/all/route_localnet', '0');
  });

  test('W6 a port published on an address answers there only, and wins over the same port on every address', async () => {
    expect(await seen('outside', '192.0.2.1', 7000)).not.toBeNull();
    expect(await seen('outside', '192.0.2.2', 7000)).not.toBeNull();
    expect(await seen('outside', '2001:db8::1', 7000)).toBeNull();
    lab.inside('other', 'ip', ['link', 'set', 'eth0', 'down']);
    expect(await seen('outside', '192.0.2.1', 7000)).not.toBeNull();
    expect(await seen('outside', '192.0.2.2', 7000)).toBeNull();
    expect(await seen('outside', '192.0.2.1', 7100)).not.toBeNull();
    expect(await seen('outside', '192.0.2.2', 7100)).toBeNull();
    lab.inside('other', 'ip', ['link', 'set', 'eth0', 'up']);
    lab.inside('other', 'ip', ['route', 'add', 'default', 'via', '172.17.0.1']);
    expect(await seen('outside', '192.0.2.2', 7100)).not.toBeNull();
  });

  test('W7 ranges map port by port, and protocols are apart', async () => {
    for (const index of [0, 1, 2]) expect(await seen('outside', '192.0.2.1', 10000 + index)).toBe('192.0.2.9');
    expect(await seen('outside', '192.0.2.1', 10003)).toBeNull();
    expect(await seen('outside', '192.0.2.1', 7100, { protocol: 'udp' })).toBeNull();
  });

  test('W8 `from` and `limit` hold', async () => {
    expect(await seen('outside', '192.0.2.1', 5432, { from: '198.51.100.9' })).toBe('198.51.100.9');
    expect(await seen('outside', '192.0.2.1', 5432, { from: '192.0.2.9' })).toBeNull();
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await seen('outside', '192.0.2.1', 5433));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(3);
  });

  test('W9 a port that a process listens on is refused, and the process named', () => {
    const { code, stderr } = lab.tsnet(['run', '--name', 'late', '--net', 'front', '-p', '7777:80', '--', 'true']);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/7777\/tcp: node \(pid \d+\) listens/)]);
  });

  test("W10 an unpublished port, and a published one by the container's own address, do not answer outside", async () => {
    expect(await seen('host', '172.17.0.3', 81)).not.toBeNull();
    expect(await seen('outside', '172.17.0.3', 80)).toBeNull();
    expect(await seen('outside', '172.17.0.3', 81)).toBeNull();
    expect(await seen('outside', 'fd00:17::3', 80)).toBeNull();
    expect(await seen('outside', '192.0.2.1', 81)).toBeNull();
    expect(await seen('outside', '172.20.0.2', 80)).toBe('192.0.2.9');
    expect(await seen('outside', '172.20.0.2', 81)).toBeNull();
  });

  test('W11 no packet crosses between two networks, but what is allowed', async () => {
    expect(await seen('web', '172.18.0.2', 81)).toBe('172.17.0.3');
    expect(await seen('web', '172.18.0.2', 80)).toBeNull();
    expect(await seen('web', 'fd00:18::2', 80)).toBeNull();
    expect(await seen('db', '172.17.0.3', 80)).toBeNull();
    expect(await seen('db', 'fd00:17::3', 80)).toBeNull();
    expect(await seen('other', '172.18.0.2', 81)).toBeNull();
  });

  test('W12 with icc off only linked ports answer', async () => {
    expect(await seen('a', '172.22.0.3', 80)).toBe('172.22.0.2');
    expect(await seen('a', '172.22.0.3', 81)).toBeNull();
    expect(await seen('a', 'fd00:22::3', 80)).toBe('fd00:22::2');
    expect(await seen('a', 'fd00:22::3', 81)).toBeNull();
  });

  test('W13 nothing goes in or out of an internal network, but among its own and to the host by its bridge', async () => {
    expect(await seen('hidden2', '172.19.0.2', 80)).toBe('172.19.0.3');
    expect(await seen('hidden', '172.19.0.1', 7777)).toBe('172.19.0.2');
    lab.inside('hidden', 'ip', ['route', 'add', 'default', 'via', '172.19.0.1']);
    expect(await seen('hidden', '192.0.2.9', 8888)).toBeNull();
    expect(await seen('hidden', '192.0.2.1', 7777)).toBeNull();
    expect(await seen('hidden', '192.0.2.1', 8080)).toBeNull();
    expect(await seen('hidden', '172.17.0.3', 80)).toBeNull();
    expect(await seen('outside', '172.19.0.2', 80)).toBeNull();
    expect(await seen('outside', '172.19.0.1', 7777)).toBeNull();
    expect(await seen('web', '172.19.0.2', 80)).toBeNull();
  });

  test("W14 a container that speaks with another's address is not heard", async () => {
    expect(await seen('other', '172.17.0.3', 81)).not.toBeNull();
    lab.inside('other', 'ip', ['address', 'add', '172.17.0.99/16', 'dev', 'eth0']);
    expect(await seen('other', '172.17.0.3', 81, { from: '172.17.0.99' })).toBeNull();
    lab.inside('other', 'ip', ['address', 'delete', '172.17.0.99/16', 'dev', 'eth0']);
  });

  test('W16 traffic leaves with the address that `nat` says', async () => {
    expect(await seen('web', '192.0.2.9', 8888)).toBe('192.0.2.1');
    expect(await seen('source', '192.0.2.9', 8888)).toBe('192.0.2.2');
    expect(await seen('routed', '192.0.2.9', 8888)).toBe('172.20.0.2');
    expect(await seen('web', '2001:db8::9', 8888)).toBe('2001:db8::1');
  });

  test('a denial holds between two containers of one network', async () => {
    expect(await seen('m1', '172.23.0.3', 80)).toBe('172.23.0.2');
    expect(await seen('m1', '172.23.0.3', 81)).toBeNull();
    expect(await seen('host', '172.23.0.3', 81)).not.toBeNull();
  });

  test('a container is kept from what is denied to it', async () => {
    expect(await seen('web', '192.0.2.1', 7777)).toBe('172.17.0.3');
    expect(await seen('web', '192.0.2.1', 7778)).toBeNull();
    expect(await seen('other', '192.0.2.1', 7778)).not.toBeNull();
  });

  test('W18 eth0 has its address, MAC, MTU and default route, and the files say what the intent says', () => {
    const [eth0] = JSON.parse(lab.inside('web', 'ip', ['-json', 'address', 'show', 'dev', 'eth0']));
    expect(eth0).toMatchObject({ address: '02:42:ac:11:00:03', mtu: 1500, operstate: 'UP' });
    expect(eth0.addr_info).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ local: '172.17.0.3', prefixlen: 16 }),
        expect.objectContaining({ local: 'fd00:17::3', prefixlen: 64 }),
      ]),
    );
    expect(lab.inside('web', 'ip', ['route', 'show', 'default'])).toMatch(/^default via 172\.17\.0\.1 dev eth0/);
    expect(lab.inside('web', 'ip', ['-6', 'route', 'show', 'default'])).toMatch(/^default via fd00:17::1 dev eth0/);
    const { stdout } = lab.exec('a', ['cat', '/etc/hosts', '/etc/hostname']);
    expect(stdout).toMatch(/^172\.22\.0\.3\tb$/m);
    expect(stdout).toMatch(/^a$/m);
  });

  test("W19 the host end is a veth on the network's bridge", () => {
    const [link] = JSON.parse(lab.on('host', 'ip', ['-json', '-details', 'link', 'show', 'tv-web-0']));
    expect(link).toMatchObject({ master: 'tn-front', linkinfo: { info_kind: 'veth' } });
  });
});

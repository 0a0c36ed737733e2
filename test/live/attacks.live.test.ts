import {
  ALL_NODES_MAC,
  arp,
  BROADCAST,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  ipv6Hex,
  linkLayer,
  udp,
  udp6,
} from '../support/frames';
import { Lab } from '../support/lab';

const INTENT = `
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; subnet fd00:18::/64 }
container victim { network front { address 172.17.0.3; address fd00:17::3 }; publish 8080:80; publish 8080:80/udp }
container attacker { network front { address 172.17.0.6; address fd00:17::6 } }
container third { network front { address 172.17.0.9; address fd00:17::9 } }
network apart { subnet 172.19.0.0/16; icc off }
container one { network apart { address 172.19.0.3 } }
container two { network apart { address 172.19.0.6 } }
container far { network back { address 172.18.0.2 } }
`;
const VICTIM = { mac: '02:42:ac:11:00:03', ip: '172.17.0.3', ip6: 'fd00:17::3' };
const ATTACKER = { mac: '02:42:ac:11:00:06', ip: '172.17.0.6', ip6: 'fd00:17::6' };
const THIRD = { mac: '02:42:ac:11:00:09', ip: '172.17.0.9', ip6: 'fd00:17::9' };
const GATEWAY = { mac: '02:42:ac:11:00:01', ip: '172.17.0.1', ip6: 'fd00:17::1' };
const ALL_NODES = 'ff02::1';

const toVictim = (from: string, type: number, payload: string) => ethernet(VICTIM.mac, from, type, payload);
const datagram = (from: string) => ipv4({ from, to: VICTIM.ip, protocol: 17 }, udp(4000, 4001));
const advert = (target: string) =>
  icmpv6(ATTACKER.ip6, VICTIM.ip6, 136, `60000000${ipv6Hex(target)}${linkLayer(2, ATTACKER.mac)}`);
const routerAdvert = icmpv6(ATTACKER.ip6, ALL_NODES, 134, `40080708${'00'.repeat(8)}${linkLayer(1, ATTACKER.mac)}`);
const redirect6 = icmpv6(ATTACKER.ip6, VICTIM.ip6, 137, `00000000${ipv6Hex(ATTACKER.ip6)}${ipv6Hex('2001:db8::9')}`);
/** In front of a message, to hide it from who looks only at the first header (RFC 7113). */
const hidden = {
  'by destination options': (message: string) => ({ next: 60, payload: `3a00010400000000${message}` }),
  'by hop-by-hop options': (message: string) => ({ next: 0, payload: `3a00010400000000${message}` }),
  'in a fragment': (message: string) => ({ next: 44, payload: `3a00000000000001${message}` }),
};

/** What the attacker sends, and what all of it has in common, so that none of it may come to the victim. */
const FORGERIES: Readonly<Record<string, string>> = {
  'W14 the IPv4 address of another [IPv4]': toVictim(ATTACKER.mac, 0x0800, datagram(THIRD.ip)),
  'W14 the IPv4 address of the gateway [IPv4]': toVictim(ATTACKER.mac, 0x0800, datagram(GATEWAY.ip)),
  'W14 the MAC address of another [IPv4]': toVictim(THIRD.mac, 0x0800, datagram(ATTACKER.ip)),
  'W14 both addresses of another [IPv4]': toVictim(THIRD.mac, 0x0800, datagram(THIRD.ip)),
  'W14 the IPv6 address of another [IPv6]': toVictim(
    ATTACKER.mac,
    0x86dd,
    ipv6(THIRD.ip6, VICTIM.ip6, 17, udp6(THIRD.ip6, VICTIM.ip6, 4000, 4001)),
  ),
  'W14 an ARP answer for the gateway [IPv4]': toVictim(
    ATTACKER.mac,
    0x0806,
    arp('reply', { mac: ATTACKER.mac, ip: GATEWAY.ip }, VICTIM),
  ),
  'W14 an ARP answer for another container [IPv4]': toVictim(
    ATTACKER.mac,
    0x0806,
    arp('reply', { mac: ATTACKER.mac, ip: THIRD.ip }, VICTIM),
  ),
  'W14 an ARP announcement of the gateway to all [IPv4]': ethernet(
    BROADCAST,
    ATTACKER.mac,
    0x0806,
    arp('request', { mac: ATTACKER.mac, ip: GATEWAY.ip }, { mac: BROADCAST, ip: GATEWAY.ip }),
  ),
  'W14 a neighbour advertisement for the gateway [IPv6]': toVictim(
    ATTACKER.mac,
    0x86dd,
    ipv6(ATTACKER.ip6, VICTIM.ip6, 58, advert(GATEWAY.ip6)),
  ),
  'W14 a neighbour advertisement for another container [IPv6]': toVictim(
    ATTACKER.mac,
    0x86dd,
    ipv6(ATTACKER.ip6, VICTIM.ip6, 58, advert(THIRD.ip6)),
  ),
  'W14 an ICMP redirect [IPv4]': toVictim(
    ATTACKER.mac,
    0x0800,
    ipv4({ from: ATTACKER.ip, to: VICTIM.ip, protocol: 1 }, icmp(5, 1, `ac110006${datagram(VICTIM.ip)}`)),
  ),
  'W14 an ICMPv6 redirect [IPv6]': toVictim(ATTACKER.mac, 0x86dd, ipv6(ATTACKER.ip6, VICTIM.ip6, 58, redirect6)),
  'W14 a router advertisement [IPv6]': ethernet(
    ALL_NODES_MAC,
    ATTACKER.mac,
    0x86dd,
    ipv6(ATTACKER.ip6, ALL_NODES, 58, routerAdvert),
  ),
  ...Object.fromEntries(
    Object.entries(hidden).map(([how, hide]) => {
      const { next, payload } = hide(routerAdvert);
      const packet = ipv6(ATTACKER.ip6, ALL_NODES, next, payload);
      return [`W14 a router advertisement hidden ${how} [IPv6]`, ethernet(ALL_NODES_MAC, ATTACKER.mac, 0x86dd, packet)];
    }),
  ),
  'W14 an answer of a DHCP server [IPv4]': toVictim(
    ATTACKER.mac,
    0x0800,
    ipv4({ from: ATTACKER.ip, to: VICTIM.ip, protocol: 17 }, udp(67, 68)),
  ),
  'W14 an answer of a DHCPv6 server [IPv6]': toVictim(
    ATTACKER.mac,
    0x86dd,
    ipv6(ATTACKER.ip6, VICTIM.ip6, 17, udp6(ATTACKER.ip6, VICTIM.ip6, 547, 546)),
  ),
};

const HONEST = {
  IPv4: toVictim(ATTACKER.mac, 0x0800, datagram(ATTACKER.ip)),
  IPv6: toVictim(ATTACKER.mac, 0x86dd, ipv6(ATTACKER.ip6, VICTIM.ip6, 17, udp6(ATTACKER.ip6, VICTIM.ip6, 4000, 4001))),
  ARP: toVictim(ATTACKER.mac, 0x0806, arp('reply', ATTACKER, VICTIM)),
};

const CELLS = (['nft', 'iptables'] as const).flatMap((target) =>
  ([0, 1] as const).map((bridgeNetfilter) => [target, bridgeNetfilter] as const),
);

describe.each(CELLS)('attacks: target %s, bridge-nf-call-iptables %i', (target, bridgeNetfilter) => {
  let lab: Lab;

  beforeAll(() => {
    lab = new Lab(bridgeNetfilter, target);
    lab.apply(INTENT);
  });
  afterAll(() => lab.close());

  /** Which of the frames that are sent from one place come to another. */
  const arriving = async (frames: Readonly<Record<string, string>>, from = 'attacker', to = 'victim') => {
    const listening = await lab.listen(to, 'eth0');
    lab.send(from, 'eth0', Object.values(frames));
    const seen = await listening.frames(Object.values(HONEST).at(-1) ?? '', () =>
      lab.send('attacker', 'eth0', Object.values(HONEST)),
    );
    return Object.keys(frames).filter((name) => seen.includes(frames[name] ?? ''));
  };

  let forged: Promise<readonly string[]> | undefined;
  test.each(Object.keys(FORGERIES))('%s', async (name) => {
    forged ??= arriving(FORGERIES);
    expect(await forged).not.toContain(name);
  });

  test('W14 what is honest comes through', async () => {
    expect(await arriving(HONEST)).toEqual(Object.keys(HONEST));
  });

  test('W12 with icc off a frame straight to another container is not heard, nor one to all [IPv4]', async () => {
    const packet = ipv4({ from: '172.19.0.6', to: '172.19.0.3', protocol: 17 }, udp(4000, 4001));
    const [one, two, host] = ['02:42:ac:13:00:03', '02:42:ac:13:00:06', '02:42:ac:13:00:01'];
    const question = arp('request', { mac: two, ip: '172.19.0.6' }, { mac: BROADCAST, ip: '172.19.0.3' });
    const frames = [
      ethernet(one, two, 0x0800, packet),
      ethernet(BROADCAST, two, 0x0800, packet),
      ethernet(BROADCAST, two, 0x0806, question),
      ethernet(one, two, 0x0806, arp('reply', { mac: two, ip: '172.19.0.6' }, { mac: one, ip: '172.19.0.3' })),
    ];
    const listening = await lab.listen('one', 'eth0');
    lab.send('two', 'eth0', frames);
    const last = ethernet(
      one,
      host,
      0x0806,
      arp('reply', { mac: host, ip: '172.19.0.1' }, { mac: one, ip: '172.19.0.3' }),
    );
    const seen = await listening.frames(last, () => lab.send('host', 'tn-apart', [last]));
    expect(seen.filter((frame) => frames.some((sent) => frame.startsWith(sent)))).toEqual([]);
  });

  test("W10 a source route of the sender's leads nowhere [IPv4]", async () => {
    // Loose source routing by the host (RFC 791): 131, length 7, pointer 4.
    const options = '830704ac11000301';
    const packet = ipv4({ from: '192.0.2.9', to: '192.0.2.1', protocol: 17, options }, udp(4000, 4001));
    const frame = ethernet(lab.macOf('host', 'eth0'), lab.macOf('outside', 'eth0'), 0x0800, packet);
    const listening = await lab.listen('victim', 'eth0');
    lab.send('outside', 'eth0', [frame]);
    const seen = await listening.frames(HONEST.ARP, () => lab.send('attacker', 'eth0', Object.values(HONEST)));
    expect(seen.filter((one) => one.includes(udp(4000, 4001)) && one.startsWith('0242ac1100030242ac110001'))).toEqual(
      [],
    );
  });

  test('W10 fragments do not come past the rules: no ports in the first, or another port over it [IPv4]', async () => {
    const [host, outside] = [lab.macOf('host', 'eth0'), lab.macOf('outside', 'eth0')];
    const piece = (fragment: number, id: number, payload: string) =>
      ethernet(host, outside, 0x0800, ipv4({ from: '192.0.2.9', to: VICTIM.ip, protocol: 17, fragment, id }, payload));
    const whole = udp(4000, 81, '41'.repeat(40));
    const open = udp(4000, 80, '42'.repeat(40));
    const listening = await lab.listen('victim', 'eth0');
    lab.send('outside', 'eth0', [
      piece(0x2000, 7, whole.slice(0, 16)),
      piece(1, 7, whole.slice(16)),
      piece(0x2000, 8, open.slice(0, 48)),
      piece(0x2000, 8, whole.slice(0, 48)),
      piece(3, 8, whole.slice(48)),
      piece(1, 9, whole.slice(16)),
    ]);
    const seen = await listening.frames(HONEST.ARP, () => lab.send('attacker', 'eth0', Object.values(HONEST)));
    expect(seen.filter((one) => one.includes('41'.repeat(12)) || one.includes('42'.repeat(12)))).toEqual([]);
  });

  test('W10 a connection by a publish that is taken away ends with it [IPv4]', async () => {
    await lab.agent('victim').echo(80);
    const held = await lab.agent('outside').hold('192.0.2.1', 8080);
    lab.apply(INTENT);
    lab.apply(INTENT.replaceAll(/publish 8080:80\S*;? ?/g, ''));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { sent, received } = await held.end();
    expect(received).toBeGreaterThan(0);
    expect(sent - received).toBeGreaterThan(20);
    lab.apply(INTENT);
  });

  test('without the guard what is forged comes through', async () => {
    if (target === 'nft') lab.on('host', 'nft', ['flush', 'chain', 'bridge', 'tsnet', 'guard']);
    else lab.on('host', 'tc', ['qdisc', 'delete', 'dev', 'tv-attacker-0', 'clsact']);
    expect((await arriving(FORGERIES)).length).toBeGreaterThan(Object.keys(FORGERIES).length - 4);
  });
});

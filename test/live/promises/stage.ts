import type { Probe } from '../../support/agent';
import type { Lab, RulesOut } from '../../support/lab';

export const FAMILIES = [4, 6] as const;
export type Family = (typeof FAMILIES)[number];

/** Who is where, in both families. */
export const AT = {
  4: {
    host: '192.0.2.1',
    host2: '192.0.2.2',
    outside: '192.0.2.9',
    lan: '198.51.100.9',
    front: '172.17.0.1',
    web: '172.17.0.3',
    back: '172.18.0.1',
    db: '172.18.0.2',
    inner: '172.19.0.1',
    hidden: '172.19.0.2',
    hidden2: '172.19.0.3',
    routed: '172.20.0.2',
    a: '172.22.0.2',
    b: '172.22.0.3',
    m1: '172.23.0.2',
    m2: '172.23.0.3',
    trusting: '172.24.0.2',
    free: '172.17.0.99',
  },
  6: {
    host: '2001:db8::1',
    host2: '2001:db8::2',
    outside: '2001:db8::9',
    lan: '2001:db8:51::9',
    front: 'fd00:17::1',
    web: 'fd00:17::3',
    back: 'fd00:18::1',
    db: 'fd00:18::2',
    inner: 'fd00:19::1',
    hidden: 'fd00:19::2',
    hidden2: 'fd00:19::3',
    routed: 'fd00:20::2',
    a: 'fd00:22::2',
    b: 'fd00:22::3',
    m1: 'fd00:23::2',
    m2: 'fd00:23::3',
    trusting: 'fd00:24::2',
    free: 'fd00:17::99',
  },
} as const;

export const INTENT = `
define lan = { 198.51.100.0/24, 2001:db8:51::/64 }
network front { subnet 172.17.0.0/16; subnet fd00:17::/64 }
network back { subnet 172.18.0.0/16; subnet fd00:18::/64 }
network inner { subnet 172.19.0.0/16; subnet fd00:19::/64; internal }
network open { subnet 172.20.0.0/16; subnet fd00:20::/64; nat routed }
network leased { subnet 172.21.0.0/16; nat snat 192.0.2.2 }
network leased6 { subnet fd00:21::/64; nat snat 2001:db8::2 }
network shut { subnet 172.22.0.0/16; subnet fd00:22::/64; icc off }
network mixed { subnet 172.23.0.0/16; subnet fd00:23::/64 }
network wide { subnet 172.24.0.0/16; subnet fd00:24::/64; trusted-interface eth0 }

container web {
  network front { address 172.17.0.3; address fd00:17::3; mac 02:42:ac:11:00:03 }
  publish 8080:80
  publish 8080:80/udp
  publish 8080:80/sctp
  publish 127.0.0.1:9000:90
  publish 192.0.2.1:7000:70
  publish [2001:db8::1]:7000:70
  publish 7100:70
  publish 10000-10002:20000-20002
  publish 5432:80 from lan
  publish 5433:80 limit 3/minute
}
container other {
  network front
  publish 192.0.2.2:7000:71
  publish [2001:db8::2]:7000:71
  publish 192.0.2.2:7100:71
  publish [2001:db8::2]:7100:71
}
container db { network back; publish 5000:80 }
container hidden { network inner }
container hidden2 { network inner }
container routed { network open; publish 8088:80 }
container source { network leased; network leased6 }
container a { network shut; link b }
container b { network shut; expose 80; publish 8090:80; publish 8090:80/udp }
container m1 { network mixed }
container m2 { network mixed }
container trusting { network wide }
container both { network front; network back; publish 6000:80; publish 6000:80/udp }
allow web -> db tcp 81
deny web -> host tcp 7778
deny m1 -> m2 tcp 81
`;

export const SERVERS: Readonly<Record<string, readonly number[]>> = {
  web: [80, 81, 90, 70, 20000, 20001, 20002],
  other: [71, 80],
  db: [80, 81, 82],
  hidden: [80],
  hidden2: [80],
  routed: [80, 81],
  both: [80],
  a: [80],
  b: [80, 81],
  m2: [80, 81],
  trusting: [81],
  host: [7777, 7778],
  outside: [8888],
};

/** What a promise is tested on: one target, one setting of bridge netfilter, and the host that the suite made. */
export interface Stage {
  readonly lab: Lab;
  readonly target: 'nft' | 'iptables';
}

export type Where = keyof (typeof AT)[4];

/** What is asked of a promise in one family. */
export class Scene {
  readonly at: (typeof AT)[Family];

  constructor(
    readonly lab: Lab,
    readonly family: Family,
  ) {
    this.at = AT[family];
  }

  /** The address that the other side saw, or null when nothing answered. */
  seen(from: string, to: Where, port: number, more: Partial<Probe> = {}): Promise<string | null> {
    return this.lab.agent(from).probe({ address: this.at[to], port, ...more });
  }

  /** Nothing answers, and that is the doing of these rules: without them, something does. */
  async onlyWithout(rules: RulesOut, ask: () => Promise<string | null>): Promise<void> {
    expect(await ask()).toBeNull();
    expect(await this.lab.without(rules, ask)).not.toBeNull();
  }
}

/** One test for each family in which a promise has a meaning; the name of a test is the promise. */
export function promise(
  title: string,
  stage: () => Stage,
  check: (scene: Scene) => Promise<void>,
  families: readonly Family[] = FAMILIES,
): void {
  for (const family of families)
    test(`${title} [IPv${family}]`, async () => {
      await check(new Scene(stage().lab, family));
    });
}

const INET = 'inet tsnet';
/** What is left when nothing lets a packet in. */
export const REST_TO_CONTAINER: RulesOut = {
  nft: [{ table: INET, chain: 'new_to_container', rule: /^goto refuse$/ }],
  iptables: [{ table: 'filter', chain: 'new_to_container', rule: /^-g \S+-refuse$/ }],
};

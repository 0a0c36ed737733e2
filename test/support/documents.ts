import fc from 'fast-check';
import type { IntentDocument } from '../../dsl/intent/model';

type Document = Required<Omit<IntentDocument, '$schema'>>;

const protocol = fc.constantFrom('tcp', 'udp', 'sctp');
const byte = fc.integer({ min: 2, max: 250 });

/** Intents that are right: names that exist, addresses that are free, ports that nobody else has. */
export const documents: fc.Arbitrary<Document> = fc
  .record({
    networks: fc.array(
      fc.record({
        nat: fc.constantFrom(undefined, 'masquerade' as const, 'routed' as const, { snat: ['203.0.113.7'] }),
        icc: fc.constantFrom(undefined, true, false),
        log: fc.constantFrom(undefined, 'drops' as const),
        mtu: fc.option(fc.integer({ min: 1280, max: 9000 }), { nil: undefined }),
        ipv6: fc.boolean(),
        gateway: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    containers: fc.array(
      fc.record({
        home: fc.nat(),
        second: fc.boolean(),
        mac: fc.boolean(),
        address: fc.boolean(),
        router: fc.boolean(),
        publish: fc.array(fc.record({ protocol, form: fc.nat(4), limit: fc.boolean(), from: fc.boolean() }), {
          maxLength: 3,
        }),
        expose: fc.boolean(),
        link: fc.option(fc.nat(), { nil: undefined }),
        dns: fc.uniqueArray(
          byte.map((last) => `9.9.9.${last}`),
          { maxLength: 2 },
        ),
      }),
      { maxLength: 5 },
    ),
    policies: fc.array(
      fc.record({
        allow: fc.boolean(),
        from: fc.nat(),
        to: fc.nat(),
        protocol: fc.option(protocol, { nil: undefined }),
        ports: fc.uniqueArray(byte, { maxLength: 3 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ networks, containers, policies }): Document => {
    let port = 1000;
    const parties = [
      'lan',
      'host',
      ...networks.map((_, index) => `n${index}`),
      ...containers.map((_, index) => `c${index}`),
    ];
    const pick = (index: number) => parties[index % parties.length] ?? 'lan';
    const given = <T extends object>(fields: T) =>
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
        [Key in keyof T]-?: NonNullable<T[Key]>;
      };
    return {
      defines: [{ name: 'lan', prefixes: ['192.168.1.0/24', 'fd01::/64'] }],
      networks: networks.map(({ ipv6, gateway, ...rest }, index) => ({
        name: `n${index}`,
        subnets: [`10.${index}.0.0/16`, ...(ipv6 ? [`fd00:${index}::/64`] : [])],
        ...(gateway ? { gateways: [`10.${index}.0.254`] } : {}),
        ...given(rest),
      })),
      containers: containers.map(({ home, second, mac, address, router, publish, expose, link, dns }, index) => {
        const own = home % networks.length;
        const other = (own + 1) % networks.length;
        const friends = containers.flatMap((one, at) =>
          at !== index && one.home % networks.length === own ? [`c${at}`] : [],
        );
        const next = (index + 1) % containers.length;
        const leads = router && friends.includes(`c${next}`) && containers[next]?.address;
        const friend = link === undefined ? undefined : friends[link % Math.max(1, friends.length)];
        return {
          name: `c${index}`,
          networks: [
            {
              network: `n${own}`,
              ...(address ? { addresses: [`10.${own}.7.${10 + index}`] } : {}),
              ...(mac ? { mac: `02:00:00:00:00:0${index}` } : {}),
              ...(leads ? { gateways: [`10.${own}.7.${10 + next}`] } : {}),
            },
            ...(second && other !== own ? [{ network: `n${other}` }] : []),
          ],
          publish: publish.map(({ protocol: by, form, limit, from }) => {
            const host = ++port;
            const spec =
              [
                `${host}:80/${by}`,
                `127.0.0.1:${host}:80/${by}`,
                `192.0.2.1:${host}:81`,
                `${host}/${by}`,
                `0.0.0.0:${host}:7`,
              ][form] ?? `${host}:80`;
            return limit || from
              ? { spec, from: from ? ['lan', '203.0.113.0/24'] : [], ...(limit ? { limit: '10/second' } : {}) }
              : spec;
          }),
          expose: expose ? ['9100/tcp', '53/udp'] : [],
          links: friend === undefined ? [] : [{ target: friend, alias: 'friend' }],
          dns,
        };
      }),
      policies: sensible(policies.map(({ from, to, ...rest }) => ({ from: pick(from), to: pick(to), ...rest }))).map(
        ({ allow, from, to, protocol: by, ports }) => ({
          action: allow ? ('allow' as const) : ('deny' as const),
          from,
          to,
          ...(by ? { protocol: by, ports: ports.map(String) } : {}),
        }),
      ),
      expectations: [{ from: 'outside', to: 'host', protocol: 'tcp', ports: ['80'], outcome: 'denied' as const }],
      tables: [
        'table inet mine {\n  chain input {\n    type filter hook input priority 0; policy accept;\n    ip saddr @lan accept\n  }\n}',
      ],
    };
  });

/** A policy between two parties that are not the same, and no second one between them. */
function sensible<T extends { readonly from: string; readonly to: string }>(policies: readonly T[]): T[] {
  return policies.filter(
    ({ from, to }, index) =>
      from !== to && policies.findIndex((other) => other.from === from && other.to === to) === index,
  );
}

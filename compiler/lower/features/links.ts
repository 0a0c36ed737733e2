import { addressBlock, type Prefix } from '../../../dsl/core/address';
import type { Container, Endpoint, Policy, Topology } from '../../../dsl/intent/topology';

/** What links open: on networks whose containers do not reach each other, the linked one's exposed and published ports. */
export function linkPolicies({ networks, containers }: Topology): Policy[] {
  const linking = containers.filter(({ links }) => links.length > 0);
  if (linking.length === 0) return [];
  const closed = new Set(networks.filter(({ icc }) => !icc).map(({ name }) => name));
  const byName = new Map(containers.map((container) => [container.name, container]));
  return linking.flatMap((container) =>
    container.links.flatMap(({ target, path }): Policy[] => {
      const linked = byName.get(target);
      if (!linked) return [];
      const services = [...linked.exposes, ...linked.publishes];
      return sharedEndpoints(container, linked)
        .filter(([own]) => closed.has(own.network))
        .flatMap(([own, theirs]) =>
          services.map(({ protocol, ports }) => ({
            action: 'allow',
            from: { kind: 'addresses', prefixes: blocksOf(own) },
            to: { kind: 'addresses', prefixes: blocksOf(theirs) },
            protocol,
            ports: [ports],
            path,
          })),
        );
    }),
  );
}

function sharedEndpoints(a: Container, b: Container): [Endpoint, Endpoint][] {
  if (a.mode.kind !== 'bridged' || b.mode.kind !== 'bridged') return [];
  const others = b.mode.endpoints;
  return a.mode.endpoints.flatMap((own) =>
    others.filter(({ network }) => network === own.network).map((theirs): [Endpoint, Endpoint] => [own, theirs]),
  );
}

function blocksOf({ addresses }: Endpoint): Prefix[] {
  return addresses.map(({ address }) => addressBlock(address));
}

import {
  type Address,
  addressOf,
  type Family,
  formatAddress,
  formatPrefix,
  type Prefix,
  prefixOf,
} from '../../../dsl/core/address';
import { formatPortRange, type PortRange } from '../../../dsl/core/port';
import type { IntentDocument } from '../../../dsl/intent/model';
import type { Rule } from '../../../dsl/ruleset/tree';
import { type Container, containersOf } from './containers';
import type { Facts, NetworkFacts, OpeningFacts, PublishFacts } from './facts';

type Item<List extends keyof IntentDocument> =
  NonNullable<IntentDocument[List]> extends readonly (infer One)[] ? One : never;

/** One statement of the document, and what it was read from. */
export interface Told<T> {
  readonly item: T;
  readonly rules: readonly Rule[];
  /** What the rules did not tell, and was chosen. */
  readonly guessed: readonly string[];
}

export interface Draft {
  readonly networks: readonly Told<Item<'networks'>>[];
  readonly containers: readonly Told<Item<'containers'>>[];
  readonly policies: readonly Told<Item<'policies'>>[];
  /** The networks that are in it. */
  readonly raised: ReadonlySet<NetworkFacts>;
}

export const EVERYWHERE: Readonly<Record<Family, string>> = { 4: '0.0.0.0/0', 6: '::/0' };

/**
 * The document that facts amount to. A network of which no subnet is known, nor any address, is left out, and so are
 * those with the keys in `without`.
 */
export function draftOf(facts: Facts, without: ReadonlySet<string>): Draft {
  for (const network of facts.networks.values()) network.name ??= nameOf(subnetsOf(network, facts));
  const networks = [...facts.networks.values()].flatMap((network) => {
    const told = without.has(network.key) ? undefined : networkOf(network, facts);
    return told ? [{ network, told }] : [];
  });
  const raised = new Set(networks.map(({ network }) => network));
  const containers = containersOf(facts, raised);
  const nameAt = (address: Address) =>
    containers.find(({ addresses }) => addresses.some((one) => formatAddress(one) === formatAddress(address)))?.name;
  const published = new Set(facts.publishes.map(({ to, protocol, port }) => portKey(to, protocol, port)));
  const unpublished = facts.openings.filter(
    ({ network, from, to, protocol, ports }) =>
      raised.has(network) && !from && !ports.every((port) => published.has(portKey(to, protocol, port))),
  );
  const inRaised = <T extends { readonly network: NetworkFacts }>(all: readonly T[]) =>
    all.filter(({ network }) => raised.has(network));
  const links = linksOf(inRaised(facts.openings), inRaised(facts.publishes), nameAt);
  return {
    networks: networks.map(({ told }) => told),
    containers: containers.map((container) => containerOf(container, links)),
    policies: [
      ...links.policies,
      ...unpublished.map(({ rule, to, protocol, ports }) => ({
        item: {
          action: 'allow' as const,
          from: EVERYWHERE[to.family],
          to: nameAt(to) ?? formatAddress(to),
          protocol,
          ports: ports.map(formatPortRange),
        },
        rules: [rule],
        guessed: [],
      })),
      ...unpublished.flatMap(({ network, to, protocol, ports }) =>
        networks
          .filter((other) => network.isolated && other.network !== network)
          .map((other) => ({
            item: {
              action: 'deny' as const,
              from: other.told.item.name,
              to: nameAt(to) ?? formatAddress(to),
              protocol,
              ports: ports.map(formatPortRange),
            },
            rules: [],
            guessed: [],
          })),
      ),
      ...networks.flatMap(({ network, told }) =>
        network.open
          ? subnetsOf(network, facts).map(({ family }) => ({
              item: { action: 'allow' as const, from: EVERYWHERE[family], to: told.item.name },
              rules: [],
              guessed: [],
            }))
          : [],
      ),
      ...networks.flatMap(({ network, told }) =>
        network.reached
          ? networks
              .filter((other) => other.network !== network)
              .map((other) => ({
                item: { action: 'allow' as const, from: other.told.item.name, to: told.item.name },
                rules: [],
                guessed: [],
              }))
          : [],
      ),
    ],
    raised,
  };
}

export function portKey(to: Address, protocol: string, port: PortRange): string {
  return `${formatAddress(to)} ${protocol} ${formatPortRange(port)}`;
}

/** The rules of a network that leaves traffic as it is do not tell its subnet; its containers' addresses do. */
export function subnetsOf(network: NetworkFacts, facts: Facts): readonly Prefix[] {
  if (network.subnets.length > 0) return network.subnets;
  const addresses = facts.openings.filter((one) => one.network === network).map(({ to }) => to);
  return ([4, 6] as const).flatMap((family) => {
    const [first, ...rest] = addresses.filter((address) => address.family === family);
    if (!first) return [];
    const lengths = family === 4 ? [24, 16] : [64];
    const blocks = lengths.map((length) => prefixOf(first, length));
    const wide = blocks.find((block) =>
      rest.every((one) => formatPrefix(prefixOf(one, block.length)) === formatPrefix(block)),
    );
    return wide ? [wide] : [];
  });
}

function networkOf(network: NetworkFacts, facts: Facts): Told<Item<'networks'>> | undefined {
  const subnets = subnetsOf(network, facts);
  if (subnets.length === 0) return undefined;
  const guessed = network.subnets.length > 0 ? [] : [`subnet ${subnets.map(formatPrefix).join(', ')}`];
  const leaves = subnets.every(({ family }) => network.masqueraded.has(family));
  return {
    item: {
      name: network.name ?? '',
      subnets: subnets.map(formatPrefix),
      ...(network.bridge === undefined ? {} : { bridge: network.bridge }),
      ...(network.internal || (leaves && network.snat.length === 0)
        ? {}
        : { nat: network.snat.length > 0 ? { snat: network.snat.map(formatAddress) } : ('routed' as const) }),
      ...(network.icc ? {} : { icc: false }),
      ...(network.internal ? { internal: true } : {}),
    },
    rules: [...network.told],
    guessed,
  };
}

function nameOf(subnets: readonly Prefix[]): string {
  return `net-${subnets.map((subnet) => formatAddress(addressOf(subnet)).replace(/[.:]+/g, '-').replace(/-$/, '')).join('-')}`;
}

function containerOf(container: Container, { byName }: Links): Told<Item<'containers'>> {
  const { name, network, addresses, publishes, rules } = container;
  const { exposes = [], targets = [] } = byName.get(name) ?? {};
  return {
    item: {
      name,
      networks: [{ network, addresses: addresses.map(formatAddress) }],
      ...(publishes.length > 0 ? { publish: [...publishes] } : {}),
      ...(exposes.length > 0 ? { expose: [...exposes] } : {}),
      ...(targets.length > 0 ? { links: [...targets] } : {}),
    },
    rules,
    guessed: [],
  };
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

interface Links {
  readonly byName: ReadonlyMap<string, { exposes: readonly string[]; targets: readonly string[] }>;
  readonly policies: readonly Told<Item<'policies'>>[];
}

/**
 * A link opens all that its target exposes and publishes, in both families. Where those who may reach a container may
 * reach the same ports, these are its links; else each is a policy of its own, between addresses.
 */
function linksOf(
  openings: readonly OpeningFacts[],
  publishes: readonly PublishFacts[],
  nameAt: (address: Address) => string | undefined,
): Links {
  const byTarget = grouped(
    openings.filter(({ from }) => from),
    ({ to }) => nameAt(to) ?? '',
  );
  const byName = new Map<string, { exposes: string[]; targets: string[] }>();
  const policies: Told<Item<'policies'>>[] = [];
  const entry = (name: string) => {
    const known = byName.get(name) ?? { exposes: [], targets: [] };
    byName.set(name, known);
    return known;
  };
  const word = ({ protocol, ports }: { protocol: string; ports: readonly PortRange[] }) =>
    ports.map((port) => `${formatPortRange(port)}/${protocol}`);
  for (const [target, all] of byTarget) {
    const bySource = grouped(all, ({ from }) => (from && nameAt(from)) ?? '');
    const sets = [...bySource.values()].map((some) => new Set(some.flatMap(word)));
    const [first = new Set<string>()] = sets;
    const own = publishes
      .filter(({ to }) => nameAt(to) === target)
      .flatMap(({ protocol, port }) => word({ protocol, ports: [port] }));
    const same = sets.every((set) => set.size === first.size && [...set].every((port) => first.has(port)));
    const families = new Set(all.map(({ to }) => to.family));
    const whole = all.every(({ network }) => network.subnets.every(({ family }) => families.has(family)));
    if (whole && same && own.every((port) => first.has(port)) && !bySource.has('') && target !== '') {
      entry(target).exposes.push(...[...first].filter((port) => !own.includes(port)));
      for (const source of bySource.keys()) entry(source).targets.push(target);
    } else
      for (const { rule, from, to, protocol, ports } of all)
        policies.push({
          item: {
            action: 'allow',
            from: from ? formatAddress(from) : EVERYWHERE[to.family],
            to: formatAddress(to),
            protocol,
            ports: ports.map(formatPortRange),
          },
          rules: [rule],
          guessed: [],
        });
  }
  return { byName, policies };
}

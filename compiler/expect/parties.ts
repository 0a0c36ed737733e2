import {
  addressBlock,
  boundsOf,
  contains,
  type Family,
  overlaps,
  type Prefix,
  parsePrefix,
} from '../../dsl/core/address';
import type { Intent } from '../../dsl/intent/model';
import type { Topology } from '../../dsl/intent/topology';
import type { Port } from '../world/inhabitants';
import type { World } from '../world/world';

/** Where a side of an expectation is, and the addresses that it goes by there. */
export type Side =
  | { readonly kind: 'host'; readonly blocks: readonly Prefix[] }
  /** Behind ports of one bridge: whole blocks, or the addresses of these ports alone. */
  | {
      readonly kind: 'ports';
      readonly bridge: string;
      readonly ports: readonly Port[];
      readonly blocks: readonly Prefix[] | undefined;
    }
  | { readonly kind: 'outside'; readonly blocks: readonly Prefix[] };

/** Where packets set out, and where they are sent to. */
export type Pair = readonly [from: Side, to: Side];

const EVERYWHERE: readonly Prefix[] = ['0.0.0.0/0', '::/0'].flatMap((text) => {
  const prefix = parsePrefix(text);
  return prefix.ok ? [prefix.value] : [];
});

const HOST: Side = { kind: 'host', blocks: EVERYWHERE };

/** The places that a party of an expectation may be in. */
export function sidesOf(word: string, { defines }: Intent, { networks }: Topology, world: World): readonly Side[] {
  if (word === 'host') return [HOST];
  if (word === 'outside') return [{ kind: 'outside', blocks: EVERYWHERE }];
  const network = networks.find(({ name }) => name === word);
  if (network) {
    const blocks = network.subnets.map(({ prefix }) => prefix);
    return [{ kind: 'ports', bridge: network.bridge, ports: world.portsOn(network.bridge), blocks }];
  }
  const home = world.home(word);
  if (home === 'host') return [HOST];
  if (home) return byBridge(home.ports);
  const prefix = parsePrefix(word);
  const blocks = prefix.ok ? [prefix.value] : (defines.find(({ name }) => name === word)?.prefixes ?? []);
  return sidesOfBlocks(blocks, world);
}

function byBridge(ports: readonly Port[]): Side[] {
  return [...new Set(ports.map(({ bridge }) => bridge))].map((bridge) => ({
    kind: 'ports',
    bridge,
    ports: ports.filter((port) => port.bridge === bridge),
    blocks: undefined,
  }));
}

/** A block outside; or, of a network's subnet, the ports whose addresses it has; or the host, where it has one of them. */
function sidesOfBlocks(blocks: readonly Prefix[], world: World): Side[] {
  const inside = world.networkRoutes().filter(({ prefix }) => blocks.some((block) => overlaps(block, prefix)));
  const outer = blocks.filter(
    (block) =>
      !inside.some(
        ({ prefix }) => prefix.family === block.family && prefix.length <= block.length && overlaps(prefix, block),
      ),
  );
  const near = [...new Set(inside.map((route) => route.interface))].map((bridge): Side => {
    const narrow = (port: Port): Port => ({
      ...port,
      addresses: port.addresses.filter((address) => blocks.some((block) => contains(block, address))),
    });
    const ports = world.portsOn(bridge).map(narrow);
    return { kind: 'ports', bridge, ports: ports.filter(({ addresses }) => addresses.length > 0), blocks: undefined };
  });
  const own = world.local().map(({ address }) => addressBlock(address));
  const beyond = outer.filter((block) => !own.some((one) => overlaps(one, block) && one.length <= block.length));
  const atHost = blocks.filter((block) => own.some((one) => overlaps(one, block)));
  return [
    ...near,
    ...(atHost.length > 0 ? [{ kind: 'host' as const, blocks: atHost }] : []),
    ...(beyond.length > 0 ? [{ kind: 'outside' as const, blocks: beyond }] : []),
  ];
}

/** The families of addresses that a side has. */
export function familiesOf(side: Side): readonly Family[] {
  const both = [4, 6] as const;
  switch (side.kind) {
    case 'host':
    case 'outside':
      return both.filter((family) => side.blocks.some((block) => block.family === family));
    case 'ports':
      return both.filter((family) =>
        side.blocks
          ? side.blocks.some((block) => block.family === family)
          : side.ports.some(({ addresses }) => addresses.some((address) => address.family === family)),
      );
  }
}

/** Ranges of addresses, rising and apart, less those that others take. */
export function rangesOf(blocks: readonly Prefix[], family: Family, without: readonly Prefix[]): [bigint, bigint][] {
  const bounds = (list: readonly Prefix[]) =>
    list
      .filter((block) => block.family === family)
      .map(boundsOf)
      .sort((a, b) => (a.first < b.first ? -1 : 1));
  const holes = bounds(without);
  return bounds(blocks).flatMap(({ first, last }) => {
    const parts: [bigint, bigint][] = [];
    let from = first;
    for (const hole of holes) {
      if (hole.last < from || hole.first > last) continue;
      if (hole.first > from) parts.push([from, hole.first - 1n]);
      from = hole.last + 1n;
    }
    if (from <= last) parts.push([from, last]);
    return parts;
  });
}

import {
  type Address,
  addressAt,
  addressBlock,
  contains,
  type Family,
  formatAddress,
  isLoopback,
  overlaps,
  type Prefix,
  parsePrefix,
  sameAddress,
} from '../../dsl/core/address';
import type { Topology } from '../../dsl/intent/topology';

/** A lab's links between the host and the client outside, and what the two have on them. The first is the uplink. */
export interface Layout {
  readonly wires: readonly [Wire, ...Wire[]];
}

/** A veth pair with one end at the host and one outside, both by this name. */
export interface Wire {
  readonly name: string;
  readonly host: readonly Placed[];
  readonly outside: readonly Placed[];
}

export interface Placed {
  readonly address: Address;
  readonly length: number;
  /** Whether the intent names it, by itself or by a block that it is of. */
  readonly named: boolean;
}

/** The interface that leads out of the host of a lab, and of one whose surroundings are assumed. */
export const UPLINK = 'eth0';
/** Blocks for documentation (RFC 5737) and benchmarks (RFC 2544): no intent leads to real hosts there. */
function* pool(family: Family): Generator<string, undefined> {
  if (family === 4) yield* ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];
  for (let part = 0; part < 256; part++)
    if (family === 4) yield `198.18.${part}.0/24`;
    else yield part === 0 ? '2001:db8::/64' : `2001:db8:0:${part.toString(16)}::/64`;
}

const OUTSIDE_OFFSET = 9n;
/** Enough for any file that a person tries; a generated list of thousands of blocks would only slow the start. */
const MOST_NAMED = 64;

/** Where a lab for this intent puts addresses, so that all which the intent names can be tried. Clear of its subnets. */
export function layoutFor(topology: Topology): Layout {
  const subnets = topology.networks.flatMap((network) => network.subnets.map(({ prefix }) => prefix));
  const free = (address: Address) => !isLoopback(address) && !subnets.some((subnet) => contains(subnet, address));
  const atHost = distinct(hostAddresses(topology)).filter(free);
  const outsideBlocks = sourcesAndDestinations(topology);
  const takes = pools(subnets, atHost);
  const uplink = wire(UPLINK, takes, [1n, 2n]);
  const own = [...uplink.host, ...uplink.outside].map(({ address }) => address);
  const absent = (address: Address) => !own.some((one) => sameAddress(one, address));
  const clients = distinct(
    outsideBlocks
      .filter((block) => !uplink.outside.some(({ address }) => contains(block, address)))
      .flatMap(firstAddress),
  ).filter((address) => free(address) && !atHost.some((one) => sameAddress(one, address)));
  const trusted = [...new Set<string>(topology.networks.flatMap((network) => network.trustedInterfaces))];
  return {
    wires: [
      {
        name: UPLINK,
        host: [...uplink.host, ...atHost.filter(absent).map(named)],
        outside: [...uplink.outside, ...clients.filter(absent).slice(0, MOST_NAMED).map(named)],
      },
      ...trusted.filter((name) => name !== UPLINK && name !== 'lo').map((name) => wire(name, takes, [1n])),
    ],
  };
}

function wire(name: string, takes: readonly (() => Prefix | undefined)[], hostOffsets: readonly bigint[]): Wire {
  const blocks = takes.map((take) => take()).filter((block) => block !== undefined);
  const place = (block: Prefix, offset: bigint): Placed[] => {
    const address = addressAt(block, offset);
    return address ? [{ address, length: block.length, named: false }] : [];
  };
  return {
    name,
    host: blocks.flatMap((block) =>
      (block.family === 4 ? hostOffsets : [1n]).flatMap((offset) => place(block, offset)),
    ),
    outside: blocks.flatMap((block) => place(block, OUTSIDE_OFFSET)),
  };
}

/** For each family, what gives the next block that neither a subnet nor an address at the host is in the way of. */
function pools(subnets: readonly Prefix[], atHost: readonly Address[]): (() => Prefix | undefined)[] {
  return ([4, 6] as const).map((family) => {
    const blocks = freeBlocks(family, subnets, atHost);
    return () => blocks.next().value;
  });
}

function* freeBlocks(
  family: Family,
  subnets: readonly Prefix[],
  atHost: readonly Address[],
): Generator<Prefix, undefined> {
  for (const text of pool(family)) {
    const block = parsePrefix(text);
    if (!block.ok || subnets.some((subnet) => overlaps(subnet, block.value))) continue;
    const client = addressAt(block.value, OUTSIDE_OFFSET);
    if (!client || !atHost.some((address) => sameAddress(address, client))) yield block.value;
  }
}

/** What the intent takes for the host's: addresses to publish on, and to leave with. */
function hostAddresses({ networks, containers }: Topology): Address[] {
  const found: Address[] = [];
  for (const { publishes } of containers)
    for (const { hostAddress } of publishes) if (hostAddress) found.push(hostAddress);
  for (const { nat } of networks) if (nat.kind === 'snat') for (const address of nat.addresses) found.push(address);
  return found;
}

/** A list of addresses that many name is there once. */
function sourcesAndDestinations({ containers, policies }: Topology): Prefix[] {
  const found = new Set<Prefix>();
  for (const { publishes } of containers)
    for (const { from } of publishes) if (from) for (const block of from) found.add(block);
  for (const { from, to } of policies)
    for (const party of [from, to])
      if (party.kind === 'addresses') for (const block of party.prefixes) found.add(block);
  return [...found];
}

/** The first that a host may have; of a block of one or two, the first. */
function firstAddress(block: Prefix): Address[] {
  const bits = block.family === 4 ? 32 : 128;
  const address = addressAt(block, block.length >= bits - 1 ? 0n : 1n);
  return address ? [address] : [];
}

function named(address: Address): Placed {
  return { address, length: addressBlock(address).length, named: true };
}

function distinct(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}

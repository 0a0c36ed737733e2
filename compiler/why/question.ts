import { type Address, type Family, formatAddress } from '../../dsl/core/address';
import type { Field } from '../meaning/condition';
import { WITH_PORTS } from '../meaning/fields';
import type { Port } from '../world/inhabitants';
import { ICMP, type Packet } from '../world/packet';
import { toldTypes } from '../world/told';
import type { Start } from '../world/trip';
import { portFor, type World } from '../world/world';
import { addressNamed, addressTo, commonFamily, ownAddress, type Place, placeOf } from './places';
import { readWords, Unclear, type Words } from './words';

/** A packet asked about, and where it sets out. */
export interface Question {
  readonly packet: Packet;
  readonly start: Start;
  /** Fields of the packet that are names. */
  readonly named: ReadonlyMap<Field, string>;
  /** Whether fields were told one by one, whatever else is told. */
  readonly hasFields: boolean;
  /** Where it is asked: what stands around may have had to be assumed. */
  readonly world: World;
  /** The two sides as a policy would name them; undefined when there is no such name. */
  readonly from: string;
  readonly to: string;
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

const DEFAULT_SOURCE_PORT = 40000;

/**
 * Reads `from web to db tcp 5432`. A place is a container, a network, `host`, `outside` or an address; words that say
 * more of the packet follow in any order.
 */
export function questionOf(words: readonly string[], world: World, family: Family | undefined): Question {
  const said = readWords(words);
  const notes = [...said.notes];
  const [from, to] = [placeOf(said.from, world, family, notes), placeOf(said.to, world, family, notes)];
  const source = said.as === undefined ? undefined : addressNamed(said.as);
  const chosen = family ?? source?.family ?? commonFamily(from, to);
  const destination = addressTo(to, from, chosen, world);
  const port = from.kind === 'port' ? portFor(from.ports, destination) : undefined;
  const assumed = from.kind !== 'port' && from.kind !== 'host' && leadsBack(to, destination, from, said, world);
  const start = startOf(from, port, said, world);
  if (assumed) notes.push(`${formatAddress(destination)} is taken for an address of the host`);
  const own = source ?? ownAddress(from, port, destination, world);
  if (own.family !== destination.family)
    throw new Unclear(`${formatAddress(own)} and ${formatAddress(destination)} are of two families`);
  const protocol = said.protocol === 'icmp' ? ICMP[chosen] : said.protocol;
  if (!world.isBare && said.port === undefined && WITH_PORTS.has(protocol))
    notes.push('no port is said, and 0 is asked for: say `tcp PORT`');
  return {
    packet: {
      source: own,
      destination,
      protocol,
      sourcePort: said.sourcePort ?? DEFAULT_SOURCE_PORT,
      destinationPort: said.port ?? 0,
      more: said.more,
    },
    start,
    named: said.named,
    hasFields: said.hasFields,
    world: assumed ? world.and({ address: destination, interface: said.in ?? world.uplink() }) : world,
    from: partyOf(said.from, from, world, own),
    to: partyOf(said.to, to, world, destination),
    notes,
  };
}

function startOf(from: Place, port: Port | undefined, said: Words, world: World): Start {
  if (world.isBare) {
    if (from.kind !== 'host' && said.in === undefined && said.out === undefined)
      throw new Unclear(
        'rules alone do not say where a packet comes from: `in eth0`, and `out eth1` if it is passed on',
      );
    for (const [field, type] of toldTypes(from.kind !== 'host' && said.in !== undefined, said.out !== undefined))
      if (!said.more.has(field)) said.more.set(field, type);
    return { kind: 'told', in: from.kind === 'host' ? undefined : said.in, out: said.out };
  }
  if (port && said.in === undefined) return { kind: 'port', port };
  if (from.kind === 'host' || (from.kind === 'address' && world.isLocal(from.address) && said.in === undefined))
    return { kind: 'host' };
  const source = from.kind === 'address' ? from.address : undefined;
  const way = said.in ?? (source && world.routeTo(source)?.interface) ?? world.uplink();
  if (said.in === undefined && source && world.bridge(way)) {
    const network = world.bridge(way)?.network;
    throw new Unclear(
      `no container of network ${network} has ${formatAddress(source)}; to ask about a sender that pretends to: from NAME as ${formatAddress(source)}`,
    );
  }
  return { kind: 'outside', interface: way };
}

/** What a policy calls a side: the container whose network it is, also where an address was said, or one that joins it. */
function partyOf(word: string, place: Place, world: World, address: Address): string {
  switch (place.kind) {
    case 'outside':
      return formatAddress(address);
    case 'host':
      return 'host';
    case 'address':
      return word === 'localhost' ? 'host' : word;
    case 'port':
      return world.bridgeOf(word) ? word : place.ports[0].sandbox;
  }
}

/** Where a packet from outside would go out as it came in, it is meant for the host. */
function leadsBack(to: Place, destination: Address, from: Place, said: Words, world: World): boolean {
  if (world.isBare || to.kind !== 'address' || said.out !== undefined || world.isLocal(destination)) return false;
  if (from.kind === 'address' && world.isLocal(from.address) && said.in === undefined) return false;
  return world.routeTo(destination)?.interface === (said.in ?? world.uplink());
}

import { type Address, sameAddress } from '../../dsl/core/address';
import type { Field } from '../meaning/condition';
import { bitsOf, ctStateNumber, renewed, WITH_PORTS } from '../meaning/fields';
import { addressFacts, type Packet } from './packet';
import type { Programs } from './programs';
import { travel } from './travel';
import type { Place, Start, Trip } from './trip';
import { portFor, type World } from './world';

/** The first answer to a packet that was delivered: back from where it came to, to whom it came from there. */
export function answer(programs: Programs, world: World, { packet, end }: Trip, asked: Start): Trip | undefined {
  if (end.kind !== 'delivered') return undefined;
  const { headers, place } = end;
  const [translatedTo, translatedFrom] = [
    !sameAddress(headers.destination, packet.destination) || headers.destinationPort !== packet.destinationPort,
    !sameAddress(headers.source, packet.source) || headers.sourcePort !== packet.sourcePort,
  ];
  const [status, flags] = [bitsOf('ct.status', 16), bitsOf('tcp flags', 8)];
  const icmp = packet.protocol === 1 ? 0 : packet.protocol === 58 ? 129 : undefined;
  const more = new Map<Field, number>([
    ['ct.state', ctStateNumber('established')],
    ['ct.direction', 1],
    [status[5] as Field, Number(translatedTo)],
    [status[4] as Field, Number(translatedFrom)],
    [flags[1] as Field, 1],
    [flags[4] as Field, 1],
    ...(icmp === undefined ? [] : [['icmp type', icmp] as const]),
    ...[...addressFacts('saddr', packet.source), ...addressFacts('daddr', packet.destination)].map(
      ([field, value]) => [`ct original ${field}`, value] as const,
    ),
    ['ct original protocol', packet.protocol],
    ['ct original proto-src', packet.sourcePort],
    ['ct original proto-dst', packet.destinationPort],
    ...addressFacts('daddr', packet.source).map(([field, value]) => [renewed(field), value] as const),
    ...addressFacts('saddr', packet.destination).map(([field, value]) => [renewed(field), value] as const),
    [renewed('dport'), packet.sourcePort],
    [renewed('sport'), packet.destinationPort],
  ]);
  const reply: Packet = {
    source: headers.destination,
    destination: headers.source,
    protocol: packet.protocol,
    sourcePort: headers.destinationPort,
    destinationPort: headers.sourcePort,
    more,
  };
  const told = asked.kind === 'told' ? { kind: 'told' as const, in: asked.out, out: asked.in } : undefined;
  return travel(programs, world, reply, told ?? answering(place, headers.source, world));
}

/** An answer is one for the asker alone when it seems to come from where the question went. */
export function isAnswer({ end }: Trip, { packet }: Trip): boolean {
  if (end.kind !== 'delivered') return false;
  const { source, destination, sourcePort, destinationPort } = end.headers;
  if (!sameAddress(source, packet.destination) || !sameAddress(destination, packet.source)) return false;
  const { place } = end;
  // Whoever is a gateway is handed what is for others.
  if (place.kind === 'port' && !place.port.addresses.some((own) => sameAddress(own, destination))) return false;
  if (!WITH_PORTS.has(packet.protocol)) return true;
  return sourcePort === packet.destinationPort && destinationPort === packet.sourcePort;
}

/** A sandbox answers by its own routes, not by the way that the question came. */
function answering(place: Place, asker: Address, world: World): Place {
  if (place.kind !== 'port') return place;
  const home = world.home(place.port.sandbox);
  const [first, ...others] = home && home !== 'host' ? home.ports : [];
  return first ? { kind: 'port', port: portFor([first, ...others], asker) } : place;
}

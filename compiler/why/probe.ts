import { type Family, formatAddress } from '../../dsl/core/address';
import { PROTOCOLS } from '../meaning/registries';
import type { World } from '../world/world';
import { questionOf } from './question';
import { Unclear } from './words';

/** The packet that is asked about, as a socket sends it. */
export interface Sendable {
  /** A container's name, `host` or `outside`. */
  readonly from: string;
  /** Null: the sender's own choice. */
  readonly source: string | null;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly sourcePort: number;
}

/** What a real packet would be sent for a question as; `Unclear` when it says what no socket can. */
export function sendableOf(words: readonly string[], world: World, family?: Family): Sendable {
  const { packet, start, named } = questionOf(words, world, family);
  const protocol = (['tcp', 'udp'] as const).find((one) => PROTOCOLS.numberOf(one) === packet.protocol);
  if (!protocol) throw new Unclear('a packet of TCP or UDP can be sent; of another protocol it cannot');
  const more = [...packet.more.keys(), ...named.keys()];
  if (more.length > 0)
    throw new Unclear(
      `what is sent is the first packet of a connection, as a socket makes it: nothing more can be said of it (${more.join(', ')})`,
    );
  const own = {
    address: formatAddress(packet.destination),
    protocol,
    port: packet.destinationPort,
    sourcePort: packet.sourcePort,
  };
  const source = formatAddress(packet.source);
  switch (start.kind) {
    case 'host':
      return { from: 'host', source: null, ...own };
    case 'port':
      if (!start.port.addresses.some((address) => formatAddress(address) === source))
        throw new Unclear(`${start.port.sandbox} has no address ${source} to send from`);
      return { from: start.port.sandbox, source, ...own };
    case 'outside':
      if (start.interface !== world.uplink())
        throw new Unclear(`from outside a packet comes in by ${world.uplink()}, not by ${start.interface}`);
      return { from: 'outside', source, ...own };
    case 'told':
      throw new Unclear('rules alone have no network that a packet could be sent in');
  }
}

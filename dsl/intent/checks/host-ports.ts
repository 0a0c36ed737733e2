import { type Address, FAMILIES, type Family, formatAddress, isOf, isUnspecified } from '../../core/address';
import { formatPortRange, type PortRange, type Protocol } from '../../core/port';
import type { AttachmentPart, ContainerPart, Parts, PublishPart } from './parts';
import type { Report } from './rule';

/** Host ports of one protocol on one address that a publish takes. */
interface Taking {
  readonly part: PublishPart;
  readonly ports: PortRange;
  /** Its place among all publishes. */
  readonly order: number;
}

interface Socket {
  readonly protocol: Protocol;
  readonly address: Address;
  readonly takings: Taking[];
}

/**
 * A host port leads to one place. An any-address publish and one on a specific address may share a port: the specific
 * one wins there.
 */
export function checkHostPorts(parts: Parts, report: Report): void {
  const reported = new Set<PublishPart>();
  for (const socket of socketsOf(parts))
    for (const [earlier, later] of conflicts(socket.takings)) {
      if (reported.has(later.part)) continue;
      reported.add(later.part);
      reportTaken(socket, earlier, later, report);
    }
}

function reportTaken({ protocol, address }: Socket, earlier: Taking, later: Taking, report: Report): void {
  const on = isUnspecified(address) ? '' : ` on ${formatAddress(address)}`;
  report(later.part.at(), 'TN2108', `host port ${formatPortRange(later.ports)}/${protocol}${on} is taken`, {
    related: [{ path: earlier.part.at(), text: `container \`${earlier.part.container.said.name}\` publishes it` }],
  });
}

/** In the order in which they are first taken. */
function socketsOf(parts: Parts): readonly Socket[] {
  const sockets: Socket[] = [];
  const byAddress: Readonly<Record<Protocol, SocketByAddress>> = { tcp: new Map(), udp: new Map(), sctp: new Map() };
  const defaultAddresses = defaultAddressesOf(parts);
  parts.publishes.forEach((part, order) => {
    const { address, hostPorts: ports, protocol } = part.said.spec;
    if (!ports) return;
    const taking = { part, ports, order };
    for (const on of address ? [address] : defaultAddresses(part.container)) {
      const known = byAddress[protocol].get(on.value);
      const socket = known ?? { protocol, address: on, takings: [] };
      socket.takings.push(taking);
      if (known) continue;
      byAddress[protocol].set(on.value, socket);
      sockets.push(socket);
    }
  });
  return sockets;
}

/** No address of one family has the value of one of the other: IPv4's are numbers, IPv6's bigints. */
type SocketByAddress = Map<Address['value'], Socket>;

/** The unspecified addresses of both families stand for all of them. */
const ANY: readonly Address[] = [
  { family: 4, value: 0 as Extract<Address, { family: 4 }>['value'] },
  { family: 6, value: 0n as Extract<Address, { family: 6 }>['value'] },
];

/** As publishes are resolved: those of the networks that packets from outside come by, the first of each family. */
function defaultAddressesOf({ networksByName }: Parts): (container: ContainerPart) => readonly Address[] {
  const written = ({ said: { network } }: AttachmentPart) => networksByName.get(network)?.said.publishAddresses ?? [];
  const leadsIn = (family: Family, { said: { network } }: AttachmentPart): boolean => {
    const said = networksByName.get(network)?.said;
    return said?.internal === false && said.subnets.some(isOf(family));
  };
  return ({ attachments }) => {
    if (!attachments.some((part) => written(part).length > 0)) return ANY;
    const ways = FAMILIES.flatMap((family) => attachments.find((part) => leadsIn(family, part)) ?? []);
    const addresses = ways.flatMap(written);
    return addresses.length > 0 ? addresses : ANY;
  };
}

/** Sorted by first port, ports overlap earlier ones only when those that reach furthest do. */
function conflicts(takings: readonly Taking[]): [Taking, Taking][] {
  const sorted = [...takings].sort((a, b) => a.ports.first - b.ports.first || a.order - b.order);
  let furthest = sorted[0];
  const found: [Taking, Taking][] = [];
  for (const current of sorted.slice(1)) {
    if (furthest && current.ports.first <= furthest.ports.last)
      found.push(furthest.order < current.order ? [furthest, current] : [current, furthest]);
    if (!furthest || current.ports.last > furthest.ports.last) furthest = current;
  }
  return found;
}

import { type Address, formatAddress } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { formatPortRange, type PortRange, type Protocol } from '../../core/port';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { attachmentsOf, type ContainerPart, containersOf, type NetworkPart, networksByName } from './parts';

/** Host ports of one protocol on one address that a publish takes. */
interface Taking {
  readonly container: string;
  readonly ports: PortRange;
  readonly path: Path;
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
export function checkHostPorts(intent: Intent): LocatedProblem[] {
  const reported = new Set<number>();
  return socketsOf(intent).flatMap((socket) =>
    conflicts(socket.takings).flatMap(([earlier, later]) => {
      if (reported.has(later.order)) return [];
      reported.add(later.order);
      return [taken(socket, earlier, later)];
    }),
  );
}

function taken({ protocol, address }: Socket, earlier: Taking, later: Taking): LocatedProblem {
  const on = BigInt(address.value) === 0n ? '' : ` on ${formatAddress(address)}`;
  return problemAt(later.path, 'TN2108', `host port ${formatPortRange(later.ports)}/${protocol}${on} is taken`, {
    related: [{ path: earlier.path, text: `container \`${earlier.container}\` publishes it` }],
  });
}

function socketsOf(intent: Intent): readonly Socket[] {
  const networks = networksByName(intent);
  const sockets = new Map<string, Socket>();
  let order = 0;
  for (const part of containersOf(intent))
    for (const [index, { spec }] of part.container.publish.entries()) {
      if (!spec.hostPorts) continue;
      const path = [...part.path, 'publish', index];
      const taking: Taking = { container: part.container.name, ports: spec.hostPorts, path, order: order++ };
      for (const address of spec.address ? [spec.address] : defaultAddresses(part, networks)) {
        const key = `${spec.protocol} ${formatAddress(address)}`;
        const socket = sockets.get(key) ?? { protocol: spec.protocol, address, takings: [] };
        socket.takings.push(taking);
        sockets.set(key, socket);
      }
    }
  return [...sockets.values()];
}

/** The unspecified addresses of both families stand for all of them. */
const ANY: readonly Address[] = [
  { family: 4, value: 0 as Extract<Address, { family: 4 }>['value'] },
  { family: 6, value: 0n as Extract<Address, { family: 6 }>['value'] },
];

function defaultAddresses(part: ContainerPart, networks: ReadonlyMap<string, NetworkPart>): readonly Address[] {
  const addresses = attachmentsOf(part).flatMap(
    ({ attachment }) => networks.get(attachment.network)?.network.publishAddresses ?? [],
  );
  return addresses.length > 0 ? addresses : ANY;
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

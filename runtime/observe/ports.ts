import { formatAddress } from '../../dsl/core/address';
import type { Publish, Topology } from '../../dsl/intent/topology';
import { type HostFault, refused } from '../host/fault';
import type { Listener } from '../host/port';

/** Which ports the publishes of some containers are on. */
export function publishedPorts({ containers }: Topology, names: ReadonlySet<string>) {
  const publishes = containers.filter(({ name }) => names.has(name)).flatMap((container) => container.publishes);
  return (protocol: Listener['protocol'], port: number) =>
    publishes.some((one) => one.protocol === protocol && one.hostPorts.first <= port && port <= one.hostPorts.last);
}

/**
 * Host ports that a process of the host already listens on: publishing one would take its connections away. Only the
 * named containers are looked at, those whose publishes are new.
 */
export function takenPorts(
  { containers }: Topology,
  names: ReadonlySet<string>,
  listeners: readonly Listener[],
): HostFault[] {
  return containers
    .filter(({ name }) => names.has(name))
    .flatMap(({ name, publishes }) =>
      publishes.flatMap((publish) => {
        const listener = listeners.find((one) => collides(publish, one));
        if (!listener) return [];
        const at = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
        const who = listener.process ?? 'a process that cannot be seen from here';
        return [
          refused(
            'TN5004',
            `container \`${name}\` cannot publish ${listener.port}/${listener.protocol}: ${who} listens on ${at}:${listener.port}`,
            {
              hint: 'stop it, or publish another port',
            },
          ).fault,
        ];
      }),
    );
}

function collides({ hostAddress, hostPorts, protocol, targets }: Publish, listener: Listener): boolean {
  if (listener.protocol !== protocol || listener.port < hostPorts.first || listener.port > hostPorts.last) return false;
  if (listener.address === '::') return true;
  const family = listener.address.includes(':') ? 6 : 4;
  if (!targets.some((target) => target.family === family)) return false;
  if (!hostAddress || listener.address === '0.0.0.0') return !hostAddress || hostAddress.family === family;
  return formatAddress(hostAddress) === listener.address;
}

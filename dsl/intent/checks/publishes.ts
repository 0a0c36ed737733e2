import { type Address, formatAddress } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { formatPortRange, type PortRange } from '../../core/port';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { ContainerIntent, Intent } from '../model';

/** Ports can be published only where packets can come from outside, and each host port leads to one place. */
export function checkPublishes(intent: Intent): LocatedProblem[] {
  return [...checkReachable(intent), ...checkHostPorts(intent)];
}

function checkReachable(intent: Intent): LocatedProblem[] {
  const networks = new Map(intent.networks.map((network, index) => [network.name as string, { network, index }]));
  return intent.containers.flatMap(({ name, networks: mode, publish }, index) => {
    if (publish.length === 0) return [];
    const path = ['containers', index, 'publish', 0];
    if (!Array.isArray(mode)) {
      const how = typeof mode === 'string' ? `network ${mode}` : 'the network of another container';
      return [
        problemAt(path, 'TN2116', `container \`${name}\` publishes a port but has ${how}`, {
          related: [{ path: ['containers', index, 'networks'], text: 'its network mode' }],
        }),
      ];
    }
    const attached = mode.flatMap(({ network }) => networks.get(network) ?? []);
    if (attached.length === 0 || attached.some(({ network }) => !network.internal)) return [];
    return [
      problemAt(
        path,
        'TN2109',
        `container \`${name}\` publishes a port, but its network lets nothing in from outside`,
        {
          related: attached.map(({ network, index: at }) => ({
            path: ['networks', at, 'internal'],
            text: `network \`${network.name}\` is internal`,
          })),
        },
      ),
    ];
  });
}

interface HostPorts {
  readonly container: string;
  readonly ports: PortRange;
  readonly path: Path;
}

/** An any-address publish and one on a specific address may share a port: the specific one wins there. */
function checkHostPorts(intent: Intent): LocatedProblem[] {
  const defaults = new Map(intent.networks.map(({ name, publishAddresses }) => [name as string, publishAddresses]));
  const bySocket = new Map<string, HostPorts[]>();
  for (const [index, container] of intent.containers.entries())
    for (const [at, { spec }] of container.publish.entries()) {
      if (!spec.hostPorts) continue;
      for (const address of spec.address ? [spec.address] : defaultAddresses(container, defaults)) {
        const path = ['containers', index, 'publish', at];
        for (const host of hostsOf(address)) {
          const key = `${spec.protocol} ${host}`;
          const all = bySocket.get(key) ?? [];
          all.push({ container: container.name, ports: spec.hostPorts, path });
          bySocket.set(key, all);
        }
      }
    }
  const problems = [...bySocket].flatMap(([socket, all]) => overlapping(all, socket));
  return problems.filter(
    ({ path }, index) => problems.findIndex((other) => other.path.join() === path.join()) === index,
  );
}

/** What a publish without an address, or with the unspecified one, takes: all addresses of both families, or of one. */
function hostsOf(address: Address | undefined): readonly string[] {
  if (!address) return ['0.0.0.0', '::'];
  return [formatAddress(address)];
}

function defaultAddresses(
  { networks }: ContainerIntent,
  defaults: ReadonlyMap<string, readonly Address[]>,
): readonly (Address | undefined)[] {
  const addresses = Array.isArray(networks) ? networks.flatMap(({ network }) => defaults.get(network) ?? []) : [];
  return addresses.length > 0 ? addresses : [undefined];
}

function overlapping(all: readonly HostPorts[], socket: string): LocatedProblem[] {
  const sorted = all
    .map((one, order) => ({ ...one, order }))
    .sort((a, b) => a.ports.first - b.ports.first || a.order - b.order);
  let furthest = sorted[0];
  return sorted.slice(1).flatMap((current): LocatedProblem[] => {
    const other = furthest;
    if (!other || current.ports.last > other.ports.last) furthest = current;
    if (!other || current.ports.first > other.ports.last) return [];
    const [earlier, later] = other.order < current.order ? [other, current] : [current, other];
    const [protocol, address] = socket.split(' ');
    const on = address === '0.0.0.0' || address === '::' ? '' : ` on ${address}`;
    return [
      problemAt(later.path, 'TN2108', `host port ${formatPortRange(later.ports)}/${protocol}${on} is taken`, {
        related: [{ path: earlier.path, text: `container \`${earlier.container}\` publishes it` }],
      }),
    ];
  });
}

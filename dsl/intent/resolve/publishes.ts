import { type Address, formatAddress, type Prefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { formatPortRange, type Port, portCount } from '../../core/port';
import type { LocatedProblem } from '../located-problem';
import type { ContainerIntent, Intent, PublishIntent } from '../model';
import type { PublishSpec } from '../publish';
import type { Endpoint, Leases, Network, Publish, Taken } from '../topology';
import { PortPool } from './port-pool';

/** Key of a port lease. */
export function portLease(container: string, spec: PublishSpec): string {
  const at = spec.address ? `${formatAddress(spec.address)}/` : '';
  return `${container}/${at}${formatPortRange(spec.ports)}/${spec.protocol}`;
}

/** Gives every publish its host address, host ports and targets. */
export class PublishResolver {
  readonly leased = new Map<string, number>();
  readonly problems: LocatedProblem[] = [];
  private readonly networks: ReadonlyMap<string, Network>;
  private readonly intents: ReadonlyMap<string, Intent['networks'][number]>;
  private readonly pool: PortPool;

  constructor(intent: Intent, networks: readonly Network[], leases: Leases, taken: Taken) {
    this.pool = new PortPool((protocol) => taken.ports(protocol));
    this.networks = new Map(networks.map((network) => [network.name, network]));
    this.intents = new Map(intent.networks.map((network) => [network.name, network]));
    const publishes = intent.containers.flatMap((container) =>
      container.publish.map(({ spec }) => ({ container, spec })),
    );
    for (const { spec } of publishes)
      if (spec.hostPorts) this.pool.take(spec.protocol, spec.hostPorts.first, portCount(spec.hostPorts));
    for (const { container, spec } of publishes) {
      const key = portLease(container.name, spec);
      const port = spec.hostPorts ? undefined : leases.ports.get(key);
      if (port === undefined || !this.pool.isFree(spec.protocol, port, portCount(spec.ports))) continue;
      this.pool.take(spec.protocol, port, portCount(spec.ports));
      this.leased.set(key, port);
    }
  }

  resolve(
    container: ContainerIntent,
    endpoints: readonly Endpoint[],
    containerPath: Path,
    sources: (publish: PublishIntent) => readonly Prefix[] | undefined,
  ): Publish[] {
    return container.publish.flatMap((publish, index) => {
      const path = [...containerPath, 'publish', index];
      return this.resolveOne(container, publish, endpoints, path, sources(publish));
    });
  }

  private resolveOne(
    container: ContainerIntent,
    { spec, limit }: PublishIntent,
    endpoints: readonly Endpoint[],
    path: Path,
    from: readonly Prefix[] | undefined,
  ): Publish[] {
    const reachable = endpoints.filter((endpoint) => !this.networks.get(endpoint.network)?.internal);
    const all = ([4, 6] as const).flatMap((family) => {
      const endpoint = reachable.find((one) => one.addresses.some(({ address }) => address.family === family));
      const target = endpoint?.addresses.find(({ address }) => address.family === family)?.address;
      return endpoint && target ? [{ network: endpoint.network, target }] : [];
    });
    const hostPorts = spec.hostPorts ?? this.lease(container, spec, path);
    if (!hostPorts) return [];
    const written = spec.address ? [spec.address] : this.defaultAddresses(all.map(({ network }) => network));
    return written.flatMap((address): Publish[] => {
      const targets = all.map(({ target }) => target).filter((target) => !address || address.family === target.family);
      const hostAddress = address && BigInt(address.value) === 0n ? undefined : address;
      if (targets.length === 0) {
        this.problems.push({
          problem: {
            code: 'TN2114',
            message: address
              ? `container \`${container.name}\` has no IPv${address.family} address for ${formatAddress(address)} to lead to`
              : `container \`${container.name}\` has no address to publish`,
            hint: address ? `give one of its networks an IPv${address.family} subnet` : 'attach it to a network',
          },
          path,
          related: [],
        });
        return [];
      }
      const { ports, protocol } = spec;
      return [{ hostAddress, hostPorts, ports, protocol, leased: !spec.hostPorts, targets, from, limit, path }];
    });
  }

  private lease(container: ContainerIntent, spec: PublishSpec, path: Path) {
    const key = portLease(container.name, spec);
    const count = portCount(spec.ports);
    const first = (this.leased.get(key) as Port | undefined) ?? this.pool.takeNext(spec.protocol, count);
    if (first !== undefined) {
      this.leased.set(key, first);
      return { first, last: (first + count - 1) as Port };
    }
    this.problems.push({
      problem: {
        code: 'TN2111',
        message: `no ${count === 1 ? 'host port' : `run of ${count} host ports`} from 32768 to 60999 is left`,
      },
      path,
      related: [],
    });
    return undefined;
  }

  private defaultAddresses(networks: readonly string[]): readonly (Address | undefined)[] {
    const written = networks.flatMap((network) => this.intents.get(network)?.publishAddresses ?? []);
    const unique = written.filter(
      (address, index) => written.findIndex((one) => one.value === address.value) === index,
    );
    return unique.length > 0 ? unique : [undefined];
  }
}

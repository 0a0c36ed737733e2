import {
  type Address,
  FAMILIES,
  type Family,
  formatAddress,
  isOf,
  isUnspecified,
  type Prefix,
} from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { once } from '../../core/once';
import { formatPortRange, type Port, type PortRange, portCount } from '../../core/port';
import type { LocatedProblem } from '../located-problem';
import type { ContainerIntent, Intent, PublishIntent } from '../model';
import type { PublishSpec } from '../publish';
import type { Endpoint, EndpointAddress, Leases, Network, Publish, Taken } from '../topology';
import { PortPool } from './port-pool';

/** Key of a port lease. */
export function portLease(container: string, spec: PublishSpec): string {
  const at = spec.address ? `${formatAddress(spec.address)}/` : '';
  return `${container}/${at}${formatPortRange(spec.ports)}/${spec.protocol}`;
}

/** How packets from outside reach a container. */
interface Reached {
  /** At most one a family. */
  readonly targets: readonly Address[];
  /** The host's addresses that a publish is on which names none; undefined is every one. */
  readonly on: readonly (Address | undefined)[];
}

/** Gives every publish its host address, host ports and targets. */
export class PublishResolver {
  readonly leased = new Map<string, number>();
  readonly problems: LocatedProblem[] = [];
  /** The addresses of networks that say on which they publish. */
  private readonly publishAddresses = new Map<string, readonly Address[]>();
  /** Which ports are free matters only where one is chosen. */
  private readonly pool: () => PortPool;
  private readonly internal: ReadonlySet<string>;

  constructor(intent: Intent, networks: readonly Network[], leases: Leases, taken: Taken) {
    for (const { name, publishAddresses } of intent.networks)
      if (publishAddresses.length > 0) this.publishAddresses.set(name, publishAddresses);
    this.internal = new Set(networks.filter((network) => network.internal).map(({ name }) => name));
    this.pool = once(() => this.fillPool(intent, leases, taken));
  }

  resolve(
    container: ContainerIntent,
    index: number,
    endpoints: readonly Endpoint[],
    sources: (publish: PublishIntent) => readonly Prefix[] | undefined,
  ): readonly Publish[] {
    if (container.publish.length === 0) return NO_PUBLISHES;
    const reached = this.reachedBy(endpoints);
    const publishes: Publish[] = [];
    container.publish.forEach((publish, at) => {
      const path = ['containers', index, 'publish', at];
      this.resolveOne(container, publish, reached, path, sources(publish), publishes);
    });
    return publishes;
  }

  private resolveOne(
    container: ContainerIntent,
    { spec, limit }: PublishIntent,
    reached: Reached,
    path: Path,
    from: readonly Prefix[] | undefined,
    publishes: Publish[],
  ): void {
    const { ports, protocol } = spec;
    const hostPorts = spec.hostPorts ?? this.lease(container, spec, path);
    if (!hostPorts) return;
    for (const address of spec.address ? [spec.address] : reached.on) {
      const targets = address ? reached.targets.filter(isOf(address.family)) : reached.targets;
      const hostAddress = address && isUnspecified(address) ? undefined : address;
      if (targets.length === 0) this.reportUnreached(container, address, path);
      else
        publishes.push({
          hostAddress,
          hostPorts,
          ports,
          protocol,
          leased: !spec.hostPorts,
          targets,
          from,
          limit,
          path,
        });
    }
  }

  /** By the first network of each family that lets packets in from outside. */
  private reachedBy(endpoints: readonly Endpoint[]): Reached {
    const targets: Address[] = [];
    const through: string[] = [];
    for (const family of FAMILIES)
      for (const { network, addresses } of endpoints) {
        const target = this.internal.has(network) ? undefined : addresses.find(isAddressOf[family]);
        if (!target) continue;
        targets.push(target.address);
        through.push(network);
        break;
      }
    return { targets, on: this.defaultAddresses(through) };
  }

  private reportUnreached({ name }: ContainerIntent, address: Address | undefined, path: Path): void {
    const message = address
      ? `container \`${name}\` has no IPv${address.family} address for ${formatAddress(address)} to lead to`
      : `container \`${name}\` has no address to publish`;
    const hint = address ? `give one of its networks an IPv${address.family} subnet` : 'attach it to a network';
    this.problems.push({ problem: { code: 'TN2114', message, hint }, path, related: [] });
  }

  private lease(container: ContainerIntent, spec: PublishSpec, path: Path): PortRange | undefined {
    const key = portLease(container.name, spec);
    const count = portCount(spec.ports);
    const pool = this.pool();
    const first = (this.leased.get(key) as Port | undefined) ?? pool.takeNext(spec.protocol, count);
    if (first !== undefined) {
      this.leased.set(key, first);
      return { first, last: (first + count - 1) as Port };
    }
    const what = count === 1 ? 'host port' : `run of ${count} host ports`;
    const message = `no ${what} from 32768 to 60999 is left`;
    this.problems.push({ problem: { code: 'TN2111', message }, path, related: [] });
    return undefined;
  }

  /** Without the ports that are written, and with those leased that still are free. */
  private fillPool({ containers }: Intent, leases: Leases, taken: Taken): PortPool {
    const pool = new PortPool((protocol) => taken.ports(protocol));
    for (const { publish } of containers)
      for (const { spec } of publish)
        if (spec.hostPorts) pool.take(spec.protocol, spec.hostPorts.first, portCount(spec.hostPorts));
    for (const { name, publish } of containers)
      for (const { spec } of publish) {
        const key = portLease(name, spec);
        const port = spec.hostPorts ? undefined : leases.ports.get(key);
        if (port === undefined || !pool.isFree(spec.protocol, port, portCount(spec.ports))) continue;
        pool.take(spec.protocol, port, portCount(spec.ports));
        this.leased.set(key, port);
      }
    return pool;
  }

  private defaultAddresses(networks: readonly string[]): readonly (Address | undefined)[] {
    if (this.publishAddresses.size === 0) return ANYWHERE;
    const written = networks.flatMap((network) => this.publishAddresses.get(network) ?? []);
    const unique = written.filter(
      (address, index) => written.findIndex((one) => one.value === address.value) === index,
    );
    return unique.length > 0 ? unique : ANYWHERE;
  }
}

const NO_PUBLISHES: readonly Publish[] = [];
const ANYWHERE: readonly undefined[] = [undefined];

const isAddressOf: Readonly<Record<Family, (one: EndpointAddress) => boolean>> = {
  4: ({ address }) => address.family === 4,
  6: ({ address }) => address.family === 6,
};

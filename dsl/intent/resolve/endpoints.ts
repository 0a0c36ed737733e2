import {
  type Address,
  contains,
  FAMILIES,
  type Family,
  formatAddress,
  formatPrefix,
  isOf,
  sameAddress,
} from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { withoutGaps } from '../../core/gaps';
import type { InterfaceName } from '../../core/names';
import type { LocatedProblem } from '../located-problem';
import type { AttachmentIntent, ContainerIntent, Intent } from '../model';
import type { Endpoint, EndpointAddress, Leases, Network, Subnet, Taken } from '../topology';
import { AddressPool } from './address-pool';
import { macFor, vethName } from './device-names';

/** Key of an address lease. */
export function addressLease(container: string, network: string, family: Family): string {
  return `${container}/${network}/${family}`;
}

/** Gives every attachment its addresses: the written ones first, then the leased ones, then the next free ones. */
export class EndpointResolver {
  readonly problems: LocatedProblem[] = [];
  /** The given leases that can be kept. */
  private readonly kept = new Map<string, Address>();
  private readonly networks = new Map<string, Network>();
  private readonly pools = new Map<Subnet, AddressPool>();
  /** The default gateways that a network offers, IPv4's first. */
  private readonly gateways = new Map<string, readonly Address[]>();

  constructor({ containers }: Intent, networks: readonly Network[], leases: Leases, taken: Taken) {
    for (const network of networks) {
      const { name, subnets, internal } = network;
      const gateways = internal ? [] : subnets.map(({ gateway }) => gateway).sort((a, b) => a.family - b.family);
      this.networks.set(name, network);
      this.gateways.set(name, gateways);
      for (const subnet of subnets)
        this.pools.set(subnet, new AddressPool(subnet, taken.addresses(name, subnet.prefix.family)));
    }
    for (const container of containers) attachmentsOf(container).forEach(this.takeWritten, this);
    if (leases.addresses.size > 0) for (const container of containers) this.keepLeases(container, leases);
  }

  resolve(container: ContainerIntent, index: number): readonly Endpoint[] {
    const attachments = attachmentsOf(container);
    return withoutGaps(
      attachments.map((attachment, at) => {
        const network = this.networks.get(attachment.network);
        if (!network) return undefined;
        const path = ['containers', index, 'networks', at];
        const addresses = withoutGaps(
          network.subnets.map((subnet) => this.addressOf(container, attachment, network, subnet, path)),
        );
        this.checkGateways(container, attachment, addresses, path);
        return {
          network: network.name,
          interface: `eth${at}` as InterfaceName,
          veth: vethName(container.name, at),
          bridge: network.bridge,
          mac: attachment.mac ?? macFor(addresses),
          mtu: network.mtu,
          addresses,
          gateways: this.gatewaysOf(attachment, attachments),
          aliases: attachment.aliases,
          path,
        };
      }),
    );
  }

  /** Nobody answers who asks himself for the way: here, as an address may have been chosen. */
  private checkGateways(
    { name }: ContainerIntent,
    { gateways }: AttachmentIntent,
    addresses: readonly EndpointAddress[],
    path: Path,
  ): void {
    gateways.forEach((gateway, index) => {
      if (!addresses.some(({ address }) => sameAddress(address, gateway))) return;
      const message = `the gateway ${formatAddress(gateway)} is the address of container \`${name}\` itself`;
      const hint = 'a gateway is somebody else: give the container an `address` of its own';
      this.problems.push({
        problem: { code: 'TN2104', message, hint },
        path: [...path, 'gateways', index],
        related: [],
      });
    });
  }

  private takeWritten(attachment: AttachmentIntent): void {
    if (attachment.addresses.length === 0) return;
    const subnets = this.networks.get(attachment.network)?.subnets ?? [];
    for (const address of attachment.addresses) {
      const subnet = subnets.find(({ prefix }) => contains(prefix, address));
      if (subnet) this.pools.get(subnet)?.take(address);
    }
  }

  private keepLeases(container: ContainerIntent, leases: Leases): void {
    for (const attachment of attachmentsOf(container))
      for (const subnet of this.networks.get(attachment.network)?.subnets ?? []) {
        const key = addressLease(container.name, attachment.network, subnet.prefix.family);
        const address = leases.addresses.get(key);
        if (!address || writtenFor(attachment, subnet) || !this.pools.get(subnet)?.isFree(address)) continue;
        this.pools.get(subnet)?.take(address);
        this.kept.set(key, address);
      }
  }

  private addressOf(
    container: ContainerIntent,
    attachment: AttachmentIntent,
    network: Network,
    subnet: Subnet,
    path: Path,
  ): EndpointAddress | undefined {
    const address = writtenFor(attachment, subnet) ?? this.lease(container, network, subnet);
    if (address) return { address, prefixLength: subnet.prefix.length };
    this.problems.push({
      problem: {
        code: 'TN2111',
        message: `no address of ${formatPrefix(subnet.prefix)} is left for container \`${container.name}\``,
      },
      path,
      related: [{ path: network.path, text: 'the subnet is full' }],
    });
    return undefined;
  }

  private lease({ name }: ContainerIntent, network: Network, subnet: Subnet): Address | undefined {
    const kept = this.kept.size > 0 ? this.kept.get(addressLease(name, network.name, subnet.prefix.family)) : undefined;
    return kept ?? this.pools.get(subnet)?.takeNext();
  }

  /**
   * Its part of the container's default gateways, of which there is one a family: a written one wins, else that of the
   * first network that offers one.
   */
  private gatewaysOf(attachment: AttachmentIntent, all: readonly AttachmentIntent[]): readonly Address[] {
    const offered = this.gateways.get(attachment.network) ?? [];
    if (all.length === 1 && attachment.gateways.length === 0) return offered;
    return FAMILIES.flatMap((family) => {
      const isOfFamily = isOf(family);
      const chosen =
        all.find(({ gateways }) => gateways.some(isOfFamily)) ??
        all.find(({ network }) => this.gateways.get(network)?.some(isOfFamily));
      if (chosen !== attachment) return [];
      return attachment.gateways.find(isOfFamily) ?? offered.find(isOfFamily) ?? [];
    });
  }
}

function writtenFor(attachment: AttachmentIntent, { prefix: { family } }: Subnet): Address | undefined {
  return attachment.addresses.find(isOf(family));
}

/** The addresses of a container that were chosen, by their leases' keys. */
export function chosenAddresses(
  container: ContainerIntent,
  endpoints: readonly Endpoint[],
): readonly (readonly [string, Address])[] {
  const written = new Map(attachmentsOf(container).map(({ network, addresses }) => [network, addresses]));
  return endpoints.flatMap(({ network, addresses }) =>
    addresses.flatMap(({ address }) =>
      written.get(network)?.some(isOf(address.family))
        ? []
        : [[addressLease(container.name, network, address.family), address] as const],
    ),
  );
}

const NO_ATTACHMENTS: readonly AttachmentIntent[] = [];

function attachmentsOf({ networks }: ContainerIntent): readonly AttachmentIntent[] {
  return Array.isArray(networks) ? networks : NO_ATTACHMENTS;
}

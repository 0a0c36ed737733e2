import { type Address, contains, type Family, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
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
  readonly leased = new Map<string, Address>();
  readonly problems: LocatedProblem[] = [];
  private readonly networks: ReadonlyMap<string, Network>;
  private readonly pools = new Map<Subnet, AddressPool>();

  constructor(intent: Intent, networks: readonly Network[], leases: Leases, taken: Taken) {
    this.networks = new Map(networks.map((network) => [network.name, network]));
    for (const network of networks)
      for (const subnet of network.subnets)
        this.pools.set(subnet, new AddressPool(subnet, taken.addresses(network.name, subnet.prefix.family)));
    const attachments = intent.containers.flatMap((container) =>
      attachmentsOf(container).map((attachment) => ({ container, attachment })),
    );
    for (const { attachment } of attachments)
      for (const address of attachment.addresses) this.poolOf(attachment, address)?.take(address);
    for (const { container, attachment } of attachments)
      for (const subnet of this.networks.get(attachment.network)?.subnets ?? []) {
        const key = addressLease(container.name, attachment.network, subnet.prefix.family);
        const address = leases.addresses.get(key);
        if (!address || writtenFor(attachment, subnet) || !this.pools.get(subnet)?.isFree(address)) continue;
        this.pools.get(subnet)?.take(address);
        this.leased.set(key, address);
      }
  }

  resolve(container: ContainerIntent, containerPath: Path): Endpoint[] {
    const attachments = attachmentsOf(container);
    const gateways = this.defaultGateways(attachments);
    return attachments.flatMap((attachment, index): Endpoint[] => {
      const network = this.networks.get(attachment.network);
      if (!network) return [];
      const path = [...containerPath, 'networks', index];
      const addresses = network.subnets.flatMap((subnet) =>
        this.addressOf(container, attachment, network, subnet, path),
      );
      return [
        {
          network: network.name,
          interface: `eth${index}` as InterfaceName,
          veth: vethName(container.name, index),
          bridge: network.bridge,
          mac: attachment.mac ?? macFor(addresses),
          mtu: network.mtu,
          addresses,
          gateways: gateways[index] ?? [],
          aliases: attachment.aliases,
          path,
        },
      ];
    });
  }

  private addressOf(
    container: ContainerIntent,
    attachment: AttachmentIntent,
    network: Network,
    subnet: Subnet,
    path: Path,
  ): EndpointAddress[] {
    const key = addressLease(container.name, network.name, subnet.prefix.family);
    const chosen = writtenFor(attachment, subnet) ?? this.leased.get(key) ?? this.lease(key, subnet);
    if (chosen) return [{ address: chosen, prefixLength: subnet.prefix.length }];
    this.problems.push({
      problem: {
        code: 'TN2111',
        message: `no address of ${formatPrefix(subnet.prefix)} is left for container \`${container.name}\``,
      },
      path,
      related: [{ path: network.path, text: 'the subnet is full' }],
    });
    return [];
  }

  private lease(key: string, subnet: Subnet): Address | undefined {
    const address = this.pools.get(subnet)?.takeNext();
    if (address) this.leased.set(key, address);
    return address;
  }

  /**
   * One default gateway a family and container: a written one wins, else the gateway of the first network that has
   * that family and is not internal.
   */
  private defaultGateways(attachments: readonly AttachmentIntent[]): Address[][] {
    const gateways: Address[][] = attachments.map(() => []);
    for (const family of [4, 6] as const) {
      const written = attachments.findIndex((one) => one.gateways.some((gateway) => gateway.family === family));
      const index = written >= 0 ? written : attachments.findIndex((one) => this.subnetOf(one, family, false));
      const attachment = attachments[index];
      if (!attachment) continue;
      const gateway =
        attachment.gateways.find((one) => one.family === family) ?? this.subnetOf(attachment, family, false)?.gateway;
      if (gateway) gateways[index]?.push(gateway);
    }
    return gateways;
  }

  private subnetOf(attachment: AttachmentIntent, family: Family, internal: boolean): Subnet | undefined {
    const network = this.networks.get(attachment.network);
    if (!network || network.internal !== internal) return undefined;
    return network.subnets.find((subnet) => subnet.prefix.family === family);
  }

  private poolOf(attachment: AttachmentIntent, address: Address): AddressPool | undefined {
    const subnet = this.networks.get(attachment.network)?.subnets.find((one) => contains(one.prefix, address));
    return subnet && this.pools.get(subnet);
  }
}

function writtenFor(attachment: AttachmentIntent, subnet: Subnet): Address | undefined {
  return attachment.addresses.find((address) => address.family === subnet.prefix.family);
}

function attachmentsOf(container: ContainerIntent): readonly AttachmentIntent[] {
  return Array.isArray(container.networks) ? container.networks : [];
}

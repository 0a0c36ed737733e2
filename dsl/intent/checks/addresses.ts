import { type Address, type Family, formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import type { RelatedPlace } from '../located-problem';
import { firstUsable, isUsable } from '../resolve/address-pool';
import { Claims } from './claims';
import type { AttachmentPart, NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** By network and address. */
type Owners = Claims<string, () => RelatedPlace>;

/** A container has one address of a family in a network, inside the subnet, and nobody else has it. */
export function checkAddresses({ networksByName, attachments }: Parts, report: Report): void {
  const owners: Owners = new Claims();
  for (const network of networksByName.values()) claimGateways(network, owners);
  for (const part of attachments)
    if (part.said.addresses.length > 0) checkAttachment(part, networksByName.get(part.said.network), owners, report);
}

function checkAttachment(part: AttachmentPart, network: NetworkPart | undefined, owners: Owners, report: Report): void {
  const families = new Claims<Family, number>();
  part.said.addresses.forEach((address, index) => {
    const at = () => part.at('addresses', index);
    const twin = families.claim(address.family, index);
    if (twin !== undefined)
      report(at(), 'TN2104', `one IPv${address.family} address for each network`, {
        related: [{ path: part.at('addresses', twin), text: 'it has this one' }],
      });
    if (network?.said.subnets.some((prefix) => isUsable(prefix, address))) {
      const text = `container \`${part.container.said.name}\` has it`;
      const owner = owners.claim(keyOf(network, address), () => ({ path: at(), text }));
      if (owner) report(at(), 'TN2107', `the address ${formatAddress(address)} is taken`, { related: [owner()] });
    } else if (network) reportOutside(address, at(), network, report);
  });
}

function claimGateways(part: NetworkPart, owners: Owners): void {
  const { subnets, gateways } = part.said;
  subnets.forEach((prefix, index) => {
    const written = gateways.findIndex(({ family }) => family === prefix.family);
    const gateway = gateways[written] ?? firstUsable(prefix);
    const at = () => (written >= 0 ? part.at('gateways', written) : part.at('subnets', index));
    owners.claim(keyOf(part, gateway), () => ({ path: at(), text: "it is the network's gateway" }));
  });
}

function reportOutside(address: Address, path: Path, network: NetworkPart, report: Report): void {
  const { name, subnets } = network.said;
  const near = subnets.findIndex(({ family }) => family === address.family);
  const blocks = subnets.map(formatPrefix).join(' and ');
  report(path, 'TN2106', `${formatAddress(address)} is not a usable address of network \`${name}\` (${blocks})`, {
    related: [{ path: network.at('subnets', Math.max(near, 0)), text: 'the subnet' }],
  });
}

function keyOf({ said: { name } }: NetworkPart, address: Address): string {
  return `${name}/${formatAddress(address)}`;
}

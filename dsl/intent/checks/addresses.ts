import { type Address, formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { firstUsable, isUsable } from '../resolve/address-pool';
import { Claims } from './claims';
import { attachmentsOf, containersOf, type NetworkPart, networksByName } from './parts';

/** A container has one address of a family in a network, inside the subnet, and nobody else has it. */
export function checkAddresses(intent: Intent): LocatedProblem[] {
  const networks = networksByName(intent);
  const taken = new Claims();
  for (const network of networks.values()) claimGateways(network, taken);
  return containersOf(intent)
    .flatMap(attachmentsOf)
    .flatMap(({ attachment, container, path }) => {
      const families = new Claims();
      return attachment.addresses.flatMap((address, index) => {
        const at = [...path, 'addresses', index];
        const twin = families.claim(String(address.family), { path: at, text: 'it has this one' });
        return [
          ...(twin
            ? [problemAt(at, 'TN2104', `one IPv${address.family} address for each network`, { related: [twin] })]
            : []),
          ...checkAddress(address, at, container.name, networks.get(attachment.network), taken),
        ];
      });
    });
}

function claimGateways({ network, path }: NetworkPart, taken: Claims): void {
  for (const [index, prefix] of network.subnets.entries()) {
    const written = network.gateways.findIndex(({ family }) => family === prefix.family);
    const gateway = network.gateways[written] ?? firstUsable(prefix);
    const at = written >= 0 ? [...path, 'gateways', written] : [...path, 'subnets', index];
    if (gateway) taken.claim(keyOf(network.name, gateway), { path: at, text: "it is the network's gateway" });
  }
}

function checkAddress(
  address: Address,
  path: Path,
  container: string,
  network: NetworkPart | undefined,
  taken: Claims,
): LocatedProblem[] {
  if (!network) return [];
  const { name, subnets } = network.network;
  const text = formatAddress(address);
  if (!subnets.some((prefix) => isUsable(prefix, address))) {
    const near = subnets.findIndex(({ family }) => family === address.family);
    return [
      problemAt(
        path,
        'TN2106',
        `${text} is not a usable address of network \`${name}\` (${subnets.map(formatPrefix).join(' and ')})`,
        { related: [{ path: [...network.path, 'subnets', Math.max(near, 0)], text: 'the subnet' }] },
      ),
    ];
  }
  const owner = taken.claim(keyOf(name, address), { path, text: `container \`${container}\` has it` });
  return owner ? [problemAt(path, 'TN2107', `the address ${text} is taken`, { related: [owner] })] : [];
}

function keyOf(network: string, address: Address): string {
  return `${network}/${formatAddress(address)}`;
}

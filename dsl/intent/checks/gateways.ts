import { type Address, type Family, formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { isUsable } from '../resolve/address-pool';
import { Claims } from './claims';
import type { AttachmentPart, NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** A network has one gateway of a family, a container one default gateway, and each is an address of the network. */
export function checkGateways({ networks, containers, networksByName }: Parts, report: Report): void {
  for (const part of networks) checkNetwork(part, report);
  for (const { attachments } of containers)
    if (attachments.some(hasGateways)) checkContainer(attachments, networksByName, report);
}

function checkNetwork(part: NetworkPart, report: Report): void {
  const families = new Claims<Family, Path>();
  part.said.gateways.forEach((gateway, index) => {
    checkOne(gateway, part.at('gateways', index), families, 'a network has one', report);
    checkPlace(gateway, part.at('gateways', index), part, report);
  });
}

function checkContainer(
  attachments: readonly AttachmentPart[],
  byName: ReadonlyMap<string, NetworkPart>,
  report: Report,
): void {
  const families = new Claims<Family, Path>();
  for (const part of attachments)
    part.said.gateways.forEach((gateway, index) => {
      checkOne(gateway, part.at('gateways', index), families, 'a container has one default', report);
      checkPlace(gateway, part.at('gateways', index), byName.get(part.said.network), report);
    });
}

function hasGateways({ said: { gateways } }: AttachmentPart): boolean {
  return gateways.length > 0;
}

function checkOne({ family }: Address, path: Path, families: Claims<Family, Path>, rule: string, report: Report): void {
  const other = families.claim(family, path);
  if (!other) return;
  report(path, 'TN2104', `${rule} IPv${family} gateway`, { related: [{ path: other, text: 'it has this one' }] });
}

function checkPlace(gateway: Address, path: Path, network: NetworkPart | undefined, report: Report): void {
  if (!network || network.said.subnets.some((prefix) => isUsable(prefix, gateway))) return;
  const { name, subnets } = network.said;
  const related = subnets.flatMap(({ family }, index) =>
    family === gateway.family ? [{ path: network.at('subnets', index), text: 'the subnet' }] : [],
  );
  report(
    path,
    'TN2113',
    `the gateway ${formatAddress(gateway)} is not a usable address of network \`${name}\` (${subnets.map(formatPrefix).join(' and ')})`,
    { related },
  );
}

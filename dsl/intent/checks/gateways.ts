import { type Address, formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { isUsable } from '../resolve/address-pool';
import { Claims } from './claims';
import { attachmentsOf, containersOf, type NetworkPart, networksByName, networksOf } from './parts';

/** A network has one gateway of a family, a container one default gateway, and each is an address of the network. */
export function checkGateways(intent: Intent): LocatedProblem[] {
  return [...networksOf(intent).flatMap(checkNetwork), ...checkContainers(intent)];
}

function checkNetwork(part: NetworkPart): LocatedProblem[] {
  const claims = new Claims();
  return part.network.gateways.flatMap((gateway, index) =>
    checkGateway(gateway, [...part.path, 'gateways', index], part, claims, 'a network has one'),
  );
}

function checkContainers(intent: Intent): LocatedProblem[] {
  const networks = networksByName(intent);
  return containersOf(intent).flatMap((container) => {
    const claims = new Claims();
    return attachmentsOf(container).flatMap(({ attachment, path }) =>
      attachment.gateways.flatMap((gateway, index) =>
        checkGateway(
          gateway,
          [...path, 'gateways', index],
          networks.get(attachment.network),
          claims,
          'a container has one default',
        ),
      ),
    );
  });
}

function checkGateway(
  gateway: Address,
  path: Path,
  network: NetworkPart | undefined,
  claims: Claims,
  rule: string,
): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const other = claims.claim(String(gateway.family), { path, text: 'it has this one' });
  if (other) problems.push(problemAt(path, 'TN2104', `${rule} IPv${gateway.family} gateway`, { related: [other] }));
  if (network && !network.network.subnets.some((prefix) => isUsable(prefix, gateway)))
    problems.push(outside(gateway, path, network));
  return problems;
}

function outside(gateway: Address, path: Path, { network: { name, subnets }, path: networkPath }: NetworkPart) {
  const related = subnets.flatMap(({ family }, index) =>
    family === gateway.family ? [{ path: [...networkPath, 'subnets', index], text: 'the subnet' }] : [],
  );
  return problemAt(
    path,
    'TN2113',
    `the gateway ${formatAddress(gateway)} is not a usable address of network \`${name}\` (${subnets.map(formatPrefix).join(' and ')})`,
    { related },
  );
}

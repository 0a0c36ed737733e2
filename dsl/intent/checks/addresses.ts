import { contains, formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { AttachmentIntent, Intent, NetworkIntent } from '../model';
import { firstUsable, usableRange } from '../resolve/address-pool';

/** Written addresses and MACs: inside the network's subnet, one a family, and nobody else's. */
export function checkAddresses(intent: Intent): LocatedProblem[] {
  const networks = new Map(intent.networks.map((network, index) => [network.name as string, { network, index }]));
  const taken = new Map<string, { path: Path; text: string }>();
  for (const { network, index } of networks.values())
    for (const [at, prefix] of network.subnets.entries()) {
      const written = network.gateways.findIndex(({ family }) => family === prefix.family);
      const gateway = network.gateways[written] ?? firstUsable(prefix);
      const path = written >= 0 ? ['networks', index, 'gateways', written] : ['networks', index, 'subnets', at];
      if (gateway)
        taken.set(`${network.name}/${formatAddress(gateway)}`, { path, text: "it is the network's gateway" });
    }
  return intent.containers.flatMap(({ name, networks: attachments }, index) => {
    if (!Array.isArray(attachments)) return [];
    return attachments.flatMap((attachment: AttachmentIntent, at) => {
      const path = ['containers', index, 'networks', at];
      const network = networks.get(attachment.network);
      const again = attachments.findIndex((other: AttachmentIntent) => other.network === attachment.network);
      const repeated =
        again < at
          ? [
              problemAt([...path, 'network'], 'TN2103', `\`${name}\` is in network \`${attachment.network}\` already`, {
                related: [{ path: ['containers', index, 'networks', again], text: 'first said here' }],
              }),
            ]
          : [];
      if (!network) return repeated;
      return [
        ...repeated,
        ...checkAttachment(attachment, name, network.network, ['networks', network.index], path, taken),
      ];
    });
  });
}

function checkAttachment(
  attachment: AttachmentIntent,
  container: string,
  network: NetworkIntent,
  networkPath: Path,
  path: Path,
  taken: Map<string, { path: Path; text: string }>,
): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const claim = (key: string, at: Path, code: 'TN2107' | 'TN2115', message: string) => {
    const other = taken.get(key);
    if (other) problems.push(problemAt(at, code, message, { related: [other] }));
    else taken.set(key, { path: at, text: `container \`${container}\` has it` });
  };
  const subnetsAt =
    networkPath.length > 0
      ? network.subnets.map((_, at) => ({ path: [...networkPath, 'subnets', at], text: 'the subnet' }))
      : [];
  for (const key of ['addresses', 'gateways'] as const)
    for (const [index, address] of attachment[key].entries()) {
      const at = [...path, key, index];
      const twin = attachment[key].findIndex(({ family }) => family === address.family);
      if (twin < index)
        problems.push(
          problemAt(
            at,
            'TN2104',
            `one IPv${address.family} ${key === 'addresses' ? 'address' : 'gateway'} for each network`,
            {
              related: [{ path: [...path, key, twin], text: 'it has this one' }],
            },
          ),
        );
      const subnet = network.subnets.find((prefix) => contains(prefix, address));
      const value = BigInt(address.value);
      if (!subnet || value < usableRange(subnet).first || value > usableRange(subnet).last) {
        const where = network.subnets.map(formatPrefix).join(' and ');
        problems.push(
          problemAt(
            at,
            key === 'addresses' ? 'TN2106' : 'TN2113',
            `${formatAddress(address)} is not a usable address of network \`${network.name}\` (${where})`,
            {
              related: subnetsAt.slice(0, 1),
            },
          ),
        );
      } else if (key === 'addresses')
        claim(
          `${network.name}/${formatAddress(address)}`,
          at,
          'TN2107',
          `the address ${formatAddress(address)} is taken`,
        );
    }
  if (attachment.mac)
    claim(
      `${network.name}/${attachment.mac}`,
      [...path, 'mac'],
      'TN2115',
      `the MAC address ${attachment.mac} is taken`,
    );
  return problems;
}

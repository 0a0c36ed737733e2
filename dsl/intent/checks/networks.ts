import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { Claims } from './claims';
import { attachmentsOf, containersOf, type NetworkPart, networksOf } from './parts';

/** What a network says has to fit its subnets and its isolation; a container is in each network once. */
export function checkNetworks(intent: Intent): LocatedProblem[] {
  const networks = networksOf(intent);
  return [
    ...networks.flatMap(checkMtu),
    ...networks.flatMap(checkFamilies),
    ...networks.flatMap(checkInternal),
    ...checkTwice(intent),
  ];
}

function checkMtu({ network: { mtu, subnets }, path }: NetworkPart): LocatedProblem[] {
  const six = subnets.findIndex(({ family }) => family === 6);
  if (mtu === undefined || mtu >= 1280 || six < 0) return [];
  return [
    problemAt([...path, 'mtu'], 'TN2008', 'IPv6 needs an MTU of at least 1280 (RFC 8200 section 5)', {
      related: [{ path: [...path, 'subnets', six], text: 'the IPv6 subnet' }],
    }),
  ];
}

/** Addresses that traffic is translated to, or published on: one of a family, and only families the network has. */
function checkFamilies({ network, path }: NetworkPart): LocatedProblem[] {
  const lists = [
    { addresses: network.publishAddresses, path: [...path, 'publishAddresses'], what: '`publish-address`' },
    {
      addresses: typeof network.nat === 'object' ? network.nat.snat : [],
      path: [...path, 'nat', 'snat'],
      what: '`nat snat`',
    },
  ];
  return lists.flatMap(({ addresses, path: list, what }) => {
    const claims = new Claims();
    return addresses.flatMap(({ family }, index): LocatedProblem[] => {
      const at = [...list, index];
      if (network.subnets.every((subnet) => subnet.family !== family))
        return [
          problemAt(at, 'TN2104', `${what} is of IPv${family}, of which network \`${network.name}\` has no subnet`, {
            related: [{ path: [...path, 'subnets', 0], text: 'the subnet' }],
          }),
        ];
      const other = claims.claim(String(family), { path: at, text: 'it has this one' });
      return other
        ? [problemAt(at, 'TN2104', `a network has one IPv${family} address of ${what}`, { related: [other] })]
        : [];
    });
  });
}

/** Nothing enters or leaves an internal network, so nothing that is said about entering or leaving can act. */
function checkInternal({ network, path }: NetworkPart): LocatedProblem[] {
  if (!network.internal) return [];
  const said = [
    { key: 'nat', what: '`nat`', is: network.nat !== 'masquerade' },
    { key: 'publishAddresses', what: '`publish-address`', is: network.publishAddresses.length > 0 },
    { key: 'trustedInterfaces', what: '`trusted-interface`', is: network.trustedInterfaces.length > 0 },
  ];
  return said
    .filter(({ is }) => is)
    .map(({ key, what }) =>
      problemAt(
        key === 'nat' ? [...path, key] : [...path, key, 0],
        'TN2104',
        `${what} cannot act: nothing enters or leaves an internal network`,
        { related: [{ path: [...path, 'internal'], text: `network \`${network.name}\` is internal` }] },
      ),
    );
}

function checkTwice(intent: Intent): LocatedProblem[] {
  return containersOf(intent).flatMap((part) => {
    const claims = new Claims();
    return attachmentsOf(part).flatMap(({ attachment: { network }, path }) => {
      const first = claims.claim(network, { path: [...path, 'network'], text: 'first said here' });
      const message = `container \`${part.container.name}\` is in network \`${network}\` already`;
      return first ? [problemAt([...path, 'network'], 'TN2103', message, { related: [first] })] : [];
    });
  });
}

import { addressOf, boundsOf, contains, formatAddress, formatPrefix, type Prefix, prefixOf } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { usableRange } from '../resolve/address-pool';

interface Place {
  readonly prefix: Prefix;
  readonly network: number;
  readonly path: Path;
}

/** One subnet a family and network, no two that overlap, gateways and written addresses inside them. */
export function checkSubnets(intent: Intent): LocatedProblem[] {
  const places = intent.networks.flatMap(({ subnets }, network) =>
    subnets.map((prefix, index): Place => ({ prefix, network, path: ['networks', network, 'subnets', index] })),
  );
  return [...checkOverlaps(places), ...intent.networks.flatMap((_, index) => checkNetwork(intent, index))];
}

/** Sorted by first address, a prefix overlaps an earlier one only when the widest of those reaches it. */
function checkOverlaps(places: readonly Place[]): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  for (const family of [4, 6] as const) {
    const sorted = places
      .filter(({ prefix }) => prefix.family === family)
      .map((place) => ({ place, ...boundsOf(place.prefix) }))
      .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.place.network - b.place.network));
    let widest = sorted[0];
    for (const current of sorted.slice(1)) {
      if (widest && current.first <= widest.last) {
        const [earlier, later] = [widest.place, current.place].sort((a, b) => a.network - b.network);
        if (earlier && later && earlier.network !== later.network)
          problems.push(
            problemAt(
              later.path,
              'TN2105',
              `the subnet ${formatPrefix(later.prefix)} overlaps ${formatPrefix(earlier.prefix)}`,
              {
                related: [{ path: earlier.path, text: 'the other subnet' }],
              },
            ),
          );
      }
      if (!widest || current.last > widest.last) widest = current;
    }
  }
  return problems;
}

function checkNetwork(intent: Intent, index: number): LocatedProblem[] {
  const network = intent.networks[index];
  if (!network) return [];
  const path = ['networks', index];
  const problems: LocatedProblem[] = [];
  const [first, second] = network.subnets;
  if (first && second && first.family === second.family)
    problems.push(
      problemAt([...path, 'subnets', 1], 'TN2112', `a network has one IPv${first.family} subnet`, {
        related: [{ path: [...path, 'subnets', 0], text: 'it has this one' }],
      }),
    );
  for (const [at, prefix] of network.subnets.entries()) {
    const { first: low, last: high } = usableRange(prefix);
    const multicast =
      prefix.family === 4
        ? addressOf(prefix).value >= 0xe0000000
        : prefixOf(addressOf(prefix), 8).address === 0xffn << 120n;
    if (prefix.length === 0 || multicast || high - low < 1n)
      problems.push(
        problemAt(
          [...path, 'subnets', at],
          'TN2002',
          `${formatPrefix(prefix)} has no room for a gateway and a container`,
          {
            hint:
              prefix.family === 4
                ? 'a private block such as 172.20.0.0/16'
                : 'a unique local block such as fd00:20::/64',
          },
        ),
      );
  }
  if (network.mtu !== undefined && network.mtu < 1280 && network.subnets.some(({ family }) => family === 6))
    problems.push(problemAt([...path, 'mtu'], 'TN2008', 'IPv6 needs an MTU of at least 1280 (RFC 8200 section 5)'));
  for (const [at, gateway] of network.gateways.entries()) {
    const subnet = network.subnets.find((prefix) => contains(prefix, gateway));
    const twin = network.gateways.findIndex((other) => other.family === gateway.family);
    if (twin < at)
      problems.push(
        problemAt([...path, 'gateways', at], 'TN2104', `a network has one IPv${gateway.family} gateway`, {
          related: [{ path: [...path, 'gateways', twin], text: 'it has this one' }],
        }),
      );
    const value = BigInt(gateway.value);
    if (!subnet || value < usableRange(subnet).first || value > usableRange(subnet).last)
      problems.push(
        problemAt(
          [...path, 'gateways', at],
          'TN2113',
          `the gateway ${formatAddress(gateway)} is not a usable address of the network's subnet`,
          {
            related: network.subnets
              .map((prefix, place) => ({ prefix, place }))
              .filter(({ prefix }) => prefix.family === gateway.family)
              .map(({ place }) => ({ path: [...path, 'subnets', place], text: 'the subnet' })),
          },
        ),
      );
  }
  return problems;
}

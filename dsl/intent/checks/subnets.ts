import { boundsOf, formatPrefix, overlaps, type Prefix, parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { usableRange } from '../resolve/address-pool';
import { type NetworkPart, networksOf } from './parts';

/** Blocks that no network of hosts can have (the IANA special-purpose address registries). */
const NOT_FOR_HOSTS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8'].flatMap((text) => {
  const prefix = parsePrefix(text);
  return prefix.ok ? [prefix.value] : [];
});

/** A network has one subnet of a family, fit for hosts, and no address is in two subnets. */
export function checkSubnets(intent: Intent): LocatedProblem[] {
  const networks = networksOf(intent);
  return [...networks.flatMap(checkFamilies), ...networks.flatMap(checkUse), ...checkOverlaps(networks)];
}

function checkFamilies({ network: { subnets }, path }: NetworkPart): LocatedProblem[] {
  const [first, second] = subnets;
  if (first?.family !== second?.family || !first) return [];
  return [
    problemAt([...path, 'subnets', 1], 'TN2112', `a network has one IPv${first.family} subnet`, {
      related: [{ path: [...path, 'subnets', 0], text: 'it has this one' }],
    }),
  ];
}

function checkUse({ network: { subnets }, path }: NetworkPart): LocatedProblem[] {
  return subnets.flatMap((prefix, index): LocatedProblem[] => {
    const at = [...path, 'subnets', index];
    const hint =
      prefix.family === 4 ? 'a private block such as 172.20.0.0/16' : 'a unique local block such as fd00:20::/64';
    const taken = NOT_FOR_HOSTS.find((block) => overlaps(block, prefix));
    if (taken)
      return [
        problemAt(at, 'TN2002', `${formatPrefix(prefix)} is no block for hosts: ${formatPrefix(taken)} is special`, {
          hint,
        }),
      ];
    const { first, last } = usableRange(prefix);
    if (last > first) return [];
    return [problemAt(at, 'TN2002', `${formatPrefix(prefix)} has no room for a gateway and a container`, { hint })];
  });
}

interface Place {
  readonly prefix: Prefix;
  readonly network: number;
  readonly path: Path;
}

/** Sorted by first address, a prefix overlaps an earlier one only when the one that reaches furthest does. */
function checkOverlaps(networks: readonly NetworkPart[]): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const places = networks.flatMap(({ network: { subnets }, path }, network) =>
    subnets.map((prefix, index): Place => ({ prefix, network, path: [...path, 'subnets', index] })),
  );
  for (const family of [4, 6] as const) {
    const sorted = places
      .filter(({ prefix }) => prefix.family === family)
      .map((place) => ({ place, ...boundsOf(place.prefix) }))
      .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.place.network - b.place.network));
    let furthest = sorted[0];
    for (const current of sorted.slice(1)) {
      if (furthest && current.first <= furthest.last && current.place.network !== furthest.place.network)
        problems.push(overlap(furthest.place, current.place));
      if (!furthest || current.last > furthest.last) furthest = current;
    }
  }
  return problems;
}

/** The one that is written later is shown as the mistake. */
function overlap(one: Place, other: Place): LocatedProblem {
  const [earlier, later] = one.network < other.network ? [one, other] : [other, one];
  return problemAt(
    later.path,
    'TN2105',
    `the subnet ${formatPrefix(later.prefix)} overlaps ${formatPrefix(earlier.prefix)}`,
    { related: [{ path: earlier.path, text: 'the other subnet' }] },
  );
}

import { boundsOf, formatPrefix, overlaps, type Prefix, parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { usableRange } from '../resolve/address-pool';
import type { NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** Blocks that no network of hosts can have (the IANA special-purpose address registries). */
const NOT_FOR_HOSTS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8'].flatMap((text) => {
  const prefix = parsePrefix(text);
  return prefix.ok ? [prefix.value] : [];
});

/** A network has one subnet of a family, fit for hosts, and no address is in two subnets. */
export function checkSubnets({ networks }: Parts, report: Report): void {
  for (const part of networks) checkFamilies(part, report);
  for (const part of networks) checkUse(part, report);
  checkOverlaps(networks, report);
}

function checkFamilies(part: NetworkPart, report: Report): void {
  const [first, second] = part.said.subnets;
  if (first?.family !== second?.family || !first) return;
  report(part.at('subnets', 1), 'TN2112', `a network has one IPv${first.family} subnet`, {
    related: [{ path: part.at('subnets', 0), text: 'it has this one' }],
  });
}

function checkUse(part: NetworkPart, report: Report): void {
  part.said.subnets.forEach((prefix, index) => {
    const hint =
      prefix.family === 4 ? 'a private block such as 172.20.0.0/16' : 'a unique local block such as fd00:20::/64';
    const refuse = (why: string) =>
      report(part.at('subnets', index), 'TN2002', `${formatPrefix(prefix)} ${why}`, { hint });
    const taken = NOT_FOR_HOSTS.find((block) => overlaps(block, prefix));
    const { first, last } = usableRange(prefix);
    if (taken) refuse(`is no block for hosts: ${formatPrefix(taken)} is special`);
    else if (last.value <= first.value) refuse('has no room for a gateway and a container');
  });
}

interface Place {
  readonly prefix: Prefix;
  /** Of its network, among all. */
  readonly order: number;
  readonly path: () => Path;
}

/** Sorted by first address, a prefix overlaps an earlier one only when the one that reaches furthest does. */
function checkOverlaps(networks: readonly NetworkPart[], report: Report): void {
  const places = networks.flatMap((part, order) =>
    part.said.subnets.map((prefix, index): Place => ({ prefix, order, path: () => part.at('subnets', index) })),
  );
  for (const family of [4, 6] as const) {
    const sorted = places
      .filter(({ prefix }) => prefix.family === family)
      .map((place) => ({ place, ...boundsOf(place.prefix) }))
      .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.place.order - b.place.order));
    let furthest = sorted[0];
    for (const current of sorted.slice(1)) {
      if (furthest && current.first <= furthest.last && current.place.order !== furthest.place.order)
        overlap(furthest.place, current.place, report);
      if (!furthest || current.last > furthest.last) furthest = current;
    }
  }
}

/** The one that is written later is shown as the mistake. */
function overlap(one: Place, other: Place, report: Report): void {
  const [earlier, later] = one.order < other.order ? [one, other] : [other, one];
  report(later.path(), 'TN2105', `the subnet ${formatPrefix(later.prefix)} overlaps ${formatPrefix(earlier.prefix)}`, {
    related: [{ path: earlier.path(), text: 'the other subnet' }],
  });
}

import type { Family } from '../../../dsl/core/address';
import { formatPortRange } from '../../../dsl/core/port';
import type { Rate } from '../../../dsl/intent/rate';
import type { Publish, Topology } from '../../../dsl/intent/topology';
import { type Box, disjoint, type Interval } from '../disjoint';
import { addressInterval, ALL_ADDRESSES, boxKey, type Elements, protocolInterval } from '../elements';

/** `from` and `limit` of publishes, as boxes over source, host address, protocol and host port. */
export function lowerAdmission({ containers }: Topology, elements: Elements): void {
  const publishes = containers.flatMap((container) => container.publishes);
  if (!publishes.some(({ from, limit }) => from ?? limit)) return;
  for (const family of [4, 6] as const) {
    const specific = specificAddresses(publishes, family);
    const restricted: Box<Publish>[] = [];
    const admitted: Box<Publish>[] = [];
    const limited: { box: Box<Publish>; rate: Rate }[] = [];
    for (const publish of publishes) {
      if (!(publish.from ?? publish.limit) || !publish.targets.some((target) => target.family === family)) continue;
      const ports: Interval = { first: BigInt(publish.hostPorts.first), last: BigInt(publish.hostPorts.last) };
      for (const host of hostIntervals(publish, family, specific)) {
        const sides = [host, protocolInterval(publish.protocol), ports];
        if (publish.limit) limited.push({ box: { sides, tag: publish }, rate: publish.limit });
        if (!publish.from) continue;
        restricted.push({ sides, tag: publish });
        for (const source of publish.from)
          if (source.family === family) admitted.push({ sides: [addressInterval(source), ...sides], tag: publish });
      }
    }
    for (const { sides, tag } of disjoint(restricted))
      elements.add(`restricted${family}`, tag.path, boxKey([family, 'protocol', 'port'], sides));
    for (const { sides, tag } of disjoint(admitted))
      elements.add(`admitted${family}`, tag.path, boxKey([family, family, 'protocol', 'port'], sides));
    for (const { box, rate } of limited)
      elements.add(`limited${family}`, box.tag.path, boxKey([family, 'protocol', 'port'], box.sides), {
        statements: [
          {
            kind: 'limit',
            rate: { count: BigInt(rate.count), unit: 'packets', per: rate.per, over: true, burst: BigInt(rate.count) },
          },
        ],
      });
  }
}

/** Host addresses that have a publish of their own, by protocol and ports: there the any-address publish is not asked. */
function specificAddresses(publishes: readonly Publish[], family: Family): ReadonlyMap<string, bigint[]> {
  const addresses = new Map<string, bigint[]>();
  for (const { hostAddress, hostPorts, protocol } of publishes) {
    if (hostAddress?.family !== family) continue;
    const key = `${protocol}/${formatPortRange(hostPorts)}`;
    addresses.set(key, [...(addresses.get(key) ?? []), BigInt(hostAddress.value)].sort((a, b) => (a < b ? -1 : 1)));
  }
  return addresses;
}

function hostIntervals(publish: Publish, family: Family, specific: ReadonlyMap<string, bigint[]>): Interval[] {
  const { hostAddress, protocol, hostPorts } = publish;
  if (hostAddress) {
    const value = BigInt(hostAddress.value);
    return hostAddress.family === family ? [{ first: value, last: value }] : [];
  }
  const gaps: Interval[] = [];
  let first: bigint = ALL_ADDRESSES[family].first;
  for (const taken of specific.get(`${protocol}/${formatPortRange(hostPorts)}`) ?? []) {
    if (taken > first) gaps.push({ first, last: taken - 1n });
    first = taken + 1n;
  }
  gaps.push({ first, last: ALL_ADDRESSES[family].last });
  return gaps;
}

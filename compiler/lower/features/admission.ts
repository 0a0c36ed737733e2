import type { Family } from '../../../dsl/core/address';
import type { Publish, Topology } from '../../../dsl/intent/topology';
import { type Box, disjoint, type Interval } from '../disjoint';
import { ALL_ADDRESSES, addressInterval, boxKey, type Elements, protocolInterval } from '../elements';

/**
 * `from` and `limit` of publishes. The host's addresses and ports are divided among the publishes, a specific address
 * before an any-address one, so that each region asks only the publish that serves it.
 */
export function lowerAdmission({ containers }: Topology, elements: Elements): void {
  if (!containers.some(({ publishes }) => publishes.some(isGuarded))) return;
  const publishes = containers.flatMap((container) => container.publishes);
  const guarded = publishes.filter(isGuarded);
  const relevant = publishes.filter(
    (one) => isGuarded(one) || (one.hostAddress && guarded.some((other) => sharePort(one, other))),
  );
  const inOrder = [...relevant.filter((one) => one.hostAddress), ...relevant.filter((one) => !one.hostAddress)];
  for (const family of [4, 6] as const) {
    const boxes = inOrder.flatMap((publish) => boxOf(publish, family));
    const identity = new Map(inOrder.map((publish, index) => [publish, String(index)]));
    const regions = disjoint(boxes, (publish) => identity.get(publish) ?? '');
    for (const region of regions) lowerRegion(region, family, elements);
    const admitted = regions.flatMap(({ sides, tag }) =>
      (tag.from ?? []).flatMap((source): Box<Publish>[] =>
        source.family === family ? [{ sides: [addressInterval(source), ...sides], tag }] : [],
      ),
    );
    for (const { sides, tag } of disjoint(admitted))
      elements.add(`admitted${family}`, tag.path, boxKey([family, family, 'protocol', 'port'], sides));
  }
}

function lowerRegion({ sides, tag }: Box<Publish>, family: Family, elements: Elements): void {
  const key = boxKey([family, 'protocol', 'port'], sides);
  if (tag.from) elements.add(`restricted${family}`, tag.path, key);
  if (!tag.limit) return;
  const count = BigInt(tag.limit.count);
  elements.add(`limited${family}`, tag.path, key, {
    statements: [{ kind: 'limit', rate: { count, unit: 'packets', per: tag.limit.per, over: true, burst: count } }],
  });
}

function isGuarded({ from, limit }: Publish): boolean {
  return from !== undefined || limit !== undefined;
}

function sharePort(a: Publish, b: Publish): boolean {
  return a.protocol === b.protocol && a.hostPorts.first <= b.hostPorts.last && b.hostPorts.first <= a.hostPorts.last;
}

function boxOf(publish: Publish, family: Family): Box<Publish>[] {
  const { hostAddress, hostPorts, protocol, targets } = publish;
  if (!targets.some((target) => target.family === family)) return [];
  const value = BigInt(hostAddress?.value ?? 0);
  const host: Interval = hostAddress ? { first: value, last: value } : ALL_ADDRESSES[family];
  const ports: Interval = { first: BigInt(hostPorts.first), last: BigInt(hostPorts.last) };
  return [{ sides: [host, protocolInterval(protocol), ports], tag: publish }];
}

import type { Family, Prefix } from '../../../dsl/core/address';
import type { Path } from '../../../dsl/core/diagnostic';
import type { PortRange, Protocol } from '../../../dsl/core/port';
import { prefixesOf } from '../../../dsl/intent/resolve';
import type { Party, Policy, Topology } from '../../../dsl/intent/topology';
import { type Box, disjoint, type Interval } from '../disjoint';
import { ALL_PORTS, type Axis, addressInterval, boxKey, type Elements, protocolInterval } from '../elements';
import { linkPolicies } from './links';

/** Boxes a set is made of, until all are known and can be cut so that none overlap. */
type Pending = Map<string, { axes: readonly Axis[]; boxes: Box<Path>[] }>;

/** `allow`, `deny`, and the ports that links open on networks whose containers do not reach each other. */
export function lowerPolicies(topology: Topology, elements: Elements): void {
  const pending: Pending = new Map();
  for (const policy of [...topology.policies, ...linkPolicies(topology)])
    for (const family of [4, 6] as const) lowerPolicy(policy, family, pending);
  for (const [set, { axes, boxes }] of pending)
    for (const { sides, tag } of disjoint(boxes)) elements.add(set, tag, boxKey(axes, sides));
}

function lowerPolicy(policy: Policy, family: Family, pending: Pending): void {
  const { action, from, to, path } = policy;
  const services = servicesOf(policy.protocol, policy.ports);
  if (from.kind === 'host' || to.kind === 'host') {
    // By default the host reaches every container and is reached by all that are not internal, so only a denial acts.
    if (action === 'allow' || (from.kind === 'host' && to.kind === 'host')) return;
    const [set, other]: [string, Party] = from.kind === 'host' ? ['deny_from_host', to] : ['deny_to_host', from];
    for (const prefix of prefixesOf(other, family)) put(pending, set, family, [prefix], services, path);
    return;
  }
  for (const source of prefixesOf(from, family))
    for (const target of prefixesOf(to, family)) put(pending, action, family, [source, target], services, path);
}

/** Pairs of protocol and ports; undefined stands for every protocol. */
function servicesOf(
  protocol: Protocol | undefined,
  ports: readonly PortRange[],
): readonly [Interval, Interval][] | undefined {
  if (!protocol) return undefined;
  if (ports.length === 0) return [[protocolInterval(protocol), ALL_PORTS]];
  return ports.map(({ first, last }) => [protocolInterval(protocol), { first: BigInt(first), last: BigInt(last) }]);
}

function put(
  pending: Pending,
  set: string,
  family: Family,
  prefixes: readonly Prefix[],
  services: readonly [Interval, Interval][] | undefined,
  path: Path,
): void {
  const name = services ? `${set}_port${family}` : `${set}${family}`;
  const axes: Axis[] = [...prefixes.map(() => family), ...(services ? (['protocol', 'port'] as const) : [])];
  const entry = pending.get(name) ?? { axes, boxes: [] };
  const sides = prefixes.map(addressInterval);
  for (const service of services ?? [[]]) entry.boxes.push({ sides: [...sides, ...service], tag: path });
  pending.set(name, entry);
}

import type { ContainerIntent, Intent } from '../../dsl/intent/model';
import type { Topology } from '../../dsl/intent/topology';
import type { Packet } from '../world/packet';
import type { Question } from './question';

/**
 * An intent without the containers that a packet meets nothing of, however many: neither end is theirs, no port that it is
 * sent to is published for them, and no policy, nor any container that stays, names them. `changed` is the packet as it
 * would have to be sent to arrive.
 */
export function partFor(
  { packet, from, to, start, world }: Question,
  intent: Intent,
  topology: Topology,
  changed: Packet = packet,
): Intent {
  const kept = new Set<string>([from, to]);
  if (start.kind === 'port') kept.add(start.port.sandbox);
  for (const address of [packet.source, packet.destination, changed.destination]) {
    const port = world.portOf(address);
    if (port) kept.add(port.sandbox);
  }
  for (const policy of intent.policies) kept.add(policy.from).add(policy.to);
  const port = packet.destinationPort;
  for (const { name, publishes } of topology.containers)
    if (publishes.some(({ hostPorts: { first, last } }) => first <= port && port <= last)) kept.add(name);
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const container of intent.containers)
      if (kept.has(container.name)) for (const name of namedBy(container)) kept.add(name);
  }
  return {
    ...intent,
    containers: intent.containers
      .filter(({ name }) => kept.has(name))
      .map((one) => ({ ...one, links: one.links.filter(({ target }) => kept.has(target)) })),
    expectations: [],
  };
}

/** Who else has to be there; links to who is not meet no packet. */
function namedBy({ networks, publish }: ContainerIntent): readonly string[] {
  const joined = typeof networks === 'object' && 'container' in networks ? [networks.container] : [];
  return [...joined, ...publish.flatMap(({ from }) => from)];
}

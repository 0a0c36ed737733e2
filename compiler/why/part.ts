import type { ContainerIntent, Intent } from '../../dsl/intent/model';
import type { Topology } from '../../dsl/intent/topology';
import type { Ruleset } from '../../dsl/ruleset/tree';
import { lowered, type Resolved, rulesAbout } from '../compile';
import type { Packet } from '../world/packet';
import type { Question } from './question';

/**
 * The containers that a packet, or the answer to it, meets something of in the rules that are tsnet's own, however many
 * others there are: an end is theirs, they are the gateway of the sender, or the port that it is sent to is published for
 * them.
 */
export function metBy({ packet, start, world }: Question, topology: Topology): Set<string> {
  const met = new Set<string>();
  if (start.kind === 'port') met.add(start.port.sandbox);
  const gateways = start.kind === 'port' ? start.port.gateways : [];
  for (const address of [packet.source, packet.destination, ...gateways]) {
    const port = world.portOf(address);
    if (port) met.add(port.sandbox);
  }
  const port = packet.destinationPort;
  for (const { name, publishes } of topology.containers)
    if (publishes.some(({ hostPorts: { first, last } }) => first <= port && port <= last)) met.add(name);
  return met;
}

/**
 * The rules of an intent without the elements that a packet can't be found by. Single fields may say otherwise than its
 * addresses, ports and interfaces do.
 */
export function rulesFor(question: Question, resolved: Resolved): Ruleset {
  return question.hasFields ? lowered(resolved).ruleset : rulesAbout(metBy(question, resolved.topology), resolved);
}

/**
 * An intent without the containers that a packet meets nothing of, and that no policy, nor any container that stays, names.
 * `changed` is the packet as it would have to be sent to arrive, `reached` the container that it would arrive at.
 */
export function partFor(
  question: Question,
  intent: Intent,
  topology: Topology,
  changed: Packet = question.packet,
  reached?: string,
): Intent {
  if (intent.tables.length > 0) return intent;
  const kept = metBy(question, topology);
  if (reached !== undefined) kept.add(reached);
  if (changed !== question.packet) for (const name of metBy({ ...question, packet: changed }, topology)) kept.add(name);
  for (const policy of intent.policies) kept.add(policy.from).add(policy.to);
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

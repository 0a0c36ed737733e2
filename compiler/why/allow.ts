import { formatAddress } from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import type { Intent } from '../../dsl/intent/model';
import type { Ruleset, Table } from '../../dsl/ruleset/tree';
import { compileIntent, type Resolved } from '../compile';
import { read } from '../frontend';
import { numberText } from '../meaning/symbols';
import { inhabitants } from '../world/inhabitants';
import type { Packet } from '../world/packet';
import { Programs, type Trip, travel } from '../world/trip';
import type { World } from '../world/world';
import { partFor } from './part';
import type { Question } from './question';

/** A change of the intent that lets a packet arrive: it was tried. */
export interface Allowance {
  /** `add: allow web -> db tcp 5432` */
  readonly text: string;
}

/** What would have to be said for a packet that does not arrive; only what then really lets it. */
export function allowances(
  question: Question,
  trip: Trip,
  origins: readonly Origin[],
  resolved: Resolved,
  asked: Ruleset,
): Allowance[] {
  if (trip.end.kind !== 'stopped') return [];
  const own = new Set(resolved.tables.map(({ family, name }) => `${family} ${name}`));
  const others = asked.tables.filter(
    ({ family, name, origin }) => origin.kind !== 'program' && !own.has(`${family} ${name}`),
  );
  return [...withdrawn(origins, resolved), ...added(question)].flatMap(({ text, change, packet }) => {
    const intent = change(resolved.intent);
    const other = packet ? { ...question, packet } : question;
    if (!intent) return [];
    const part = partFor(question, intent, resolved.topology, packet);
    return arrives(other, { ...resolved, intent: part }, others) ? [{ text }] : [];
  });
}

interface Candidate {
  readonly text: string;
  /** The packet that would arrive, where it is not the same. */
  readonly packet?: Packet;
  change(intent: Intent): Intent | undefined;
}

/** Statements to take back: those that the deciding rules came from. */
function withdrawn(origins: readonly Origin[], { locate }: Resolved): Candidate[] {
  return origins.flatMap((origin): Candidate[] => {
    if (origin.kind !== 'intent') return [];
    const [list, index, part, at] = origin.path;
    const { span } = locate(origin.path);
    const words = span ? span.source.text.slice(span.start, span.end).split('\n', 1)[0] : undefined;
    if (list === 'policies')
      return [
        {
          text: `take back: ${words ?? 'the policy'}`,
          change: (intent) => ({ ...intent, policies: intent.policies.filter((_, other) => other !== index) }),
        },
      ];
    if (list === 'containers' && part === 'publish')
      return [
        {
          text: `publish for more sources: ${words ?? 'the publish'}`,
          change: (intent) => ({
            ...intent,
            containers: intent.containers.map((container, other) =>
              other === index
                ? {
                    ...container,
                    publish: container.publish.map((one, place) => (place === at ? { ...one, from: [] } : one)),
                  }
                : container,
            ),
          }),
        },
      ];
    return [];
  });
}

/** Statements to add. */
function added({ packet, from, to, start, world }: Question): Candidate[] {
  const protocol = numberText(packet.protocol, 'inet_proto');
  const service = ['tcp', 'udp', 'sctp'].includes(protocol) ? ` ${protocol} ${packet.destinationPort}` : '';
  const policy = `allow ${from} -> ${to}${service}`;
  return [
    {
      text: `add: ${policy}`,
      change(intent) {
        const parsed = read([{ name: 'added', text: policy }]);
        return parsed.ok ? { ...intent, policies: [...intent.policies, ...parsed.value.intent.policies] } : undefined;
      },
    },
    ...(start.kind === 'outside' && service !== '' ? published(packet, protocol, world) : []),
  ];
}

/** A container's own address is not for those outside; a port of the host can be. */
function published(packet: Packet, protocol: string, world: World): Candidate[] {
  const port = world.portOf(packet.destination);
  const address = world.addressOn(world.uplink(), packet.destination.family);
  if (!port || !address) return [];
  const { destinationPort } = packet;
  const spec = `${destinationPort}:${destinationPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
  const asked = `${formatAddress(address)} port ${destinationPort}`;
  return [
    {
      text: `add to container ${port.sandbox}: publish ${spec} (and ask for ${asked})`,
      packet: { ...packet, destination: address },
      change(intent) {
        const parsed = read([{ name: 'added', text: `container c { network none; publish ${spec} }` }]);
        const [more] = parsed.ok ? parsed.value.intent.containers : [];
        if (!more) return undefined;
        const containers = intent.containers.map((one) =>
          one.name === port.sandbox ? { ...one, publish: [...one.publish, ...more.publish] } : one,
        );
        return { ...intent, containers };
      },
    },
  ];
}

function arrives({ packet, start, world }: Question, changed: Resolved, others: readonly Table[]): boolean {
  const names = new Set<string>(changed.intent.containers.map(({ name }) => name));
  const outcome = compileIntent(changed, { leases: changed.leases(names) });
  if (!outcome.ok) return false;
  const { ruleset, topology } = outcome.value;
  const around = world.isBare ? world : world.withInhabitants(inhabitants(topology));
  return (
    travel(new Programs({ tables: [...ruleset.tables, ...others] }), around, packet, start).end.kind === 'delivered'
  );
}

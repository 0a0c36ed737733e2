import { type Address, formatAddress } from '../../dsl/core/address';
import type { Path } from '../../dsl/core/diagnostic';
import type { Origin } from '../../dsl/core/origin';
import type { PortRange } from '../../dsl/core/port';
import type { ContainerIntent, Intent, IntentDocument, PublishIntent } from '../../dsl/intent/model';
import type { Publish } from '../../dsl/intent/topology';
import type { Resolved } from '../compile';
import { read } from '../frontend';
import { spellStatement } from '../frontend/spell';
import { numberText } from '../meaning/symbols';
import type { Packet } from '../world/packet';
import type { Question } from './question';

/** A change that may let a packet arrive, to be tried. */
export interface Candidate {
  readonly text: string;
  /** The packet that would arrive, where it is not the same. */
  readonly packet?: Packet;
  /** The container that it has to arrive at; undefined: wherever it was sent to. */
  readonly reaches?: string;
  /** Undefined when it cannot be said. */
  change(intent: Intent): Intent | undefined;
}

/** Where rules that are loaded have become others. */
export const UNCHANGED: Candidate = {
  text: 'apply it again: the rules that are loaded are not those that were applied (see tsnet status)',
  change: (intent) => intent,
};

/** Protocols whose ports can be published. */
const PUBLISHABLE = ['tcp', 'udp', 'sctp'];

/** The protocol of a packet, where its ports can be published. */
export function publishableOf({ protocol }: Packet): string | undefined {
  const name = numberText(protocol, 'inet_proto');
  return PUBLISHABLE.includes(name) ? name : undefined;
}

/** Statements to take back, or to write with more in them: those that the deciding rules came from. */
export function withdrawn(question: Question, origins: readonly Origin[], resolved: Resolved): Candidate[] {
  return origins.flatMap((origin): Candidate[] => {
    if (origin.kind !== 'intent') return [];
    const [list, index, part] = origin.path;
    const words = statementAt(origin.path, resolved);
    if (list === 'policies')
      return [
        {
          text: `take back: ${words}`,
          change: (intent) => ({ ...intent, policies: intent.policies.filter((_, other) => other !== index) }),
        },
      ];
    if (list === 'containers' && part === 'publish') return [admitted(question, origin.path, words)];
    return [];
  });
}

/** The statement as it was written, or as it would be. */
export function statementAt(path: Path, { locate, document }: Resolved): string {
  const { span } = locate(path);
  const words = span
    ? span.source.text.slice(span.start, span.end).split('\n', 1)[0]
    : spellStatement(document() as IntentDocument, path)?.replace(/^container \S+: /, '');
  const statement = words?.replace(/[\s;]+$/, '') ?? '';
  // Of a publish that says nothing more, the place is that of its ports.
  return path[2] === 'publish' && !/^publish\s/.test(statement) ? `publish ${statement}` : statement;
}

const SOURCES = /\bfrom\s+(?:\{\s*(.*?)\s*\}|(.*?))(?=\s+limit\b|$)/;

function admitted({ packet }: Question, path: Path, words: string): Candidate {
  const source = formatAddress(packet.source);
  const wider = words.replace(SOURCES, (_, inBraces?: string, alone?: string) => {
    return `from { ${inBraces ?? alone}, ${source} }`;
  });
  return {
    text: `instead of ${words} write: ${wider}`,
    change: (intent) => withPublishAt(intent, path, (one) => ({ ...one, from: [...one.from, source] })),
  };
}

/** An intent of which one `publish` is another. */
export function withPublishAt(
  intent: Intent,
  [, index, , at]: Path,
  change: (publish: PublishIntent) => PublishIntent,
): Intent {
  return withContainer(intent, Number(index), (container) => ({
    ...container,
    publish: container.publish.map((one, place) => (place === at ? change(one) : one)),
  }));
}

function withContainer(intent: Intent, index: number, change: (container: ContainerIntent) => ContainerIntent): Intent {
  return { ...intent, containers: intent.containers.map((one, other) => (other === index ? change(one) : one)) };
}

/** Statements to add, and other packets to send. */
export function added({ packet, from, to, start, world }: Question, { topology }: Resolved): Candidate[] {
  const protocol = publishableOf(packet);
  const policy = `allow ${from} -> ${to}${protocol === undefined ? '' : ` ${protocol} ${packet.destinationPort}`}`;
  const allow: Candidate = {
    text: `add: ${policy}`,
    change(intent) {
      const parsed = read([{ name: 'added', text: policy }]);
      return parsed.ok ? { ...intent, policies: [...intent.policies, ...parsed.value.intent.policies] } : undefined;
    },
  };
  const port = start.kind === 'outside' ? world.portOf(packet.destination) : undefined;
  const address = world.addressOn(world.uplink(), packet.destination.family);
  if (protocol === undefined || !port || !address) return [allow];
  const name = port.sandbox;
  const { publishes = [] } = topology.containers.find((one) => one.name === name) ?? {};
  const toHost = publishes.flatMap((publish) => ways(publish, packet, protocol, address));
  if (toHost.length > 0) return [...toHost.map((other) => ask(name, other)), allow];
  const statement = publishStatement(packet.destinationPort, packet.destinationPort, protocol);
  const asked = `${formatAddress(address)} port ${packet.destinationPort}`;
  return [
    allow,
    {
      text: `add to container ${name}: ${statement} (and ask for ${asked})`,
      packet: { ...packet, destination: address },
      reaches: name,
      change: (intent) => withPublish(intent, name, statement),
    },
  ];
}

/** A container's own address is not for those outside; the port of the host that leads there, or has the same number, is. */
function ways({ ports, hostPorts, ...publish }: Publish, packet: Packet, protocol: string, address: Address): Packet[] {
  const { destinationPort: port } = packet;
  const hostPort = isIn(ports, port) ? hostPorts.first + port - ports.first : isIn(hostPorts, port) ? port : undefined;
  if (publish.protocol !== protocol || hostPort === undefined) return [];
  return [{ ...packet, destination: publish.hostAddress ?? address, destinationPort: hostPort }];
}

export function isIn({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last;
}

/** Another packet that reaches the container. */
export function ask(name: string, packet: Packet): Candidate {
  return {
    text: `ask for ${formatAddress(packet.destination)} port ${packet.destinationPort}`,
    packet,
    reaches: name,
    change: (intent) => intent,
  };
}

export function publishStatement(hostPort: number, port: number, protocol: string): string {
  return `publish ${hostPort}:${port}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/** The intent with one more `publish` of a container; undefined when it is none. */
export function withPublish(intent: Intent, name: string, statement: string): Intent | undefined {
  const parsed = read([{ name: 'added', text: `container c { network none; ${statement} }` }]);
  const [more] = parsed.ok ? parsed.value.intent.containers : [];
  const index = intent.containers.findIndex((one) => one.name === name);
  if (!more || index < 0) return undefined;
  return withContainer(intent, index, (one) => ({ ...one, publish: [...one.publish, ...more.publish] }));
}

import {
  addressOf,
  type Family,
  formatAddress,
  formatPrefix,
  type Prefix,
  parsePrefix,
  sameAddress,
} from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import type { NetworkIntent } from '../../dsl/intent/model';
import type { Container, Publish } from '../../dsl/intent/topology';
import type { Resolved } from '../compile';
import { ctStateNumber } from '../meaning/fields';
import type { Trip } from '../world/trip';
import {
  ask,
  type Candidate,
  isIn,
  publishableOf,
  publishStatement,
  statementAt,
  UNCHANGED,
  withPublish,
  withPublishAt,
} from './candidates';
import type { Question } from './question';

/** Why a packet that the host itself has was not for a container. */
export interface Near {
  readonly remarks: readonly string[];
  readonly candidates: readonly Candidate[];
}

/** A statement that the packet was probably meant for, and what is between. */
interface Miss {
  readonly origin: Origin;
  /** What follows the statement. */
  readonly because: string;
  readonly candidates: readonly Candidate[];
}

export const NOT_NEAR: Near = { remarks: [], candidates: [] };
const NEW = ctStateNumber('new');
/** More are not told: nobody reads them, and each suggestion has to be tried. */
const MOST = 3;
const NOT_PUBLISHED = 'no container has that port: only a program of the host itself could answer';

/** Publishes that nearly took a packet on which came to the host and stayed there. */
export function nearMisses(
  question: Question,
  { end }: Trip,
  resolved: Resolved,
  describe: (origin: Origin) => string | undefined,
): Near {
  const { packet } = question;
  const protocol = publishableOf(packet);
  const stayed =
    end.kind === 'delivered' &&
    end.place.kind === 'host' &&
    sameAddress(end.headers.destination, packet.destination) &&
    end.headers.destinationPort === packet.destinationPort;
  const { containers } = resolved.topology;
  if (!stayed || protocol === undefined || containers.length === 0 || !isOpening(packet)) return NOT_NEAR;
  const misses = likeliest((find, container) => find(container, question, protocol, resolved), containers);
  return {
    remarks: [NOT_PUBLISHED, ...misses.map(({ origin, because }) => `${describe(origin)} ${because}`)],
    candidates: misses.flatMap(({ candidates }) => candidates),
  };
}

/** What the first to find anything finds, as far as it is told. */
function likeliest(look: (find: Find, container: Container) => readonly Miss[], containers: readonly Container[]) {
  for (const find of FINDERS) {
    const found: Miss[] = [];
    for (const container of containers) {
      found.push(...look(find, container));
      if (found.length >= MOST) break;
    }
    if (found.length > 0) return found.slice(0, MOST);
  }
  return [];
}

/** Only the first packet of a connection is led anywhere by a publish. */
function isOpening({ more }: Question['packet']): boolean {
  return (more.get('ct.state') ?? NEW) === NEW;
}

type Find = (container: Container, question: Question, protocol: string, resolved: Resolved) => readonly Miss[];

/** The likeliest first: the next is asked when none before it has found anything. */
const FINDERS: readonly Find[] = [elsewhere, otherProtocol, otherPort, exposed];

/** The host port is published, but on another address, or not for the family. */
function elsewhere({ name, publishes }: Container, question: Question, protocol: string, resolved: Resolved): Miss[] {
  const { packet } = question;
  const { family } = packet.destination;
  return publishes.flatMap((publish): Miss[] => {
    if (publish.protocol !== protocol || !isIn(publish.hostPorts, packet.destinationPort)) return [];
    const { path, hostAddress } = publish;
    const origin: Origin = { kind: 'intent', path };
    if (
      publish.targets.some((target) => target.family === family) &&
      (!hostAddress || sameAddress(hostAddress, packet.destination))
    )
      return [
        {
          origin,
          because: 'is for that port, and no rule led the packet there',
          candidates: [{ ...UNCHANGED, reaches: name }],
        },
      ];
    if (!hostAddress)
      return [
        {
          origin,
          because: `is not for IPv${family}: ${name} has no such address`,
          candidates: withFamily(name, family, resolved),
        },
      ];
    const asked = { ...packet, destination: hostAddress };
    const there = family === hostAddress.family && question.world.isLocal(hostAddress);
    return [
      {
        origin,
        because: `is for ${formatAddress(hostAddress)} alone`,
        candidates: [...onEveryAddress(name, publish, resolved), ...(there ? [ask(name, asked)] : [])],
      },
    ];
  });
}

function onEveryAddress(name: string, { path }: Publish, resolved: Resolved): Candidate[] {
  const [, index, , at] = path;
  const container = resolved.intent.containers[Number(index)];
  const own = container?.publish[Number(at)];
  if (own?.spec.address) {
    const words = statementAt(path, resolved);
    return [
      {
        text: `instead of ${words} write: ${words.replace(/^publish\s+(\[[^\]]*\]|[^:\s]*):(?=[\d-]*:)/, 'publish ')}`,
        reaches: name,
        change: (intent) =>
          withPublishAt(intent, path, (one) => ({ ...one, spec: { ...one.spec, address: undefined } })),
      },
    ];
  }
  return networksOf(container?.networks, resolved)
    .flatMap(({ publishAddresses, ...network }) =>
      publishAddresses.map((address) => ({ network: network.name, address: formatAddress(address) })),
    )
    .slice(0, 1)
    .map(({ network, address }) => ({
      text: `take back: publish-address ${address} (of network ${network})`,
      reaches: name,
      change: (intent) => withNetwork(intent, network, (one) => ({ ...one, publishAddresses: [] })),
    }));
}

type Intent = Resolved['intent'];

function networksOf(networks: unknown, { intent }: Resolved): readonly NetworkIntent[] {
  const names: readonly string[] = Array.isArray(networks) ? networks.map(({ network }) => network) : [];
  return intent.networks.filter(({ name }) => names.includes(name));
}

function withNetwork(intent: Intent, name: string, change: (network: NetworkIntent) => NetworkIntent): Intent {
  return { ...intent, networks: intent.networks.map((one) => (one.name === name ? change(one) : one)) };
}

/** A subnet of the family for a network that the container is published by; of IPv6, for of IPv4 none is free for sure. */
function withFamily(name: string, family: Family, resolved: Resolved): Candidate[] {
  if (family !== 6) return [];
  const { topology } = resolved;
  const container = resolved.intent.containers.find((one) => one.name === name);
  return networksOf(container?.networks, resolved)
    .filter(({ internal }) => !internal)
    .slice(0, 1)
    .flatMap(({ name: network }) => {
      const [own] = topology.networks.find((one) => one.name === network)?.subnets ?? [];
      const text = own && localPrefix(own.prefix);
      const prefix = text === undefined ? undefined : parsePrefix(text);
      if (!prefix?.ok) return [];
      return [
        {
          text: `add to network ${network}: subnet ${formatPrefix(prefix.value)}`,
          reaches: name,
          change: (intent: Intent) =>
            withNetwork(intent, network, (one) => ({ ...one, subnets: [...one.subnets, prefix.value] })),
        },
      ];
    });
}

/** `fd00:172:17::/64` for 172.17.0.0/16: an address block for nobody but this host (RFC 4193), that tells which it belongs to. */
function localPrefix(prefix: Prefix): string | undefined {
  const [first, second, third] = formatAddress(addressOf(prefix)).split('.');
  return third === undefined ? undefined : `fd00:${first}:${second}:${third}::/64`;
}

/** The port is published, of another protocol. */
function otherProtocol({ name, publishes }: Container, { packet }: Question, protocol: string): Miss[] {
  return publishes
    .filter(({ hostPorts }) => isIn(hostPorts, packet.destinationPort))
    .map((publish): Miss => {
      const port = publish.ports.first + packet.destinationPort - publish.hostPorts.first;
      return {
        origin: { kind: 'intent', path: publish.path },
        because: `is of ${publish.protocol} alone`,
        candidates: [addition(name, publishStatement(packet.destinationPort, port, protocol))],
      };
    });
}

function addition(name: string, statement: string): Candidate {
  return {
    text: `add to container ${name}: ${statement}`,
    reaches: name,
    change: (intent) => withPublish(intent, name, statement),
  };
}

/** The port is the container's own, behind another of the host. */
function otherPort({ name, publishes }: Container, { packet, world }: Question, protocol: string): Miss[] {
  return publishes
    .filter((one) => one.protocol === protocol && isIn(one.ports, packet.destinationPort))
    .map(({ path, ports, hostPorts, hostAddress }): Miss => {
      const port = hostPorts.first + packet.destinationPort - ports.first;
      const address = hostAddress ?? packet.destination;
      const there = address.family === packet.destination.family && world.isLocal(address);
      return {
        origin: { kind: 'intent', path },
        because: `leads to port ${packet.destinationPort} of ${name}`,
        candidates: there ? [ask(name, { ...packet, destination: address, destinationPort: port })] : [],
      };
    });
}

/** The port is exposed, which opens none of the host. */
function exposed({ name, exposes }: Container, { packet }: Question, protocol: string): Miss[] {
  return exposes
    .filter((one) => one.protocol === protocol && isIn(one.ports, packet.destinationPort))
    .map(
      ({ path }): Miss => ({
        origin: { kind: 'intent', path },
        because: `opens no port of the host`,
        candidates: [addition(name, publishStatement(packet.destinationPort, packet.destinationPort, protocol))],
      }),
    );
}

import { type Address, contains, type Family, formatAddress } from '../../dsl/core/address';
import { PROTOCOLS } from '../meaning/registries';
import { answer, isAnswer } from '../world/answer';
import type { Port } from '../world/inhabitants';
import { UPLINK } from '../world/layout';
import type { Programs } from '../world/programs';
import { travel } from '../world/travel';
import type { Start } from '../world/trip';
import { portFor, type World } from '../world/world';
import type { Side } from './parties';
import type { Asked } from './rules';
import { type Class, Scope } from './scope';

/** A packet of those that an expectation speaks of, to be sent; and what the model says becomes of it. */
export interface Sample {
  /** The expectation's place in the intent. */
  readonly index: number;
  /** A container's name, `host` or `outside`. */
  readonly from: string;
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly arrives: boolean;
  /** Who answers: a container's name, `host`, `outside`; undefined: nobody. */
  readonly answers: string | undefined;
  /** Who would have to listen for that, and on which port. */
  readonly listener: { readonly at: string; readonly port: number };
}

/** Of one expectation. */
const MOST = 8;

/**
 * Packets that show with what the model says of them whether it is right; none for what cannot be sent. `outside` has the
 * addresses that there is somebody at.
 */
export function samplesOf(
  { index, expectation, pairs }: Asked,
  outside: readonly Address[],
  world: World,
  programs: Programs,
): readonly Sample[] {
  const { protocol = 'tcp', ports } = expectation;
  if (protocol === 'sctp') return [];
  const port: number = ports[0]?.first ?? 80;
  const classes = new Scope(expectation, pairs, world, programs.names).classes();
  return firstOf(MOST, waysOf(classes, outside, world)).flatMap(({ from, source, start, destination }): Sample[] => {
    const packet = {
      source,
      destination,
      protocol: PROTOCOLS.numberOf(protocol) ?? 6,
      sourcePort: 40000,
      destinationPort: port,
      more: new Map(),
    };
    const begin = start.kind === 'port' ? (startIn(world, start.port.sandbox, destination) ?? start) : start;
    if (begin.kind === 'port' && start.kind === 'port' && begin.port.name !== start.port.name) return [];
    const trip = travel(programs, world, packet, begin);
    const { end } = trip;
    const back = answer(programs, world, trip, begin);
    const arrived = end.kind === 'delivered' ? end : undefined;
    const at = arrived ? (arrived.place.kind === 'port' ? arrived.place.port.sandbox : arrived.place.kind) : undefined;
    const answered = back !== undefined && at !== undefined && isAnswer(back, trip);
    return [
      {
        index,
        from,
        source,
        destination,
        protocol,
        port,
        arrives: arrived !== undefined,
        answers: answered ? at : undefined,
        listener: arrived
          ? { at: at ?? 'host', port: arrived.headers.destinationPort }
          : { at: ownerOf(destination, world), port },
      },
    ];
  });
}

/** Of each sender of a class to each receiver. */
function* waysOf(classes: readonly Class[], outside: readonly Address[], world: World): Generator<Way> {
  for (const one of classes) {
    const receivers = receiversOf(one, outside);
    for (const sender of sendersOf(one, outside, world))
      for (const destination of receivers) yield { ...sender, destination };
  }
}

function firstOf<T>(most: number, all: Iterable<T>): T[] {
  const first: T[] = [];
  for (const one of all) if (first.push(one) === most) break;
  return first;
}

function startIn(world: World, name: string, destination: Address): Extract<Start, { kind: 'port' }> | undefined {
  const home = world.home(name);
  if (!home || home === 'host') return undefined;
  const [first, ...rest] = home.ports;
  return first && { kind: 'port', port: portFor([first, ...rest], destination) };
}

function ownerOf(address: Address, world: World): string {
  return world.isLocal(address) ? 'host' : (world.portOf(address)?.sandbox ?? 'outside');
}

interface Sender {
  readonly from: string;
  readonly source: Address;
  readonly start: Start;
}

interface Way extends Sender {
  readonly destination: Address;
}

function sendersOf({ from, family, target }: Class, outside: readonly Address[], world: World): readonly Sender[] {
  switch (from.kind) {
    case 'host': {
      const source =
        target.kind === 'local'
          ? target.address
          : world.addressOn(target.kind === 'routed' ? target.interface : world.uplink(), family);
      return source ? [{ from: 'host', source, start: { kind: 'host' } }] : [];
    }
    case 'outside':
      return within(from, family, outside)
        .slice(0, 1)
        .map((source) => ({ from: 'outside', source, start: { kind: 'outside', interface: UPLINK } }));
    case 'ports':
      return from.ports.flatMap((port) =>
        addressesOf(port, family)
          .slice(0, 1)
          .map((source) => ({ from: port.sandbox, source, start: { kind: 'port' as const, port } })),
      );
  }
}

function receiversOf({ to, target, family }: Class, outside: readonly Address[]): readonly Address[] {
  if (target.kind === 'local') return [target.address];
  if (to.kind === 'ports') return to.ports.flatMap((port) => addressesOf(port, family));
  return to.kind === 'outside' ? within(to, family, outside).slice(0, 1) : [];
}

function within(
  side: Extract<Side, { kind: 'outside' }>,
  family: Family,
  outside: readonly Address[],
): readonly Address[] {
  return outside.filter(
    (address) => address.family === family && side.blocks.some((block) => contains(block, address)),
  );
}

function addressesOf({ addresses }: Port, family: Family): readonly Address[] {
  return addresses.filter((address) => address.family === family);
}

export function sampleText({ from, destination, protocol, port }: Sample): string {
  return `${protocol} from ${from} to ${formatAddress(destination)} port ${port}`;
}

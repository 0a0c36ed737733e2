import { type Address, type Family, formatAddress, parseAddress } from '../../dsl/core/address';
import type { Field } from '../meaning/condition';
import { bitsOf, CT_STATES, ctStateNumber, isName, WITH_PORTS } from '../meaning/fields';
import { PROTOCOLS } from '../meaning/registries';
import { CT_STATUS, TCP_FLAGS } from '../meaning/symbols';
import { macNumber, type Port } from '../world/inhabitants';
import { ICMP, type Packet } from '../world/packet';
import { toldTypes } from '../world/told';
import type { Start } from '../world/trip';
import { portFor, type World } from '../world/world';

/** A packet asked about, and where it sets out. */
export interface Question {
  readonly packet: Packet;
  readonly start: Start;
  /** Fields of the packet that are names. */
  readonly named: ReadonlyMap<Field, string>;
  /** Whether fields were told one by one, whatever else is told. */
  readonly hasFields: boolean;
  /** Where it is asked: what stands around may have had to be assumed. */
  readonly world: World;
  /** The two sides as a policy would name them; undefined when there is no such name. */
  readonly from: string;
  readonly to: string;
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

/** What is wrong with the words of a question. */
export class Unclear extends Error {}

interface Words {
  readonly from: string;
  readonly to: string;
  readonly as: string | undefined;
  /** `icmp`: what goes by that name in the packet's family. */
  readonly protocol: number | 'icmp';
  readonly port: number | undefined;
  readonly sourcePort: number | undefined;
  readonly in: string | undefined;
  readonly out: string | undefined;
  readonly more: Map<Field, number>;
  readonly named: ReadonlyMap<Field, string>;
  readonly hasFields: boolean;
}

const DEFAULT_SOURCE_PORT = 40000;
const STATES = CT_STATES.map(([name]) => name);
const FLAG_NAMES = Object.keys(TCP_FLAGS);

export const QUESTION_WORDS =
  'from PLACE to PLACE [PROTOCOL [PORT]] [sport PORT] [as ADDRESS] [in INTERFACE] [out INTERFACE] [state STATE] ' +
  '[status STATUS] [mark NUMBER] [flags FLAGS] [type NUMBER] [mac MAC] [with FIELD=NUMBER]';

/**
 * Reads `from web to db tcp 5432`. A place is a container, a network, `host`, `outside` or an address; words that say
 * more of the packet follow in any order.
 */
export function questionOf(words: readonly string[], world: World, family: Family | undefined): Question {
  const said = readWords(words);
  const notes: string[] = [];
  const [from, to] = [placeOf(said.from, world, notes), placeOf(said.to, world, notes)];
  const source = said.as === undefined ? undefined : addressNamed(said.as);
  const chosen = family ?? source?.family ?? commonFamily(from, to);
  const destination = addressTo(to, from, chosen, world);
  const port = from.kind === 'port' ? portFor(from.ports, destination) : undefined;
  const assumed = from.kind !== 'port' && from.kind !== 'host' && leadsBack(to, destination, from, said, world);
  const start = startOf(from, port, said, world);
  if (assumed) notes.push(`${formatAddress(destination)} is taken for an address of the host`);
  const own = source ?? ownAddress(from, port, destination, world);
  if (own.family !== destination.family)
    throw new Unclear(`${formatAddress(own)} and ${formatAddress(destination)} are of two families`);
  const protocol = said.protocol === 'icmp' ? ICMP[chosen] : said.protocol;
  return {
    packet: {
      source: own,
      destination,
      protocol,
      sourcePort: said.sourcePort ?? DEFAULT_SOURCE_PORT,
      destinationPort: said.port ?? 0,
      more: said.more,
    },
    start,
    named: said.named,
    hasFields: said.hasFields,
    world: assumed ? world.and({ address: destination, interface: said.in ?? world.uplink() }) : world,
    from: partyOf(said.from, world, own),
    to: partyOf(said.to, world, destination),
    notes,
  };
}

type Place =
  | { readonly kind: 'host' | 'outside' }
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'port'; readonly ports: readonly [Port, ...Port[]] };

function readWords(words: readonly string[]): Words {
  const rest = [...words];
  let [from, to, as, into, out]: (string | undefined)[] = [];
  let protocol: Words['protocol'] = 6;
  let [port, sourcePort]: (number | undefined)[] = [];
  const more = new Map<Field, number>();
  const named = new Map<Field, string>();
  let hasFields = false;
  const value = (word: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new Unclear(`something has to follow \`${word}\``);
    return next;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift())
    switch (word) {
      case 'from':
        from = value(word);
        break;
      case 'to':
        to = value(word);
        break;
      case 'as':
        as = value(word);
        break;
      case 'in':
        into = value(word);
        break;
      case 'out':
        out = value(word);
        break;
      case 'sport':
        sourcePort = numberFrom(value(word), 65535, 'a port');
        break;
      case 'state': {
        const state = value(word);
        const known = STATES.find((one) => one === state);
        if (!known) throw new Unclear(`a state is one of ${STATES.join(', ')}, not ${state}`);
        more.set('ct.state', ctStateNumber(known));
        break;
      }
      case 'status':
        for (const status of value(word).split(',')) {
          const index = Math.log2(CT_STATUS[status] ?? 0);
          if (!(index >= 0))
            throw new Unclear(`a status is one of ${Object.keys(CT_STATUS).join(', ')}, not ${status}`);
          more.set(bitsOf('ct.status', 16)[index] as Field, 1);
        }
        break;
      case 'flags': {
        const flags = value(word).split(',');
        for (const [index, field] of bitsOf('tcp flags', 8).entries())
          more.set(field, Number(flags.includes(FLAG_NAMES[index] ?? '')));
        const unknown = flags.find((flag) => flag !== 'none' && !FLAG_NAMES.includes(flag));
        if (unknown !== undefined) throw new Unclear(`a flag is one of ${FLAG_NAMES.join(', ')}, not ${unknown}`);
        break;
      }
      case 'mark':
      case 'ctmark': {
        const mark = numberFrom(value(word), 0xffffffff, 'a mark');
        for (const [index, field] of bitsOf(word === 'mark' ? 'mark' : 'ct mark', 32).entries())
          more.set(field, Math.floor(mark / 2 ** index) % 2);
        break;
      }
      case 'type':
        more.set('icmp type', numberFrom(value(word), 255, 'a type'));
        break;
      case 'mac':
        more.set('ether saddr', macNumber(value(word)));
        break;
      case 'with': {
        hasFields = true;
        const [field = '', text = ''] = value(word).split(/=(?=[^=]*$)/);
        if (isName(field)) named.set(field, text === 'none' ? '' : text);
        else more.set(field, numberFrom(text, Number.MAX_SAFE_INTEGER, 'a value'));
        break;
      }
      default: {
        const known = PROTOCOLS.numberOf(word) ?? (/^\d+$/.test(word) ? Number(word) : undefined);
        if (known === undefined || known > 255)
          throw new Unclear(`\`${word}\` is no word of a packet: ${QUESTION_WORDS}`);
        protocol = word === 'icmp' ? word : known;
        const next = rest[0] ?? '';
        if (WITH_PORTS.has(known) && /^\d+$/.test(next)) port = numberFrom(rest.shift() ?? '', 65535, 'a port');
      }
    }
  if (from === undefined || to === undefined)
    throw new Unclear(`a packet goes from a place to a place: ${QUESTION_WORDS}`);
  return { from, to, as, in: into, out, protocol, port, sourcePort, more, named, hasFields };
}

function numberFrom(text: string, most: number, what: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new Unclear(`${what} is a number from 0 to ${most}, not ${text}`);
  return value;
}

function addressNamed(text: string): Address {
  const address = parseAddress(text);
  if (!address.ok) throw new Unclear(address.problem.message);
  return address.value;
}

function placeOf(word: string, world: World, notes: string[]): Place {
  if (word === 'host' || word === 'outside') return { kind: word };
  const home = world.home(word);
  if (home === 'host') return { kind: 'host' };
  if (home) {
    const [first, ...others] = home.ports;
    if (!first) throw new Unclear(`${word} has no network`);
    return { kind: 'port', ports: [first, ...others] };
  }
  const bridge = world.bridgeOf(word);
  if (bridge) {
    const [first] = world.portsOn(bridge.name);
    if (!first) throw new Unclear(`there is no container in network ${word}: name an address`);
    notes.push(`${first.sandbox} stands for network ${word}`);
    return { kind: 'port', ports: [first] };
  }
  const address = parseAddress(word);
  if (!address.ok) throw new Unclear(`${word} is no container, no network and no address`);
  if (world.isLocal(address.value)) return { kind: 'address', address: address.value };
  const port = world.portOf(address.value);
  return port
    ? { kind: 'port', ports: [{ ...port, addresses: [address.value] }] }
    : { kind: 'address', address: address.value };
}

function familiesOf(place: Place): readonly Family[] {
  switch (place.kind) {
    case 'address':
      return [place.address.family];
    case 'port':
      return place.ports.flatMap(({ addresses }) => addresses.map(({ family }) => family));
    default:
      return [4, 6];
  }
}

function commonFamily(from: Place, to: Place): Family {
  const both = ([4, 6] as const).find((one) => familiesOf(from).includes(one) && familiesOf(to).includes(one));
  if (!both) throw new Unclear('the two have no family of addresses in common');
  return both;
}

function addressTo(to: Place, from: Place, family: Family, world: World): Address {
  switch (to.kind) {
    case 'address':
      return to.address;
    case 'outside':
      return clientOf(world, family);
    case 'host': {
      const found = world.addressOn(world.uplink(), family);
      if (!found) throw new Unclear(`the host has no address of IPv${family}`);
      return found;
    }
    case 'port': {
      const near = from.kind === 'port' ? from.ports.map(({ bridge }) => bridge) : [];
      const found = [...to.ports]
        .sort((a, b) => Number(near.includes(b.bridge)) - Number(near.includes(a.bridge)))
        .flatMap(({ addresses }) => addresses)
        .find((address) => address.family === family);
      if (!found) throw new Unclear(`${to.ports[0].sandbox} has no address of IPv${family}`);
      return found;
    }
  }
}

function clientOf(world: World, family: Family): Address {
  const client = world.client.find((address) => address.family === family);
  if (!client) throw new Unclear('name an address outside');
  return client;
}

function ownAddress(from: Place, port: Port | undefined, destination: Address, world: World): Address {
  const { family } = destination;
  if (from.kind === 'address') return from.address;
  const missing = () => new Unclear(`the sender has no address of IPv${family}`);
  if (port) {
    const own = port.addresses.find((address) => address.family === family);
    if (!own) throw missing();
    return own;
  }
  if (from.kind === 'outside') return clientOf(world, family);
  if (world.isLocal(destination)) return destination;
  const own = world.addressOn(world.routeTo(destination)?.interface ?? world.uplink(), family);
  if (!own) throw missing();
  return own;
}

function startOf(from: Place, port: Port | undefined, said: Words, world: World): Start {
  if (world.isBare) {
    if (from.kind !== 'host' && said.in === undefined && said.out === undefined)
      throw new Unclear(
        'rules alone do not say where a packet comes from: `in eth0`, and `out eth1` if it is passed on',
      );
    for (const [field, type] of toldTypes(from.kind !== 'host' && said.in !== undefined, said.out !== undefined))
      if (!said.more.has(field)) said.more.set(field, type);
    return { kind: 'told', in: from.kind === 'host' ? undefined : said.in, out: said.out };
  }
  if (port && said.in === undefined) return { kind: 'port', port };
  if (from.kind === 'host' || (from.kind === 'address' && world.isLocal(from.address) && said.in === undefined))
    return { kind: 'host' };
  const source = from.kind === 'address' ? from.address : undefined;
  const way = said.in ?? (source && world.routeTo(source)?.interface) ?? world.uplink();
  if (said.in === undefined && source && world.bridge(way)) {
    const network = world.bridge(way)?.network;
    throw new Unclear(
      `no container of network ${network} has ${formatAddress(source)}; to ask about a sender that pretends to: from NAME as ${formatAddress(source)}`,
    );
  }
  return { kind: 'outside', interface: way };
}

/** What a policy calls a side: a container that has another's network has its name there too. */
function partyOf(word: string, world: World, address: Address): string {
  if (word === 'outside') return formatAddress(address);
  const home = world.home(word);
  return typeof home === 'object' ? home.name : (home ?? word);
}

/** Where a packet from outside would go out as it came in, it is meant for the host. */
function leadsBack(to: Place, destination: Address, from: Place, said: Words, world: World): boolean {
  if (world.isBare || to.kind !== 'address' || said.out !== undefined || world.isLocal(destination)) return false;
  if (from.kind === 'address' && world.isLocal(from.address) && said.in === undefined) return false;
  return world.routeTo(destination)?.interface === (said.in ?? world.uplink());
}

import { type Address, type Family, parseAddress } from '../../dsl/core/address';
import { closest } from '../../dsl/core/suggest';
import type { Port } from '../world/inhabitants';
import type { World } from '../world/world';
import { Unclear } from './words';

/** One end of a packet's way, as it is said. */
export type Place =
  | { readonly kind: 'host' | 'outside' }
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'port'; readonly ports: readonly [Port, ...Port[]] };

export function placeOf(word: string, world: World, family: Family | undefined, notes: string[]): Place {
  if (word === 'host' || word === 'outside') return { kind: word };
  if (word === 'localhost') return { kind: 'address', address: addressNamed(family === 6 ? '::1' : '127.0.0.1') };
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
  if (!address.ok) throw new Unclear(unknownPlace(word, world));
  if (world.isLocal(address.value)) return { kind: 'address', address: address.value };
  const port = world.portOf(address.value);
  return port
    ? { kind: 'port', ports: [{ ...port, addresses: [address.value] }] }
    : { kind: 'address', address: address.value };
}

function unknownPlace(word: string, world: World): string {
  const unknown = `${word} is no container, no network and no address`;
  const { place, port } = /^(?<place>\[[^\]]+\]|[^:]+):(?<port>\d+)$/.exec(word)?.groups ?? {};
  if (place !== undefined) return `${unknown}: say ${place.replace(/[[\]]/g, '')} tcp ${port}`;
  const near = closest(word, ['host', 'outside', ...world.names()]);
  return near === undefined ? unknown : `${unknown}; did you mean ${near}?`;
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

export function commonFamily(from: Place, to: Place): Family {
  const both = ([4, 6] as const).find((one) => familiesOf(from).includes(one) && familiesOf(to).includes(one));
  if (!both) throw new Unclear('the two have no family of addresses in common');
  return both;
}

export function addressTo(to: Place, from: Place, family: Family, world: World): Address {
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

export function ownAddress(from: Place, port: Port | undefined, destination: Address, world: World): Address {
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

export function addressNamed(text: string): Address {
  const address = parseAddress(text);
  if (!address.ok) throw new Unclear(address.problem.message);
  return address.value;
}

import { type Address, contains, formatAddress, isLoopback, sameAddress } from '../../dsl/core/address';
import type { Hook, Ruleset } from '../../dsl/ruleset/tree';
import { type Derive, type Met, Walk } from '../evaluate/walk';
import type { Field } from '../meaning/condition';
import { bitsOf, ctStateNumber, DESTINATION_DONE, renewed } from '../meaning/fields';
import type { Names } from '../meaning/names';
import { namesOf, type Program, programOf } from '../meaning/program';
import type { Plane } from '../meaning/reading';
import type { Decision } from '../meaning/steps';
import type { Port } from './inhabitants';
import { addressFacts, addressIn, factsOf, type Packet, WITH_PORTS } from './packet';
import { isShare } from './told';
import { portFor, type World } from './world';

/** A ruleset as packets of each kind meet it; what it is to one kind is read when one of that kind comes. */
export class Programs {
  private readonly read = new Map<Plane, Program>();
  readonly names: Names;

  constructor(private readonly ruleset: Ruleset) {
    this.names = namesOf([ruleset]);
  }

  of(plane: Plane): Program {
    const known = this.read.get(plane);
    if (known) return known;
    const program = programOf(this.ruleset, plane, this.names);
    this.read.set(plane, program);
    return program;
  }
}

/** Where a packet is when it sets out. */
export type Start =
  | { readonly kind: 'outside'; readonly interface: string }
  | { readonly kind: 'host' }
  | { readonly kind: 'port'; readonly port: Port }
  /** For rules without surroundings: the interfaces are told, and a packet with no way out is for the host. */
  | { readonly kind: 'told'; readonly in: string | undefined; readonly out: string | undefined };

/** A hook that a packet came to. */
export interface Stop {
  readonly plane: Program['plane'];
  readonly hook: Hook;
  readonly in: string | undefined;
  readonly out: string | undefined;
  readonly met: readonly Met[];
  /** What ended the way here. */
  readonly decision: Decision | undefined;
  /** The packet as it came to the hook. */
  readonly headers: Headers;
  /** What fields said when it was over. */
  after(field: Field): number;
}

export interface Headers {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export type Place =
  | { readonly kind: 'host' }
  | { readonly kind: 'port'; readonly port: Port }
  | { readonly kind: 'outside'; readonly interface: string };

export type End =
  | { readonly kind: 'delivered'; readonly place: Place; readonly headers: Headers }
  | { readonly kind: 'stopped'; readonly decision: Decision; readonly by: Met | undefined }
  /** It came to no rule's decision: there is no way on. */
  | { readonly kind: 'lost'; readonly because: string };

export interface Trip {
  readonly packet: Packet;
  readonly stops: readonly Stop[];
  readonly end: End;
}

/** A packet's way from where it is sent to where it ends, hook by hook. */
export function travel(programs: Programs, world: World, packet: Packet, start: Start): Trip {
  const traveller = new Traveller(programs, world, packet, start);
  const end = traveller.go();
  return { packet, stops: traveller.stops, end };
}

/** The first answer to a packet that was delivered: back from where it came to, to whom it came from there. */
export function answer(programs: Programs, world: World, { packet, end }: Trip, asked: Start): Trip | undefined {
  if (end.kind !== 'delivered') return undefined;
  const { headers, place } = end;
  const [translatedTo, translatedFrom] = [
    !sameAddress(headers.destination, packet.destination) || headers.destinationPort !== packet.destinationPort,
    !sameAddress(headers.source, packet.source) || headers.sourcePort !== packet.sourcePort,
  ];
  const [status, flags] = [bitsOf('ct.status', 16), bitsOf('tcp flags', 8)];
  const icmp = packet.protocol === 1 ? 0 : packet.protocol === 58 ? 129 : undefined;
  const more = new Map<Field, number>([
    ['ct.state', ctStateNumber('established')],
    ['ct.direction', 1],
    [status[5] as Field, Number(translatedTo)],
    [status[4] as Field, Number(translatedFrom)],
    [flags[1] as Field, 1],
    [flags[4] as Field, 1],
    ...(icmp === undefined ? [] : [['icmp type', icmp] as const]),
    ...[...addressFacts('saddr', packet.source), ...addressFacts('daddr', packet.destination)].map(
      ([field, value]) => [`ct original ${field}`, value] as const,
    ),
    ['ct original protocol', packet.protocol],
    ['ct original proto-src', packet.sourcePort],
    ['ct original proto-dst', packet.destinationPort],
    ...addressFacts('daddr', packet.source).map(([field, value]) => [renewed(field), value] as const),
    ...addressFacts('saddr', packet.destination).map(([field, value]) => [renewed(field), value] as const),
    [renewed('dport'), packet.sourcePort],
    [renewed('sport'), packet.destinationPort],
  ]);
  const reply: Packet = {
    source: headers.destination,
    destination: headers.source,
    protocol: packet.protocol,
    sourcePort: headers.destinationPort,
    destinationPort: headers.sourcePort,
    more,
  };
  const told = asked.kind === 'told' ? { kind: 'told' as const, in: asked.out, out: asked.in } : undefined;
  return travel(programs, world, reply, told ?? answering(place, headers.source, world));
}

/** An answer is one for the asker alone when it seems to come from where the question went. */
export function isAnswer({ end }: Trip, { packet }: Trip): boolean {
  if (end.kind !== 'delivered') return false;
  const { source, destination, sourcePort, destinationPort } = end.headers;
  if (!sameAddress(source, packet.destination) || !sameAddress(destination, packet.source)) return false;
  if (!WITH_PORTS.has(packet.protocol)) return true;
  return sourcePort === packet.destinationPort && destinationPort === packet.sourcePort;
}

/** A sandbox answers by its own routes, not by the way that the question came. */
function answering(place: Place, asker: Address, world: World): Place {
  if (place.kind !== 'port') return place;
  const home = world.home(place.port.sandbox);
  const [first, ...others] = home && home !== 'host' ? home.ports : [];
  return first ? { kind: 'port', port: portFor([first, ...others], asker) } : place;
}

const MARTIAN = 'the kernel takes no packets of 127.0.0.0/8 from outside (net.ipv4.conf.*.route_localnet)';

/** ARPHRD_* of linux/if_arp.h. */
const ETHERNET_TYPE = 1;
const LOOPBACK_TYPE = 772;

class Traveller {
  readonly stops: Stop[] = [];
  private readonly walk: Walk;
  private readonly family: Address['family'];
  private readonly plane: 'ip' | 'ip6';

  constructor(
    private readonly programs: Programs,
    private readonly world: World,
    private readonly packet: Packet,
    private readonly start: Start,
  ) {
    this.family = packet.destination.family;
    this.plane = this.family === 4 ? 'ip' : 'ip6';
    this.walk = new Walk(factsOf(packet), this.derive);
  }

  go(): End {
    const { start } = this;
    switch (start.kind) {
      case 'host':
        return this.sent();
      case 'outside':
        this.enter(start.interface);
        return this.arrived(start.interface);
      case 'told':
        return this.told(start.in, start.out);
      case 'port':
        return this.fromPort(start.port);
    }
  }

  private told(into: string | undefined, out: string | undefined): End {
    if (into === undefined) {
      this.walk.set('sender known', 1);
      this.leaveBy(out);
      return (
        this.at(this.plane, 'output', undefined, out) ??
        this.at(this.plane, 'postrouting', undefined, out) ??
        this.delivered({ kind: 'outside', interface: out ?? '' })
      );
    }
    this.enter(into);
    const stopped = this.at(this.plane, 'prerouting', into, undefined);
    if (stopped) return stopped;
    if (out === undefined) return this.at(this.plane, 'input', into, undefined) ?? this.delivered({ kind: 'host' });
    this.leaveBy(out);
    this.walk.takeHop(this.programs.of(this.plane));
    return (
      this.at(this.plane, 'forward', into, out) ??
      this.at(this.plane, 'postrouting', into, out) ??
      this.delivered({ kind: 'outside', interface: out })
    );
  }

  /** A frame that comes from a sandbox. */
  private fromPort(port: Port): End {
    const { destination } = this.packet;
    if (isLoopback(destination) || this.isOwn(port, destination)) return this.delivered({ kind: 'port', port });
    const bridge = this.world.bridge(port.bridge);
    if (!bridge) return this.arrivedBy(port.bridge);
    const next = port.link.some((prefix) => contains(prefix, destination))
      ? destination
      : port.gateways.find(({ family }) => family === this.family);
    if (!next) return { kind: 'lost', because: `${port.sandbox} has no route to ${formatAddress(destination)}` };
    const peer = this.world.portWith(port.bridge, next);
    const toHost = bridge.isolated ? next !== undefined : this.world.isLocal(next);
    if (!toHost && !peer)
      return { kind: 'lost', because: `nobody in network ${bridge.network} has ${formatAddress(next)}` };
    this.frame(port.mac, toHost ? bridge.mac : (peer as Port).mac);
    this.enter(port.name);
    const stopped = this.at('bridge', 'prerouting', port.name, undefined);
    if (stopped) return stopped;
    if (toHost || !peer) {
      const held = this.at('bridge', 'input', port.name, undefined);
      return held ?? this.arrivedBy(port.bridge);
    }
    return this.between(port, peer);
  }

  /** A sandbox reaches all of its own addresses without leaving. */
  private isOwn({ sandbox }: Port, destination: Address): boolean {
    const home = this.world.home(sandbox);
    if (!home || home === 'host') return false;
    return home.ports.some(({ addresses }) => addresses.some((one) => sameAddress(one, destination)));
  }

  /** From one port of a bridge to another. */
  private between(port: Port, peer: Port): End {
    if (this.world.bridgeNetfilter) {
      this.enter(port.bridge);
      const before = this.at(this.plane, 'prerouting', port.bridge, undefined);
      if (before) return before;
      if (!sameAddress(this.destination(), this.packet.destination)) return this.onward(port.bridge);
      this.leaveBy(port.bridge);
      const passed =
        this.at(this.plane, 'forward', port.bridge, port.bridge) ??
        this.at(this.plane, 'postrouting', port.bridge, port.bridge);
      if (passed) return passed;
    }
    this.enter(port.name);
    this.leaveBy(peer.name);
    return (
      this.at('bridge', 'forward', port.name, peer.name) ??
      this.at('bridge', 'postrouting', undefined, peer.name) ??
      this.delivered({ kind: 'port', port: peer })
    );
  }

  private arrivedBy(bridge: string): End {
    this.enter(bridge);
    return this.arrived(bridge);
  }

  /** A packet that the host's stack takes in from an interface. */
  private arrived(from: string): End {
    return this.at(this.plane, 'prerouting', from, undefined) ?? this.onward(from);
  }

  private onward(from: string): End {
    const destination = this.destination();
    if (isLoopback(destination) && from !== 'lo' && !this.world.bridge(from)) return { kind: 'lost', because: MARTIAN };
    if (this.world.isLocal(destination))
      return this.at(this.plane, 'input', from, undefined) ?? this.delivered({ kind: 'host' });
    const route = this.world.routeTo(destination);
    if (!route) return { kind: 'lost', because: `the host has no route to ${formatAddress(destination)}` };
    this.leaveBy(route.interface);
    this.walk.takeHop(this.programs.of(this.plane));
    return this.at(this.plane, 'forward', from, route.interface) ?? this.out(from, route.interface, route.via);
  }

  /** A packet of the host's own. */
  private sent(): End {
    const first = this.wayOf(this.destination());
    if (first === undefined) return this.noRoute();
    this.walk.set('sender known', 1);
    this.leaveBy(first);
    const stopped = this.at(this.plane, 'output', undefined, first);
    if (stopped) return stopped;
    const destination = this.destination();
    const way = this.wayOf(destination);
    if (way === undefined) return this.noRoute();
    this.leaveBy(way);
    if (way !== 'lo') return this.out(undefined, way, this.world.routeTo(destination)?.via);
    const held = this.at(this.plane, 'postrouting', undefined, 'lo');
    if (held) return held;
    this.leaveBy(undefined);
    this.enter('lo');
    this.walk.set(DESTINATION_DONE, 1);
    return (
      this.at(this.plane, 'prerouting', 'lo', undefined) ??
      this.at(this.plane, 'input', 'lo', undefined) ??
      this.delivered({ kind: 'host' })
    );
  }

  private wayOf(address: Address): string | undefined {
    return this.world.isLocal(address) ? 'lo' : this.world.routeTo(address)?.interface;
  }

  private noRoute(): End {
    return { kind: 'lost', because: `the host has no route to ${formatAddress(this.destination())}` };
  }

  private out(from: string | undefined, way: string, via: Address | undefined): End {
    const stopped = this.at(this.plane, 'postrouting', from, way);
    if (stopped) return stopped;
    const bridge = this.world.bridge(way);
    if (!bridge) return this.delivered({ kind: 'outside', interface: way });
    const next = via ?? this.destination();
    const port = this.world.portWith(way, next);
    if (!port) return { kind: 'lost', because: `nobody in network ${bridge.network} has ${formatAddress(next)}` };
    this.frame(bridge.mac, port.mac);
    this.walk.set('iif', this.programs.names.numberOf(''));
    this.leaveBy(port.name);
    return (
      this.at('bridge', 'output', undefined, port.name) ??
      this.at('bridge', 'postrouting', undefined, port.name) ??
      this.delivered({ kind: 'port', port })
    );
  }

  private at(plane: Program['plane'], hook: Hook, into: string | undefined, out: string | undefined): End | undefined {
    const program = this.programs.of(plane);
    const headers = this.headers();
    const count = this.walk.met.length;
    const decision = this.walk.hook(program, hook);
    const met = this.walk.met.slice(count);
    this.stops.push({ plane, hook, in: into, out, met, decision, headers, after: this.walk.snapshot() });
    return decision && { kind: 'stopped', decision, by: met.at(-1) };
  }

  private delivered(place: Place): End {
    return { kind: 'delivered', place, headers: this.headers() };
  }

  private enter(name: string): void {
    this.walk.set('iif', this.programs.names.numberOf(name));
  }

  private leaveBy(name: string | undefined): void {
    this.walk.set('oif', this.programs.names.numberOf(name ?? ''));
  }

  private frame(source: number, destination: number): void {
    this.walk.set('ether saddr', source);
    this.walk.set('ether daddr', destination);
    this.walk.set('ether type', this.family === 4 ? 0x0800 : 0x86dd);
  }

  private destination(): Address {
    return addressIn('daddr', this.family, this.walk.read);
  }

  private headers(): Headers {
    return {
      source: addressIn('saddr', this.family, this.walk.read),
      destination: this.destination(),
      sourcePort: this.walk.read('sport'),
      destinationPort: this.walk.read('dport'),
    };
  }

  /** What no packet carries: the kinds of addresses, and the address that masquerade and redirect give. */
  private readonly derive: Derive = (field, read) => {
    const { names } = this.programs;
    if (isShare(field)) return 1;
    const [, device] = /^meta ([io]if)type$/.exec(field) ?? [];
    if (device !== undefined) return names.textOf(read(device)) === 'lo' ? LOOPBACK_TYPE : ETHERNET_TYPE;
    const [, keys = '', result] = /^fib (.+) (type|oif)$/.exec(field) ?? [];
    const into = names.textOf(read('iif'));
    if (result !== undefined) {
      // Told as well, and perhaps told anew by a translation.
      if (this.start.kind === 'told') return undefined;
      const address = addressIn(keys.startsWith('saddr') ? 'saddr' : 'daddr', this.family, read);
      const narrow = keys.includes('iif') ? into : keys.includes('oif') ? names.textOf(read('oif')) : undefined;
      if (result === 'type') return this.world.typeOf(address, narrow);
      const way = this.wayOf(address);
      return names.numberOf(way !== undefined && (narrow === undefined || way === narrow) ? way : '');
    }
    const [, side = '', word] = /^([sd]addr)(?:6\.(\d))?~$/.exec(field) ?? [];
    if (side === '') return undefined;
    const on = side === 'saddr' ? names.textOf(read('oif')) : into === '' ? 'lo' : into;
    const address = this.world.addressOn(on, this.family);
    const facts = address && addressFacts(side as 'saddr' | 'daddr', address);
    return facts?.[Number(word ?? 0)]?.[1];
  };
}

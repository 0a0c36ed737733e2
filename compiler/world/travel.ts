import { type Address, contains, formatAddress, isLoopback, sameAddress } from '../../dsl/core/address';
import type { Hook } from '../../dsl/ruleset/tree';
import { Walk } from '../evaluate/walk';
import { DESTINATION_DONE } from '../meaning/fields';
import type { Program } from '../meaning/program';
import { derivation } from './derived';
import type { Port } from './inhabitants';
import { addressIn, factsOf, type Packet } from './packet';
import type { Programs } from './programs';
import type { End, Headers, Place, Start, Stop, Trip } from './trip';
import type { World } from './world';

/** A packet's way from where it is sent to where it ends, hook by hook. */
export function travel(programs: Programs, world: World, packet: Packet, start: Start): Trip {
  const traveller = new Traveller(programs, world, packet, start);
  const end = traveller.go();
  return { packet, stops: traveller.stops, end };
}

const MARTIAN = 'the kernel takes no packets of 127.0.0.0/8 from outside (net.ipv4.conf.*.route_localnet)';

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
    this.walk = new Walk(factsOf(packet), derivation(programs.names, world, this.family, start.kind === 'told'));
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
    const first = this.world.wayTo(this.destination());
    if (first === undefined) return this.noRoute();
    this.walk.set('sender known', 1);
    this.leaveBy(first);
    const stopped = this.at(this.plane, 'output', undefined, first);
    if (stopped) return stopped;
    const destination = this.destination();
    const way = this.world.wayTo(destination);
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
}

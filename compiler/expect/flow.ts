import { type Address, type Family, isLoopback, sameAddress } from '../../dsl/core/address';
import type { Hook } from '../../dsl/ruleset/tree';
import type { Field } from '../meaning/condition';
import { bitsOf, ctStateNumber, DESTINATION_DONE, SOURCE_DONE, wordsOf } from '../meaning/fields';
import { firstPacket } from '../prove/compare';
import type { Node } from '../prove/diagram';
import { Functions } from '../prove/functions';
import type { Leaf } from '../prove/leaf';
import type { Programs } from '../world/programs';
import type { World } from '../world/world';

/** Where packets of a class set out. */
export type Entry =
  /** Frames from ports of a bridge; `ether daddr` may be anything, or as it is when the host or a peer is meant. */
  | { readonly kind: 'ports'; readonly bridge: string }
  | { readonly kind: 'outside'; readonly interface: string }
  | { readonly kind: 'host' };

/** Where packets of a class are sent to, before any rule leads them elsewhere. */
export type Target =
  | { readonly kind: 'local'; readonly address: Address }
  | { readonly kind: 'routed'; readonly interface: string }
  /** On the sender's own bridge, and not by way of the host. */
  | { readonly kind: 'bridged' };

/** Whom a packet is led to when a rule changed its destination; `port` is its destination port then, if that changed. */
export type Wanted = (end: { readonly address: Address | undefined; readonly port: number | undefined }) => boolean;

/** What is the same for all first packets of connections, whoever sends them. */
function firstPackets(): [Field, number][] {
  return [
    ['ct.state', ctStateNumber('new')],
    ['ct.direction', 0],
    [DESTINATION_DONE, 0],
    [SOURCE_DONE, 0],
    ['fragment', 0],
    ['meta pkttype', 0],
    ...[...bitsOf('ct.status', 16), ...bitsOf('mark', 32), ...bitsOf('ct mark', 32)].map((field): [Field, number] => [
      field,
      0,
    ]),
  ];
}

/** All packets of a class at once, led from hook to hook as one packet is. */
export class Flow {
  readonly functions: Functions;
  private readonly plane: 'ip' | 'ip6';
  private readonly hooks = new Map<string, Node>();

  constructor(
    private readonly programs: Programs,
    private readonly world: World,
    private readonly family: Family,
    cap: number,
  ) {
    this.functions = new Functions(
      new Set(['log', 'counter', 'stateful', 'set', 'nat', 'mangle', 'other']),
      cap,
      programs.names.numberOf('lo'),
    );
    this.plane = family === 4 ? 'ip' : 'ip6';
  }

  /** `yes` for the packets that end where they are wanted, `no` for all others. `fixed` is what is known of each of them. */
  ends(entry: Entry, target: Target, fixed: readonly (readonly [Field, number])[], wanted: Wanted): Node {
    const { functions } = this;
    const whole = this.journey(entry, target, [...firstPackets(), ...fixed], wanted);
    return functions.replaced(whole, (leaf) => (leaf.control === 'next' ? functions.yes : functions.no));
  }

  private journey(entry: Entry, target: Target, fixed: readonly (readonly [Field, number])[], wanted: Wanted): Node {
    const start = (more: readonly (readonly [Field, number])[]) => this.set([...fixed, ...more]);
    switch (entry.kind) {
      case 'ports': {
        const type: [Field, number] = ['ether type', this.family === 4 ? 0x0800 : 0x86dd];
        const heard = this.chain(start([type]), this.at('bridge', 'prerouting'));
        if (target.kind === 'bridged') {
          const passed = this.chain(heard, this.at('bridge', 'forward'), this.at('bridge', 'postrouting'));
          return wanted({ address: undefined, port: undefined }) ? passed : this.nowhere();
        }
        const taken = this.chain(heard, this.at('bridge', 'input'), this.set([['iif', this.name(entry.bridge)]]));
        return this.arrived(taken, entry.bridge, target, wanted);
      }
      case 'outside':
        return this.arrived(start([['iif', this.name(entry.interface)]]), entry.interface, target, wanted);
      case 'host':
        return this.sent(start([['iif', this.name('')]]), target, wanted);
    }
  }

  private arrived(before: Node, from: string, target: Target, wanted: Wanted): Node {
    const type: [Field, number] = ['fib daddr type', target.kind === 'local' ? 2 : 1];
    const path = this.chain(before, this.set([type, ['fib saddr type', 1]]), this.at(this.plane, 'prerouting'));
    return this.routed(path, wanted, target, (way) => {
      if (way === undefined) return from === '' ? this.functions.next : this.at(this.plane, 'input');
      return this.chain(
        this.set([['oif', this.name(way)]]),
        this.at(this.plane, 'forward'),
        this.at(this.plane, 'postrouting'),
        this.leaving(way),
      );
    });
  }

  private sent(before: Node, target: Target, wanted: Wanted): Node {
    const way = target.kind === 'routed' ? target.interface : 'lo';
    const fields: [Field, number][] = [
      ['oif', this.name(way)],
      ['fib daddr type', target.kind === 'local' ? 2 : 1],
      ['fib saddr type', 2],
    ];
    const path = this.chain(before, this.set(fields), this.at(this.plane, 'output'));
    return this.routed(path, wanted, target, (out) =>
      out === undefined
        ? this.chain(
            this.set([['oif', this.name('lo')]]),
            this.at(this.plane, 'postrouting'),
            this.set([
              ['oif', this.name('')],
              ['iif', this.name('lo')],
              [DESTINATION_DONE, 1],
            ]),
            this.at(this.plane, 'prerouting'),
            this.at(this.plane, 'input'),
          )
        : this.chain(this.set([['oif', this.name(out)]]), this.at(this.plane, 'postrouting'), this.leaving(out)),
    );
  }

  /** Leads on by the way that each packet's destination, as it is by now, has. `on` is asked for no way: the host's own. */
  private routed(path: Node, wanted: Wanted, target: Target, on: (way: string | undefined) => Node): Node {
    const { functions } = this;
    const further = new Map<string, Node>();
    const onward = (leaf: Leaf, way: string | undefined): Node => {
      const key = way ?? '';
      const known = further.get(key) ?? on(way);
      further.set(key, known);
      return functions.chained(functions.leaf(leaf), known);
    };
    return functions.replaced(path, (leaf) => {
      if (leaf.control !== 'next') return functions.leaf(leaf);
      const moved = this.written(leaf);
      if (moved === 'unknown') return this.nowhere();
      if (!wanted({ address: moved.address, port: moved.port })) return this.nowhere();
      if (moved.address) {
        const way = this.world.isLocal(moved.address) ? undefined : this.world.routeTo(moved.address)?.interface;
        if (way === undefined && !this.world.isLocal(moved.address)) return this.nowhere();
        return onward(leaf, way);
      }
      return onward(leaf, target.kind === 'routed' ? target.interface : undefined);
    });
  }

  /** The destination that a rule gave: what the packet was sent with stands in the class's fixed fields. */
  private written(leaf: Leaf): { address: Address | undefined; port: number | undefined } | 'unknown' {
    const names = this.family === 4 ? ['daddr'] : wordsOf('daddr6');
    const done = leaf.writes.get(DESTINATION_DONE);
    const number = (field: Field): number | undefined | 'unknown' => {
      const to = leaf.writes.get(field);
      if (to === undefined) return undefined;
      return 'number' in to ? to.number : 'unknown';
    };
    if (!done || !('number' in done) || done.number === 0) return { address: undefined, port: undefined };
    const parts = names.map(number);
    const port = number('dport');
    if (parts.includes('unknown') || port === 'unknown') return 'unknown';
    const known = parts.filter((part) => typeof part === 'number');
    if (known.length < parts.length) return { address: undefined, port };
    const value = known.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
    const address = { family: this.family, value: this.family === 4 ? Number(value) : value } as Address;
    return { address, port };
  }

  private leaving(way: string): Node {
    if (!this.world.bridge(way)) return this.functions.next;
    return this.chain(
      this.set([['iif', this.name('')]]),
      this.at('bridge', 'output'),
      this.at('bridge', 'postrouting'),
    );
  }

  private at(plane: 'ip' | 'ip6' | 'bridge', hook: Hook): Node {
    const key = `${plane} ${hook}`;
    const known = this.hooks.get(key);
    if (known !== undefined) return known;
    const { functions } = this;
    let path = functions.next;
    for (const base of this.programs.of(plane).bases) {
      if (base.hook !== hook) continue;
      const whole = functions.base(base);
      const asked = base.type === 'nat' ? functions.either(firstPacket(functions, hook), whole, functions.next) : whole;
      path = functions.chained(path, asked);
    }
    this.hooks.set(key, path);
    return path;
  }

  private chain(...parts: readonly Node[]): Node {
    return parts.reduce((path, part) => this.functions.chained(path, part), this.functions.next);
  }

  private set(fields: readonly (readonly [Field, number])[]): Node {
    const writes = new Map(fields.map(([field, number]) => [field, { number }] as const));
    return this.functions.leaf({ control: 'next', text: '', seen: [], writes });
  }

  private nowhere(): Node {
    return this.functions.leaf({ control: 'drop', text: '', seen: [], writes: new Map() });
  }

  private name(name: string): number {
    return this.programs.names.numberOf(name);
  }
}

/** The addresses of the host that somebody may ask for. */
export function hostAddresses(world: World, family: Family, fromHost: boolean): readonly Address[] {
  return world
    .local()
    .filter(
      (one) => one.address.family === family && !world.bridge(one.interface) && (fromHost || !isLoopback(one.address)),
    )
    .map(({ address }) => address)
    .filter((address, index, all) => all.findIndex((other) => sameAddress(other, address)) === index);
}

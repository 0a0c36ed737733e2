import { type Address, addressBlock, contains, type Family, parsePrefix } from '../../dsl/core/address';
import type { ExpectationIntent } from '../../dsl/intent/model';
import type { Resolved } from '../compile';
import { boxCondition } from '../meaning/boxes';
import { all, type Condition, type Field, within } from '../meaning/condition';
import { bitsOf, wordsOf } from '../meaning/fields';
import type { Names } from '../meaning/names';
import { wordBoxes } from '../meaning/numbers';
import { PROTOCOLS } from '../meaning/registries';
import type { Port } from '../world/inhabitants';
import { addressFacts, ECHO_REQUEST, ICMP } from '../world/packet';
import type { World } from '../world/world';
import { type Entry, hostAddresses, type Target } from './flow';
import { familiesOf, type Pair, rangesOf, type Side, sidesOf } from './parties';

/** Packets that are alike to an expectation: one way in, one way to go. */
export interface Class {
  readonly family: Family;
  readonly entry: Entry;
  readonly target: Target;
  readonly fixed: readonly (readonly [Field, number])[];
  readonly condition: Condition;
  readonly from: Side;
  readonly to: Side;
}

/** What is known of all packets of a class. */
interface Known {
  readonly condition: Condition;
  readonly fixed: readonly (readonly [Field, number])[];
}

const NOBODYS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'ff00::/8', 'fe80::/10'].flatMap((text) => {
  const prefix = parsePrefix(text);
  return prefix.ok ? [prefix.value] : [];
});

/** Where both sides of an expectation may be, and the one who is to be reached apart from the others. */
export function pairsOf(
  { from, to, outcome }: ExpectationIntent,
  { intent, topology }: Resolved,
  world: World,
): readonly Pair[] {
  const sides = (word: string) => sidesOf(word, intent, topology, world);
  const targets = sides(to).flatMap((side) => parted(side, outcome));
  return sides(from).flatMap((source) => targets.map((target): Pair => [source, target]));
}

/** The one who is to be reached, and the others. */
function parted(side: Side, outcome: ExpectationIntent['outcome']): readonly Side[] {
  if (side.kind !== 'ports' || typeof outcome === 'string') return [side];
  const isReached = ({ sandbox }: Port) => sandbox === outcome.reaches;
  return [side.ports.filter(isReached), side.ports.filter((port) => !isReached(port))].flatMap((ports) =>
    ports.length === 0 ? [] : { ...side, ports },
  );
}

/** All packets that an expectation speaks of. */
export class Scope {
  private readonly denied: boolean;

  constructor(
    private readonly expectation: ExpectationIntent,
    private readonly pairs: readonly Pair[],
    private readonly world: World,
    private readonly names: Names,
  ) {
    this.denied = expectation.outcome === 'denied';
  }

  classes(): readonly Class[] {
    return this.chosen(this.pairs).flatMap(([from, to]) =>
      familiesOf(from)
        .filter((family) => familiesOf(to).includes(family))
        .flatMap((family) => this.classesBetween(from, to, family)),
    );
  }

  /** Names lead to addresses in a network that both share, where there is one; what is denied is so at every address. */
  private chosen(pairs: readonly Pair[]): readonly Pair[] {
    if (this.denied) return pairs;
    const near = pairs.filter(
      ([from, to]) => from.kind === 'ports' && to.kind === 'ports' && from.bridge === to.bridge,
    );
    return near.length > 0 ? near : pairs;
  }

  private classesBetween(senders: Side, to: Side, family: Family): readonly Class[] {
    const from = this.denied ? senders : apart(senders, to);
    const entry = this.entryOf(from);
    if (!entry) return [];
    return this.targetsOf(from, to, family).flatMap(({ target, condition, fixed }): Class[] => {
      const source = this.sourceOf(from, target, family);
      if (!source) return [];
      return [
        {
          family,
          entry,
          target,
          from,
          to,
          fixed: [...this.service(family).fixed, ...source.fixed, ...fixed],
          condition: all(source.condition, condition, this.service(family).condition),
        },
      ];
    });
  }

  private entryOf(side: Side): Entry | undefined {
    switch (side.kind) {
      case 'host':
        return { kind: 'host' };
      case 'outside':
        return { kind: 'outside', interface: this.world.uplink() };
      case 'ports':
        return side.ports.length === 0 ? undefined : { kind: 'ports', bridge: side.bridge };
    }
  }

  private targetsOf(from: Side, to: Side, family: Family): readonly (Known & { readonly target: Target })[] {
    switch (to.kind) {
      case 'host': {
        const own = from.kind === 'ports' ? this.world.local().filter((one) => one.interface === from.bridge) : [];
        const addresses = [
          ...hostAddresses(this.world, family, from.kind === 'host'),
          ...own.map(({ address }) => address).filter((address) => address.family === family),
        ];
        const named = addresses.filter((address) => to.blocks.some((block) => contains(block, address)));
        return named.map((address) => ({
          target: { kind: 'local', address },
          condition: all(),
          fixed: addressFacts('daddr', address),
        }));
      }
      case 'outside':
        if (from.kind === 'outside') return [];
        return [
          {
            target: { kind: 'routed', interface: this.world.uplink() },
            condition: inRanges('daddr', family, rangesOf(to.blocks, family, this.inner())),
            fixed: [],
          },
        ];
      case 'ports': {
        const own = this.world.local().map(({ address }) => addressBlock(address));
        const whole = this.denied && to.blocks ? to.blocks : addressesOf(to.ports).map(addressBlock);
        const ranges = rangesOf(whole, family, own);
        if (ranges.length === 0) return [];
        const condition = inRanges('daddr', family, ranges);
        const near = from.kind === 'ports' && from.bridge === to.bridge && !this.world.bridge(to.bridge)?.isolated;
        const routed: Target = { kind: 'routed', interface: to.bridge };
        const targets: Target[] = near ? [{ kind: 'bridged' }, ...(this.denied ? [routed] : [])] : [routed];
        return targets.map((target) => ({ target, condition, fixed: [] }));
      }
    }
  }

  /** What senders say of themselves: to be let through they say the truth, to be kept out they may say anything. */
  private sourceOf(from: Side, target: Target, family: Family): Known | undefined {
    switch (from.kind) {
      case 'host': {
        if (this.denied) return { condition: all(), fixed: [] };
        const own =
          target.kind === 'local'
            ? target.address
            : this.world.addressOn(target.kind === 'routed' ? target.interface : this.world.uplink(), family);
        return own && { condition: all(), fixed: addressFacts('saddr', own) };
      }
      case 'outside':
        return { condition: inRanges('saddr', family, rangesOf(from.blocks, family, this.inner())), fixed: [] };
      case 'ports': {
        const { names } = this;
        if (this.denied) {
          const numbers = from.ports.map(({ name }) => names.numberOf(name)).sort((a, b) => a - b);
          return {
            condition: boxCondition(
              ['iif'],
              numbers.map((one) => [one, one]),
            ),
            fixed: [],
          };
        }
        const fields = ['iif', 'ether saddr', ...(family === 4 ? ['saddr'] : wordsOf('saddr6'))];
        const boxes = from.ports.flatMap(({ name, mac, addresses }) =>
          addresses
            .filter((address) => address.family === family)
            .map((address) => [names.numberOf(name), mac, ...addressFacts('saddr', address).map(([, value]) => value)])
            .map((values) => values.flatMap((value) => [value, value])),
        );
        const bridge = this.world.bridge(from.bridge);
        const toHost = target.kind !== 'bridged' && bridge ? [['ether daddr', bridge.mac] as const] : [];
        return boxes.length === 0 ? undefined : { condition: boxCondition(fields, boxes), fixed: toHost };
      }
    }
  }

  /** Protocol and ports. To be let through is asked for what sockets and ping send; to be kept out for everything. */
  private service(family: Family): Known {
    const { protocol, ports } = this.expectation;
    const number = protocol && PROTOCOLS.numberOf(protocol);
    const named: [Field, number][] = number === undefined ? [] : [['l4proto', number]];
    const condition =
      ports.length === 0
        ? all()
        : boxCondition(
            ['dport'],
            [...ports].map(({ first, last }) => [first, last] as number[]),
          );
    if (this.denied) return { condition, fixed: named };
    const usual = [ICMP[family], 6, 17, 132].sort((a, b) => a - b).map((one) => [one, one]);
    return {
      condition: all(
        condition,
        within('sport', 1024, Number.POSITIVE_INFINITY),
        ...(number === undefined ? [boxCondition(['l4proto'], usual)] : []),
      ),
      fixed: [
        ...named,
        ['icmp type', ECHO_REQUEST[family]],
        ['icmp code', 0],
        ...bitsOf('tcp flags', 8).map((field, index): [Field, number] => [field, index === 1 ? 1 : 0]),
      ],
    };
  }

  /** Addresses that nobody outside has. */
  private inner() {
    return [
      ...this.world.networkRoutes().map(({ prefix }) => prefix),
      ...this.world.local().map(({ address }) => addressBlock(address)),
      ...NOBODYS,
    ];
  }
}

function addressesOf(ports: readonly Port[]): readonly Address[] {
  return ports.flatMap(({ addresses }) => addresses);
}

function inRanges(name: 'saddr' | 'daddr', family: Family, ranges: readonly (readonly [bigint, bigint])[]): Condition {
  const fields = family === 4 ? [name] : wordsOf(`${name}6`);
  return boxCondition(
    fields,
    ranges.flatMap(([first, last]) => wordBoxes(fields.length, first, last)),
  );
}

/** The senders but the one who alone is meant, unless nobody else is there: what a container sends to itself never leaves it. */
function apart(from: Side, to: Side): Side {
  if (from.kind !== 'ports' || to.kind !== 'ports') return from;
  const ports = from.ports.filter((port) => to.ports.some(({ sandbox }) => sandbox !== port.sandbox));
  return ports.length === 0 ? from : { ...from, ports };
}

import {
  type Address,
  addressBlock,
  contains,
  type Family,
  formatAddress,
  parsePrefix,
  sameAddress,
} from '../../dsl/core/address';
import type { ExpectationIntent, IntentDocument } from '../../dsl/intent/model';
import type { Compiled } from '../compile';
import { spellExpectation } from '../frontend/spell';
import { boxCondition } from '../meaning/boxes';
import { all, type Condition, type Field, within } from '../meaning/condition';
import { bitsOf, wordsOf } from '../meaning/fields';
import { wordBoxes } from '../meaning/numbers';
import { PROTOCOLS } from '../meaning/registries';
import { numberText } from '../meaning/symbols';
import { type Node, TooLarge } from '../prove/diagram';
import type { Functions } from '../prove/functions';
import type { Port } from '../world/inhabitants';
import { addressFacts, addressIn, ECHO_REQUEST, ICMP } from '../world/packet';
import { Programs } from '../world/trip';
import type { World } from '../world/world';
import { type Entry, Flow, hostAddresses, type Target, type Wanted } from './flow';
import { familiesOf, rangesOf, type Side, sidesOf } from './parties';

/** Whether what was expected is so, for every packet that it speaks of. */
export interface Answer {
  readonly index: number;
  /** `expect web -> db tcp 5432 allowed` */
  readonly text: string;
  readonly holds: boolean;
  /** Why not, where no single packet shows it. */
  readonly reason: string | undefined;
  /** A packet that shows it, as words of a question. */
  readonly packet: readonly string[] | undefined;
}

/** One that people recognise, where any will do. */
const USUAL_PORT = 80;
const ANY_PORT = [{ first: 0, last: 65535 }];

/** The most decisions that may have to be told apart. */
const CAP = 4_000_000;

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

/** Answers what an intent expects, for its own rules in these surroundings. */
export function checkExpectations(compiled: Compiled, world: World): readonly Answer[] {
  const programs = new Programs(compiled.ruleset);
  const flows = new Map<Family, Flow>();
  const flowOf = (family: Family): Flow => {
    const known = flows.get(family) ?? new Flow(programs, world, family, CAP);
    flows.set(family, known);
    return known;
  };
  const written = (compiled.document() as IntentDocument).expectations ?? [];
  return compiled.intent.expectations.map((expectation, index) => {
    const text = written[index] ? spellExpectation(written[index]) : '';
    try {
      return { index, text, ...new Check(expectation, compiled, world, programs, flowOf).answer() };
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      const reason = `not answered: more than ${CAP} decisions would have to be told apart`;
      return { index, text, holds: false, reason, packet: undefined };
    }
  });
}

type Finding = Omit<Answer, 'index' | 'text'>;
const HOLDS: Finding = { holds: true, reason: undefined, packet: undefined };

/** One expectation, asked of all packets that it speaks of. */
export class Check {
  private readonly denied: boolean;

  constructor(
    private readonly expectation: ExpectationIntent,
    private readonly compiled: Compiled,
    private readonly world: World,
    private readonly programs: Programs,
    private readonly flowOf: (family: Family) => Flow,
  ) {
    this.denied = expectation.outcome === 'denied';
  }

  answer(): Finding {
    const { outcome } = this.expectation;
    const pairs = this.pairs();
    if (pairs.length > 0 && pairs.every(([from, to]) => from.kind === 'outside' && to.kind === 'outside'))
      return this.without('both are outside: what goes from the one to the other is not asked of this host');
    const classes = this.classes();
    if (outcome === 'denied') return this.first(classes.map((one) => this.exception(one, () => true, 'yes')));
    if (classes.length === 0)
      return this.without(
        'there are no packets from the one to the other: no network, or no family of addresses, in common',
      );
    if (outcome === 'allowed') return this.first(classes.map((one) => this.exception(one, () => true, 'no')));
    const wanted = this.reached(outcome);
    if (!wanted) return this.without(`${outcome.reaches} has no network of its own`);
    const place = ({ target }: Class) => (target.kind === 'local' ? formatAddress(target.address) : '');
    const findings = [...new Set(classes.map(place))].map((address) =>
      this.first(classes.filter((one) => place(one) === address).map((one) => this.exception(one, wanted(one), 'no'))),
    );
    return findings.find(({ holds }) => holds) ?? findings[0] ?? HOLDS;
  }

  private first(findings: readonly (readonly string[] | undefined)[]): Finding {
    const packet = findings.find((one) => one !== undefined);
    return packet ? { holds: false, reason: undefined, packet } : HOLDS;
  }

  private without(reason: string): Finding {
    return { holds: false, reason, packet: undefined };
  }

  /** Whether a packet of a class comes, translated or as it is, to the container and port that an expectation names. */
  private reached({
    reaches,
    port,
  }: Exclude<ExpectationIntent['outcome'], string>): ((of: Class) => Wanted) | undefined {
    const home = this.world.home(reaches);
    if (!home) return undefined;
    const { ports: named } = this.expectation;
    const asked = named.length > 0 ? named : ANY_PORT;
    const isThere = ({ to, target }: Class, address: Address | undefined): boolean => {
      if (home === 'host') return address === undefined ? target.kind === 'local' : this.world.isLocal(address);
      if (address === undefined) return to.kind === 'ports' && to.ports.every(({ sandbox }) => sandbox === reaches);
      return home.ports.some(({ addresses }) => addresses.some((one) => sameAddress(one, address)));
    };
    return (of) => (end) => {
      const there = isThere(of, end.address);
      const ports = end.port === undefined ? asked : [{ first: end.port, last: end.port }];
      return there && (!port || ports.every(({ first, last }) => first >= port.first && last <= port.last));
    };
  }

  /** A packet of the class that ends as it should not. */
  private exception(of: Class, wanted: Wanted, wrong: 'yes' | 'no'): readonly string[] | undefined {
    const flow = this.flowOf(of.family);
    const { functions } = flow;
    const right = wrong === 'yes' ? functions.no : functions.yes;
    const ends = flow.ends(of.entry, of.target, of.fixed, wanted);
    const node = functions.either(functions.condition(of.condition), ends, right);
    const facts = witness(functions, node, wrong === 'yes' ? functions.yes : functions.no, this.preferred(of));
    return facts && this.wordsOf(of, new Map([...of.fixed, ...facts]));
  }

  /** Values that people recognise, where any will do. */
  private preferred({ family, from, to }: Class): ReadonlyMap<Field, number> {
    const client = this.world.client.find((address) => address.family === family);
    const senders = from.kind === 'ports' ? from.ports.map(({ sandbox }) => sandbox) : [];
    const others = to.kind === 'ports' ? to.ports.filter(({ sandbox }) => !senders.includes(sandbox)) : [];
    const receiver = [...others, ...(to.kind === 'ports' ? to.ports.slice(1) : [])]
      .flatMap(({ addresses }) => addresses)
      .find((address) => address.family === family);
    return new Map<Field, number>([
      ...(client ? addressFacts('saddr', client) : []),
      ...(receiver ? addressFacts('daddr', receiver) : []),
      ['sport', 40000],
      ['dport', this.usualPort()],
      ['l4proto', PROTOCOLS.numberOf('tcp') ?? 6],
    ]);
  }

  /** One that people recognise; where one is to be reached, another: what comes there as it is shows that not all do. */
  private usualPort(): number {
    const { outcome, ports: named } = this.expectation;
    const port = typeof outcome === 'string' ? undefined : outcome.port;
    for (const { first, last } of port ? (named.length > 0 ? named : ANY_PORT) : []) {
      if (port && last > port.last) return Math.max(first, port.last + 1);
      if (port && first < port.first) return Math.min(last, port.first - 1);
    }
    return USUAL_PORT;
  }

  private pairs(): readonly (readonly [Side, Side])[] {
    const { intent, topology } = this.compiled;
    const sides = (word: string) => sidesOf(word, intent, topology, this.world);
    return sides(this.expectation.from).flatMap((from) =>
      sides(this.expectation.to)
        .flatMap((to) => this.parted(to))
        .map((to): readonly [Side, Side] => [from, to]),
    );
  }

  /** The one who is to be reached, and the others. */
  private parted(side: Side): readonly Side[] {
    const { outcome } = this.expectation;
    if (side.kind !== 'ports' || typeof outcome === 'string') return [side];
    const isReached = ({ sandbox }: Port) => sandbox === outcome.reaches;
    return [side.ports.filter(isReached), side.ports.filter((port) => !isReached(port))].flatMap((ports) =>
      ports.length === 0 ? [] : { ...side, ports },
    );
  }

  classes(): readonly Class[] {
    return this.chosen(this.pairs()).flatMap(([from, to]) =>
      familiesOf(from)
        .filter((family) => familiesOf(to).includes(family))
        .flatMap((family) => this.classesBetween(from, to, family)),
    );
  }

  /** Names lead to addresses in a network that both share, where there is one; what is denied is so at every address. */
  private chosen(pairs: readonly (readonly [Side, Side])[]): readonly (readonly [Side, Side])[] {
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
        const { names } = this.programs;
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

  private wordsOf({ family, entry, fixed: _, target }: Class, facts: ReadonlyMap<Field, number>): readonly string[] {
    const read = (field: Field) => facts.get(field) ?? 0;
    const has = (name: 'saddr' | 'daddr') => facts.has(family === 4 ? name : `${name}6.0`);
    const source = has('saddr') ? addressIn('saddr', family, read) : undefined;
    const destination = target.kind === 'local' ? target.address : addressIn('daddr', family, read);
    const protocol = facts.get('l4proto') ?? 6;
    const name = numberText(protocol, 'inet_proto');
    const ports =
      facts.has('dport') || [6, 17, 132].includes(protocol) ? [String(facts.get('dport') ?? this.usualPort())] : [];
    return [
      'from',
      ...this.fromWords(entry, source, facts),
      'to',
      formatAddress(destination),
      name,
      ...ports,
      ...(facts.has('sport') ? ['sport', String(read('sport'))] : []),
    ];
  }

  private fromWords(entry: Entry, source: Address | undefined, facts: ReadonlyMap<Field, number>): string[] {
    switch (entry.kind) {
      case 'host':
        return ['host'];
      case 'outside':
        return [source ? formatAddress(source) : 'outside'];
      case 'ports': {
        const veth = this.programs.names.textOf(facts.get('iif') ?? 0);
        const port = this.world.portsOn(entry.bridge).find(({ name }) => name === veth);
        if (!port) return ['outside'];
        const own = source && port.addresses.some((one) => formatAddress(one) === formatAddress(source));
        return source ? (own ? [formatAddress(source)] : [port.sandbox, 'as', formatAddress(source)]) : [port.sandbox];
      }
    }
  }
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

/** Limits, of which a packet that should be let through is taken to have its share left. */
const WITHIN = /^\?(limit|quota|ct count)\b/;

/** Values of fields that lead to a leaf; those preferred where they do. */
function witness(
  functions: Functions,
  root: Node,
  leaf: Node,
  preferred: ReadonlyMap<Field, number>,
): ReadonlyMap<Field, number> | undefined {
  const { diagrams } = functions;
  const barren = new Set<Node>();
  const facts = new Map<Field, number>();
  const go = (node: Node): boolean => {
    if (node === leaf) return true;
    if (node < 0 || barren.has(node)) return false;
    const field = diagrams.fieldAt(diagrams.rank(node));
    const ends = diagrams.endsOf(node);
    const starts = ends.map((_, at) => (at === 0 ? 0 : (ends[at - 1] as number) + 1));
    const liked = preferred.get(field);
    const values = WITHIN.test(field) ? [1] : liked === undefined ? starts : [liked, ...starts];
    for (const value of values) {
      facts.set(field, value);
      if (go(diagrams.childAt(node, value))) return true;
    }
    facts.delete(field);
    barren.add(node);
    return false;
  };
  return go(root) ? facts : undefined;
}

/** The senders but the one who alone is meant, unless nobody else is there: what a container sends to itself never leaves it. */
function apart(from: Side, to: Side): Side {
  if (from.kind !== 'ports' || to.kind !== 'ports') return from;
  const ports = from.ports.filter((port) => to.ports.some(({ sandbox }) => sandbox !== port.sandbox));
  return ports.length === 0 ? from : { ...from, ports };
}

import { type Address, formatAddress, sameAddress } from '../../dsl/core/address';
import type { ExpectationIntent } from '../../dsl/intent/model';
import type { Field } from '../meaning/condition';
import { PROTOCOLS } from '../meaning/registries';
import { TooLarge } from '../prove/diagram';
import { addressFacts } from '../world/packet';
import type { World } from '../world/world';
import type { Wanted } from './flow';
import type { Pair } from './parties';
import { type Asked, CAP, type Rules } from './rules';
import { type Class, Scope } from './scope';
import { witness } from './witness';
import { questionOf } from './words';

/** Whether what was expected is so, for every packet that it speaks of. */
export interface Finding {
  readonly holds: boolean;
  /** Why not, where no single packet shows it. */
  readonly reason: string | undefined;
  /** A packet that shows it, as words of a question. */
  readonly packet: readonly string[] | undefined;
}

/** One that people recognise, where any will do. */
const USUAL_PORT = 80;
const ANY_PORT = [{ first: 0, last: 65535 }];

/** Whether an expectation is so for all packets that it speaks of, by an intent's own rules in these surroundings. */
export function check({ expectation, pairs }: Asked, world: World, rules: Rules): Finding {
  try {
    return new Check(expectation, pairs, world, rules).answer();
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    const reason = `not answered: more than ${CAP} decisions would have to be told apart`;
    return { holds: false, reason, packet: undefined };
  }
}

const HOLDS: Finding = { holds: true, reason: undefined, packet: undefined };

/** One expectation, asked of all packets that it speaks of. */
class Check {
  private readonly scope: Scope;

  constructor(
    private readonly expectation: ExpectationIntent,
    private readonly pairs: readonly Pair[],
    private readonly world: World,
    private readonly rules: Rules,
  ) {
    this.scope = new Scope(expectation, pairs, world, rules.programs.names);
  }

  answer(): Finding {
    const { outcome } = this.expectation;
    const { pairs } = this;
    if (pairs.length > 0 && pairs.every(([from, to]) => from.kind === 'outside' && to.kind === 'outside'))
      return this.without('both are outside: what goes from the one to the other is not asked of this host');
    const classes = this.scope.classes();
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
    const flow = this.rules.flow(of.family);
    const { functions } = flow;
    const right = wrong === 'yes' ? functions.no : functions.yes;
    const ends = flow.ends(of.entry, of.target, of.fixed, wanted);
    const node = functions.either(functions.condition(of.condition), ends, right);
    const facts = witness(functions, node, wrong === 'yes' ? functions.yes : functions.no, this.preferred(of));
    const { world } = this;
    const spoken = { world, names: this.rules.programs.names, anyPort: this.usualPort() };
    return facts && questionOf(of, new Map([...of.fixed, ...facts]), spoken);
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
}

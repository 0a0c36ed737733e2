import { type Family, formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import { type Evaluation, evaluate, type Facts, type Met } from '../evaluate/evaluate';
import { type Field, holds } from '../meaning/condition';
import { bitsOf, CT_STATES, isUnknown, OPENING, REROUTED, routedBit } from '../meaning/fields';
import type { Journey } from '../meaning/journey';
import type { Program } from '../meaning/program';
import type { Observed } from '../meaning/steps';
import { CT_STATUS, numberText } from '../meaning/symbols';
import type { Difference, Fate } from './compare';
import { assumedFrom, questionWords } from './question';

/** A difference for people: the packet, and what decides it on both sides. */
export interface Described {
  readonly journey: Difference['journey'];
  readonly packet: readonly string[];
  /** The same by field: without any of these, one side or the other does something else. Others may have any value. */
  readonly facts: Facts;
  /** The same as words of a question to the rules alone; undefined for frames, of which none is asked. */
  readonly question: readonly string[] | undefined;
  readonly first: Side;
  readonly second: Side;
}

export interface Side extends Fate {
  /**
   * The rule, or the chain whose policy, decided, or where both decide alike the rule that does what the other side does
   * not; undefined when nothing held the packet up.
   */
  readonly decidedBy: Origin | undefined;
  readonly chain: string | undefined;
}

export function describe(found: Difference, first: Program, second: Program, ignore: ReadonlySet<Observed>): Described {
  const programs = [first, second];
  const fate = fateWith(found, programs, ignore);
  const difference = { ...found, facts: shortened(found, fate) };
  const { journey } = found;
  const { plane, names } = first;
  const [one, other] = [first, second].map((program) => walked(journey, difference.facts, program)) as [
    Evaluation,
    Evaluation,
  ];
  const family = plane === 'ip' ? 4 : plane === 'ip6' ? 6 : undefined;
  return {
    journey,
    packet: packetText(difference.facts, first),
    facts: difference.facts,
    question: family && questionWords(told(found, fate, family), journey, family, names),
    first: sideOf(found.first, one, other, ignore),
    second: sideOf(found.second, other, one, ignore),
  };
}

function walked(journey: Journey, facts: Facts, program: Program): Evaluation {
  return evaluate(program, facts, journey === 'output' ? 'output' : 'prerouting', () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: facts.get('oif') ?? 0 },
  );
}

type FateOf = (facts: Facts) => string;

/** What both sides do with a packet, as far as it is compared. */
function fateWith({ journey, facts }: Difference, programs: readonly Program[], ignore: ReadonlySet<Observed>): FateOf {
  const isMarked = [...facts.keys()].some((field) => MARKED.test(field));
  return (other) =>
    JSON.stringify(
      programs.map((program) => {
        const { verdict, text, observations, met, read, readWhenRouted } = walked(journey, other, program);
        const written = met.flatMap(({ writes }) => writes.map(([field]) => field));
        const bits = [
          ...new Set([
            ...written,
            ...written.flatMap((field) => routedBit(field) ?? []),
            REROUTED,
            ...(isMarked ? MARKS : []),
          ]),
        ]
          .sort()
          .map((field) => [
            field,
            isLost(verdict, other) && OF_ENTRY.test(field) ? 0 : read(field),
            readWhenRouted(field),
          ]);
        return [verdict, text, observations.filter(({ what }) => !ignore.has(what)), bits];
      }),
    );
}

const OF_ENTRY = /^ct (mark|label)\b/;

/** Whether what was written to a packet's connection is lost with it: its first packet is dropped. */
function isLost(verdict: string, facts: Facts): boolean {
  return (verdict === 'drop' || verdict === 'reject') && holds(OPENING, (field) => facts.get(field) ?? 0);
}

/** The facts without which one side or the other would do something else; others may have any value. */
function shortened({ facts: all }: Difference, fate: FateOf): Facts {
  const wanted = fate(all);
  // An interface is part of the way; an address reads better whole.
  return fewest(all, /^[io]if$|addr6/, (facts) => fate(facts) === wanted);
}

/** The facts that `tsnet why` has to be told; the rest it takes for granted. */
function told({ facts, journey }: Difference, fate: FateOf, family: Family): Facts {
  const whole = (some: Facts) => assumedFrom(some, journey, family, facts.keys());
  const wanted = fate(whole(facts));
  return fewest(facts, /^[io]if$/, (some) => fate(whole(some)) === wanted);
}

/** What is left of facts when none can be left out any more, apart from those that are kept anyway. */
function fewest(facts: Facts, always: RegExp, isEnough: (facts: Facts) => boolean): Facts {
  const kept = new Map(facts);
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const [field, value] of [...kept]) {
      if (always.test(field)) continue;
      kept.delete(field);
      if (!isEnough(kept)) kept.set(field, value);
    }
  }
  return new Map([...facts].filter(([field]) => kept.has(field)));
}

const MARKS: readonly Field[] = [...bitsOf('mark', 32), ...bitsOf('ct mark', 32)];
const MARKED = /^(ct )?mark\./;

function sideOf(fate: Fate, walk: Evaluation, other: Evaluation, ignore: ReadonlySet<Observed>): Side {
  const passing = walk.met.findLast(({ decision }) => decision?.kind === 'accept');
  const by = setApart(walk, other, ignore) ?? walk.decisive ?? passing;
  if (by) return { ...fate, decidedBy: by.sentence?.rule.origin ?? by.routine.chain.origin, chain: nameOf(by.routine) };
  // No rule let it pass: the policy did, of the chain that was asked last.
  const { chain } = walk.met.at(-1)?.base ?? {};
  return { ...fate, decidedBy: chain?.chain.origin, chain: chain && nameOf(chain) };
}

function nameOf({ table, chain }: Met['routine']): string {
  return `${table.family} ${table.name} ${chain.name}`;
}

/** Where the two decide alike, what differs is something that is done on the way: the first that the other does not do. */
function setApart(walk: Evaluation, other: Evaluation, ignore: ReadonlySet<Observed>): Met | undefined {
  if (walk.verdict !== other.verdict || walk.text !== other.text) return undefined;
  const deedsOf = ({ observations, writes }: Met) => [
    ...observations.flatMap(({ what, text }) => (ignore.has(what) ? [] : `${what}: ${text}`)),
    ...writes.map(([field, value]) => `${field} ${value}`),
  ];
  const theirs = new Set(other.met.flatMap(deedsOf));
  return walk.met.find((met) => deedsOf(met).some((deed) => !theirs.has(deed)));
}

/** The fields that matter, in words. */
function packetText(facts: ReadonlyMap<Field, number>, program: Program): readonly string[] {
  const bits = new Map<string, number>();
  const texts: string[] = [];
  for (const [field, value] of facts) {
    const [, name = '', index = ''] =
      /^(mark|ct mark|tcp flags|ct\.status|[sd]addr6|ct label)\.(\d+)~?$/.exec(field) ?? [];
    if (name !== '') bits.set(name, (bits.get(name) ?? 0) + (name.endsWith('addr6') ? 0 : value * 2 ** Number(index)));
    else texts.push(factText(field, value, program));
  }
  for (const [name, value] of bits)
    if (name.endsWith('addr6')) {
      const words = [0, 1, 2, 3].map((index) =>
        BigInt(facts.get(`${name}.${index}`) ?? facts.get(`${name}.${index}~`) ?? 0),
      );
      texts.push(
        `ip6 ${name.slice(0, 5)} ${formatIpv6(words.reduce((sum, word) => (sum << 32n) | word, 0n) as Ipv6Address)}`,
      );
    } else if (name === 'ct.status') {
      const set = Object.entries(CT_STATUS).flatMap(([status, bit]) => (value & bit ? [status] : []));
      texts.push(`ct status ${set.join(',') || 'none'}`);
    } else texts.push(`${name === 'mark' ? 'meta mark' : name} 0x${value.toString(16)}`);
  return texts;
}

function factText(field: Field, value: number, { names }: Program): string {
  if (isUnknown(field)) return `${field.slice(1)}: ${value === 0 ? 'no' : 'yes'}`;
  switch (field.replace('~', '')) {
    case 'ct.state':
      return `ct state ${CT_STATES[value]?.[0]}`;
    case 'ct.direction':
      return `ct direction ${value === 0 ? 'original' : 'reply'}`;
    case 'iif':
    case 'oif':
      return `${field}name "${names.textOf(value)}"`;
    case 'saddr':
    case 'daddr':
      return `ip ${field.replace('~', ' (translated)')} ${formatIpv4(value as Ipv4Address)}`;
    case 'ether saddr':
    case 'ether daddr':
      return `${field} ${(value.toString(16).padStart(12, '0').match(/../g) ?? []).join(':')}`;
    case 'ether type':
      return `${field} 0x${value.toString(16).padStart(4, '0')}`;
    case 'l4proto':
      return `l4proto ${numberText(value, 'inet_proto')}`;
    case 'fib daddr type':
    case 'fib saddr type':
      return `${field.replace('~', '')} ${numberText(value, 'fib_addrtype')}`;
    default:
      return `${field} ${value}`;
  }
}

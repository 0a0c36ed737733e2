import { formatAddress, formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import { type Evaluation, evaluate, type Facts } from '../evaluate/evaluate';
import type { Field } from '../meaning/condition';
import { bitsOf, CT_STATES, isUnknown, wordsOf } from '../meaning/fields';
import type { Program } from '../meaning/program';
import { CT_STATUS, numberText, TCP_FLAGS } from '../meaning/symbols';
import { addressIn, WITH_PORTS } from '../world/packet';
import type { Difference, Fate } from './compare';

/** A difference for people: the packet, and what decides it on both sides. */
export interface Described {
  readonly journey: Difference['journey'];
  readonly packet: readonly string[];
  /** The same as words of a question to the rules alone; undefined for frames, of which none is asked. */
  readonly question: readonly string[] | undefined;
  readonly first: Side;
  readonly second: Side;
}

export interface Side extends Fate {
  /** The rule, or the chain whose policy, decided; undefined when nothing held the packet up. */
  readonly decidedBy: Origin | undefined;
  readonly chain: string | undefined;
}

export function describe(found: Difference, first: Program, second: Program): Described {
  const difference = { ...found, facts: shortened(found, first, second) };
  return {
    journey: difference.journey,
    packet: packetText(difference.facts, first),
    question: first.plane === 'ip' || first.plane === 'ip6' ? questionOf(difference, first) : undefined,
    first: sideOf(difference, difference.first, first),
    second: sideOf(difference, difference.second, second),
  };
}

function walked({ journey }: Difference, facts: Facts, program: Program): Evaluation {
  return evaluate(program, facts, journey === 'output' ? 'output' : 'prerouting', () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: facts.get('oif') ?? 0 },
  );
}

/** The facts without which one side or the other would do something else; others may have any value. */
function shortened(difference: Difference, first: Program, second: Program): Facts {
  const fate = (facts: Facts) =>
    JSON.stringify(
      [first, second].map((program) => {
        const { verdict, text, observations, read, readWhenRouted } = walked(difference, facts, program);
        const bits = [...difference.facts.keys(), ...MARKS].map((field) => [read(field), readWhenRouted(field)]);
        return [verdict, text, observations, MARKED.test(JSON.stringify(difference)) ? bits : []];
      }),
    );
  const wanted = fate(difference.facts);
  const kept = new Map(difference.facts);
  for (const [field, value] of difference.facts) {
    // An interface is part of the way; an address reads better whole.
    if (field === 'oif' || field === 'iif' || /addr6/.test(field)) continue;
    kept.delete(field);
    if (fate(kept) !== wanted) kept.set(field, value);
  }
  return new Map([...difference.facts].filter(([field]) => kept.has(field)));
}

const MARKS: readonly Field[] = [...bitsOf('mark', 32), ...bitsOf('ct mark', 32)];
const MARKED = /mark|ct label/;

function sideOf(difference: Difference, fate: Fate, program: Program): Side {
  const walk = walked(difference, difference.facts, program);
  const last = walk.decisive ?? walk.met.findLast(({ decision }) => decision?.kind === 'accept') ?? walk.met.at(-1);
  return {
    ...fate,
    decidedBy: last && (last.sentence?.rule.origin ?? last.routine.chain.origin),
    chain: last && `${last.routine.table.family} ${last.routine.table.name} ${last.routine.chain.name}`,
  };
}

/** `from 10.0.0.1 to 10.0.0.2 tcp 80 in eth0 out eth1 state new`; what has no word of its own follows `with`. */
function questionOf({ facts, journey }: Difference, { plane, names }: Program): readonly string[] {
  const family = plane === 'ip6' ? 6 : 4;
  const left = new Map(facts);
  const take = (field: Field): number | undefined => {
    const value = left.get(field);
    left.delete(field);
    return value;
  };
  const addressOf = (name: 'saddr' | 'daddr') => {
    const fields = family === 4 ? [name] : wordsOf(`${name}6`);
    const text = formatAddress(addressIn(name, family, (field) => facts.get(field) ?? 0));
    for (const field of fields) left.delete(field);
    return text;
  };
  const number = (name: string) => {
    const fields = bitsOf(name, name === 'tcp flags' ? 8 : name === 'ct.status' ? 16 : 32);
    if (!fields.some((field) => left.has(field))) return undefined;
    return fields.reduce((sum, field, index) => sum + (take(field) ?? 0) * 2 ** index, 0);
  };
  const listed = (value: number, all: readonly (readonly [string, number])[]) =>
    all.flatMap(([name, bit]) => (value & bit ? [name] : [])).join(',');
  const protocol = take('l4proto');
  const [dport, sport, state, type] = ['dport', 'sport', 'ct.state', 'icmp type'].map(take);
  const [into, out] = [take('iif') ?? 0, take('oif') ?? 0].map((value) => names.textOf(value) || 'any0');
  const [status, flags, mark, ctMark] = ['ct.status', 'tcp flags', 'mark', 'ct mark'].map(number);
  const name = numberText(protocol ?? 6, 'inet_proto');
  const [source, destination] = [addressOf('saddr'), addressOf('daddr')];
  return [
    ...['from', source, 'to', destination],
    ...[name, ...(dport === undefined ? [] : WITH_PORTS.has(protocol ?? 6) ? [String(dport)] : [])],
    ...(sport === undefined ? [] : ['sport', String(sport)]),
    ...(journey === 'output' ? [] : ['in', into ?? '']),
    ...(journey === 'input' ? [] : ['out', out ?? '']),
    ...(state === undefined ? [] : ['state', CT_STATES[Math.min(state, CT_STATES.length - 1)]?.[0] ?? 'new']),
    ...(status ? ['status', listed(status, Object.entries(CT_STATUS))] : []),
    ...(flags === undefined ? [] : ['flags', listed(flags, Object.entries(TCP_FLAGS)) || 'none']),
    ...(type === undefined ? [] : ['type', String(type)]),
    ...(mark === undefined ? [] : ['mark', String(mark)]),
    ...(ctMark === undefined ? [] : ['ctmark', String(ctMark)]),
    ...[...left].flatMap(([field, value]) => ['with', `${field}=${value}`]),
  ];
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

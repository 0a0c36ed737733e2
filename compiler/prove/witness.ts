import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../dsl/core/address';
import type { Origin } from '../../dsl/core/origin';
import { type Evaluation, evaluate } from '../evaluate/evaluate';
import type { Field } from '../meaning/condition';
import { CT_STATES, isUnknown } from '../meaning/fields';
import type { Program } from '../meaning/program';
import { CT_STATUS, numberText } from '../meaning/symbols';
import type { Difference, Fate } from './compare';

/** A difference for people: the packet, and what decides it on both sides. */
export interface Described {
  readonly journey: Difference['journey'];
  readonly packet: readonly string[];
  readonly first: Side;
  readonly second: Side;
}

export interface Side extends Fate {
  /** The rule, or the chain whose policy, decided; undefined when nothing held the packet up. */
  readonly decidedBy: Origin | undefined;
  readonly chain: string | undefined;
}

export function describe(difference: Difference, first: Program, second: Program): Described {
  return {
    journey: difference.journey,
    packet: packetText(difference.facts, first),
    first: sideOf(difference, difference.first, first),
    second: sideOf(difference, difference.second, second),
  };
}

function sideOf({ journey, facts }: Difference, fate: Fate, program: Program): Side {
  const walk: Evaluation = evaluate(program, facts, journey === 'output' ? 'output' : 'prerouting', () =>
    journey === 'input' ? { kind: 'input' } : { kind: 'forward', oif: facts.get('oif') ?? 0 },
  );
  const last = walk.decisive ?? walk.met.findLast(({ decision }) => decision?.kind === 'accept') ?? walk.met.at(-1);
  return {
    ...fate,
    decidedBy: last && (last.sentence?.rule.origin ?? last.routine.chain.origin),
    chain: last && `${last.routine.table.family} ${last.routine.table.name} ${last.routine.chain.name}`,
  };
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
    case 'l4proto':
      return `l4proto ${numberText(value, 'inet_proto')}`;
    case 'fib daddr type':
    case 'fib saddr type':
      return `${field.replace('~', '')} ${numberText(value, 'fib_addrtype')}`;
    default:
      return `${field} ${value}`;
  }
}

import type { Path } from '../../dsl/core/diagnostic';
import type { Origin } from '../../dsl/core/origin';
import type { Element, Rule } from '../../dsl/ruleset/tree';
import type { Met } from '../evaluate/walk';
import { holds } from '../meaning/condition';
import { bitsOf, OPENING } from '../meaning/fields';
import { keysOf } from '../meaning/keys';
import type { Reading } from '../meaning/reading';
import { numberText } from '../meaning/symbols';
import { termOf } from '../meaning/terms';
import { elementCondition } from '../meaning/tests';
import { elementText, statementText } from '../targets/nft/notation';
import type { Programs } from '../world/programs';
import type { Stop, Trip } from '../world/trip';
import type { OriginOf } from './applied';
import { effectOf, isTranslation, numberIn } from './effects';
import { endText } from './ends';
import { reasonOf } from './reasons';

/** A packet's way, told. */
export interface Account {
  readonly packet: string;
  readonly outcome: Outcome;
  /** The lines that decided: what was published, allowed, denied or written as a rule. */
  readonly because: readonly string[];
  readonly path: readonly Hooked[];
}

export interface Outcome {
  readonly kind: 'delivered' | 'dropped' | 'rejected' | 'lost' | 'other';
  /** Who has it in the end: `host`, `outside` or a container. */
  readonly at: string | null;
  /** As it arrives: `172.17.0.2 port 80`. */
  readonly to: string | null;
  readonly from: string | null;
  /** The marks of the packet and of its connection in the end. */
  readonly mark: number;
  readonly connectionMark: number;
  readonly text: string;
}

export interface Hooked {
  /** `ip prerouting` */
  readonly hook: string;
  readonly in: string | null;
  readonly out: string | null;
  /** The packet's mark behind it. */
  readonly mark: number;
  readonly rules: readonly Ruled[];
}

export interface Ruled {
  /** What the rule does to the packet, in words. */
  readonly effect: string;
  /** `inet tsnet forward` */
  readonly chain: string;
  /** The rule's place in its chain, from 0; null: the chain's policy. */
  readonly index: number | null;
  /** In nft's notation; of a policy, `policy drop`. */
  readonly rule: string;
  /** The elements of sets and maps that the packet was found by. */
  readonly elements: readonly string[];
  /** The lines that the rule, or what it looked up, came from. */
  readonly origins: readonly string[];
}

/** What is said of origins. */
export interface Telling {
  /** The line that something came from; undefined for the program's own. */
  describe(origin: Origin): string | undefined;
  readonly originOf: OriginOf;
}

export function accountOf(trip: Trip, programs: Programs, telling: Telling): Account {
  return {
    packet: packetText(trip),
    outcome: outcomeOf(trip),
    because: said(
      trip.stops.flatMap((stop) => decidingOf(stop, programs, telling.originOf)),
      telling,
    ),
    path: trip.stops.map((stop) => ({
      hook: `${stop.plane} ${stop.hook}`,
      in: stop.in ?? null,
      out: stop.out ?? null,
      mark: markIn('mark', stop),
      rules: stop.met.map((met) => ruledOf(met, stop, trip, programs, telling)),
    })),
  };
}

function packetText({ packet }: Trip): string {
  const { protocol, sourcePort, destinationPort } = packet;
  const sides = [endText(packet.source, sourcePort, protocol), endText(packet.destination, destinationPort, protocol)];
  return `${numberText(protocol, 'inet_proto')} ${sides.join(' -> ')}`;
}

function markIn(name: 'mark' | 'ct mark', stop: Stop | undefined): number {
  return stop ? Number(numberIn(bitsOf(name, 32), stop.after)) : 0;
}

/** What is written to a connection is lost with its first packet. */
function connectionMarkOf({ end, packet }: Trip, last: Stop | undefined): number {
  const isGone = end.kind === 'stopped' && (end.decision.kind === 'drop' || end.decision.kind === 'reject');
  if (!isGone || !last || !holds(OPENING, last.after)) return markIn('ct mark', last);
  return Number(numberIn(bitsOf('ct mark', 32), (field) => packet.more.get(field) ?? 0));
}

function outcomeOf(trip: Trip): Outcome {
  const last = trip.stops.at(-1);
  const [mark, connectionMark] = [markIn('mark', last), connectionMarkOf(trip, last)];
  const outcome = endOf(trip, last);
  const text =
    outcome.kind === 'delivered' && mark !== 0 ? `${outcome.text}, marked 0x${mark.toString(16)}` : outcome.text;
  return { ...outcome, mark, connectionMark, text };
}

function endOf({ end, packet }: Trip, last: Stop | undefined): Omit<Outcome, 'mark' | 'connectionMark'> {
  const { protocol } = packet;
  switch (end.kind) {
    case 'delivered': {
      const { place, headers } = end;
      const at = place.kind === 'port' ? place.port.sandbox : place.kind;
      const to = endText(headers.destination, headers.destinationPort, protocol);
      const from = endText(headers.source, headers.sourcePort, protocol);
      const by = place.kind === 'outside' && place.interface !== '' ? ` by ${place.interface}` : '';
      const who = place.kind === 'host' ? 'the host itself' : place.kind === 'outside' ? `outside${by}` : at;
      const seen = from === endText(packet.source, packet.sourcePort, protocol) ? '' : `, as from ${from}`;
      return { kind: 'delivered', at, to, from, text: `reaches ${who} at ${to}${seen}` };
    }
    case 'lost':
      return { kind: 'lost', at: null, to: null, from: null, text: `gets nowhere: ${end.because}` };
    case 'stopped': {
      const { decision } = end;
      const nothing = { at: null, to: null, from: null };
      const reason = reasonOf(last?.met ?? []);
      if (decision.kind === 'drop')
        return { kind: 'dropped', ...nothing, text: reason === undefined ? 'is dropped' : `is dropped: ${reason}` };
      const what = 'text' in decision ? decision.text : decision.kind;
      if (decision.kind === 'reject') return { kind: 'rejected', ...nothing, text: `is rejected with ${what}` };
      return { kind: 'other', ...nothing, text: `is handed over: ${what}` };
    }
  }
}

function ruledOf(met: Met, { plane }: Stop, { packet }: Trip, programs: Programs, telling: Telling): Ruled {
  const { routine, sentence } = met;
  const chain = `${routine.table.family} ${routine.table.name} ${routine.chain.name}`;
  if (!sentence)
    return {
      effect: 'dropped: no rule of the chain let it pass',
      chain,
      index: null,
      rule: 'policy drop',
      elements: [],
      origins: said([routine.chain.origin], telling),
    };
  const found = elementsOf(met, sentence.rule, { plane, names: programs.names, occurrence: (text) => text });
  const origins = found.map((element) => telling.originOf(element, routine.table));
  return {
    effect: effectOf(met, packet),
    chain,
    index: routine.chain.rules.indexOf(sentence.rule),
    rule: sentence.rule.statements.map(statementText).join(' '),
    elements: found.map((element) => elementText(element)),
    origins: said([sentence.rule.origin, ...origins], telling),
  };
}

/** Where the rules that a packet met at a hook, and what they looked up, came from. */
export function originsOf(stop: Stop | undefined, { names }: Programs, originOf: OriginOf): readonly Origin[] {
  if (!stop) return [];
  return stop.met.flatMap((met) => {
    if (!met.sentence) return [met.routine.chain.origin];
    const { rule } = met.sentence;
    const found = elementsOf(met, rule, { plane: stop.plane, names, occurrence: (text) => text });
    return [rule.origin, ...found.map((element) => originOf(element, met.routine.table))];
  });
}

/** Of the rules met at a hook those that decided something, and what led to a drop; not what says who is where. */
function decidingOf(stop: Stop, programs: Programs, originOf: OriginOf): readonly Origin[] {
  const last = stop.met.length - 1;
  const deciding = stop.met.filter((met, index) => {
    if (isTranslation(met)) return true;
    return index === last ? met.decision?.kind !== 'return' : stop.decision !== undefined && index === last - 1;
  });
  const origins = originsOf({ ...stop, met: deciding }, programs, originOf);
  return origins.filter((origin) => origin.kind !== 'intent' || !isPlace(origin.path));
}

/** `networks.0`, `containers.2.networks.1`: who is where, which all traffic of theirs is because of. */
function isPlace([list, , part, ...rest]: Path): boolean {
  if (list === 'networks') return part === undefined || part === 'subnets';
  return list === 'containers' && (part === undefined || (part === 'networks' && rest.length < 2));
}

function said(origins: readonly Origin[], { describe }: Pick<Telling, 'describe'>): string[] {
  return [...new Set(origins.flatMap((origin) => describe(origin) ?? []))];
}

/** The elements of named sets and maps that the packet was found by. */
function elementsOf(met: Met, rule: Rule, reading: Reading): readonly Element[] {
  const { table } = met.routine;
  const matched = rule.statements.flatMap((statement) => {
    if (statement.kind !== 'match' || statement.right.kind !== 'named set' || statement.op !== '==') return [];
    const name = statement.right.name;
    const set = table.sets.find((one) => one.name === name);
    const parts = statement.left.kind === 'concat' ? statement.left.parts : [statement.left];
    const found = set && elementFor(set.elements, parts, met, reading);
    return found ? [found] : [];
  });
  const isNamed = (element: Element) => table.sets.some(({ elements }) => elements.includes(element));
  return [...matched, ...met.rows.flatMap(({ element }) => (isNamed(element) ? [element] : []))];
}

function elementFor(
  elements: readonly Element[],
  parts: readonly Parameters<typeof termOf>[0][],
  met: Met,
  reading: Reading,
): Element | undefined {
  const terms = parts.map((part) => termOf(part, reading)).filter((term) => term !== undefined);
  if (terms.length < parts.length) return undefined;
  const keys = keysOf(terms, elements, reading);
  if (keys && !keys.hasDefault) return keys.find(met.before);
  return elements.find((element) => {
    const values = element.key !== 'default' && element.key.kind === 'concat' ? element.key.parts : [element.key];
    return terms.every((term, index) => {
      const value = values[index];
      if (value === undefined) return false;
      const condition = elementCondition([term], { ...element, key: value }, reading);
      return condition !== undefined && holds(condition, met.before);
    });
  });
}

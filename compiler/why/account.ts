import { formatAddress } from '../../dsl/core/address';
import type { Path } from '../../dsl/core/diagnostic';
import type { Origin } from '../../dsl/core/origin';
import type { Element, Rule } from '../../dsl/ruleset/tree';
import type { Met } from '../evaluate/walk';
import { holds } from '../meaning/condition';
import type { Reading } from '../meaning/reading';
import { numberText, PROTOCOLS } from '../meaning/symbols';
import { termOf } from '../meaning/terms';
import { elementCondition } from '../meaning/tests';
import { elementText, statementText } from '../targets/nft/notation';
import { addressIn, type Packet, WITH_PORTS } from '../world/packet';
import type { Headers, Programs, Stop, Trip } from '../world/trip';
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
  readonly text: string;
}

export interface Hooked {
  /** `ip prerouting` */
  readonly hook: string;
  readonly in: string | null;
  readonly out: string | null;
  readonly rules: readonly Ruled[];
}

export interface Ruled {
  /** What the rule does to the packet, in words. */
  readonly effect: string;
  /** `inet tsnet forward` */
  readonly chain: string;
  /** In nft's notation; of a policy, `policy drop`. */
  readonly rule: string;
  /** The elements of sets and maps that the packet was found by. */
  readonly elements: readonly string[];
  /** The lines that the rule, or what it looked up, came from. */
  readonly origins: readonly string[];
}

export function accountOf(trip: Trip, programs: Programs, describe: (origin: Origin) => string | undefined): Account {
  return {
    packet: packetText(trip),
    outcome: outcomeOf(trip),
    because: said(
      trip.stops.flatMap((stop) => decidingOf(stop, programs)),
      describe,
    ),
    path: trip.stops.map((stop) => ({
      hook: `${stop.plane} ${stop.hook}`,
      in: stop.in ?? null,
      out: stop.out ?? null,
      rules: stop.met.map((met) => ruledOf(met, stop, trip, programs, describe)),
    })),
  };
}

function packetText({ packet }: Trip): string {
  const { protocol, sourcePort, destinationPort } = packet;
  const sides = [endText(packet.source, sourcePort, protocol), endText(packet.destination, destinationPort, protocol)];
  return `${protocolName(protocol)} ${sides.join(' -> ')}`;
}

export function protocolName(protocol: number): string {
  return Object.entries(PROTOCOLS).find(([, value]) => value === protocol)?.[0] ?? numberText(protocol, 'inet_proto');
}

function endText(address: Headers['source'], port: number, protocol: number): string {
  const text = formatAddress(address);
  if (!WITH_PORTS.has(protocol)) return text;
  return address.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}

function outcomeOf({ end, packet, stops }: Trip): Outcome {
  const { protocol } = packet;
  const last = stops.at(-1);
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

function ruledOf(
  met: Met,
  { plane }: Stop,
  { packet }: Trip,
  programs: Programs,
  describe: (origin: Origin) => string | undefined,
): Ruled {
  const { routine, sentence } = met;
  const chain = `${routine.table.family} ${routine.table.name} ${routine.chain.name}`;
  if (!sentence)
    return {
      effect: 'dropped: no rule of the chain let it pass',
      chain,
      rule: 'policy drop',
      elements: [],
      origins: said([routine.chain.origin], describe),
    };
  const found = elementsOf(met, sentence.rule, { plane, names: programs.names, occurrence: (text) => text });
  return {
    effect: effectOf(met, packet),
    chain,
    rule: sentence.rule.statements.map(statementText).join(' '),
    elements: found.map((element) => elementText(element)),
    origins: said([sentence.rule.origin, ...found.map(({ origin }) => origin)], describe),
  };
}

/** Where the rules that a packet met at a hook, and what they looked up, came from. */
export function originsOf(stop: Stop | undefined, { names }: Programs): readonly Origin[] {
  if (!stop) return [];
  return stop.met.flatMap((met) => {
    if (!met.sentence) return [met.routine.chain.origin];
    const { rule } = met.sentence;
    const found = elementsOf(met, rule, { plane: stop.plane, names, occurrence: (text) => text });
    return [rule.origin, ...found.map(({ origin }) => origin)];
  });
}

/** Of the rules met at a hook those that decided something, and what led to a drop; not what says who is where. */
function decidingOf(stop: Stop, programs: Programs): readonly Origin[] {
  const last = stop.met.length - 1;
  const deciding = stop.met.filter(({ decision, observations }, index) => {
    if (observations.some((text) => TRANSLATIONS.test(text))) return true;
    return index === last ? decision?.kind !== 'return' : stop.decision !== undefined && index === last - 1;
  });
  const origins = originsOf({ ...stop, met: deciding }, programs);
  return origins.filter((origin) => origin.kind !== 'intent' || !isPlace(origin.path));
}

/** `networks.0`, `containers.2.networks.1`: who is where, which all traffic of theirs is because of. */
function isPlace([list, , part, ...rest]: Path): boolean {
  if (list === 'networks') return part === undefined || part === 'subnets';
  return list === 'containers' && (part === undefined || (part === 'networks' && rest.length < 2));
}

function said(origins: readonly Origin[], describe: (origin: Origin) => string | undefined): string[] {
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
  const named = new Set(table.sets.flatMap(({ elements }) => elements));
  return [...matched, ...met.rows.flatMap(({ element }) => (named.has(element) ? [element] : []))];
}

function elementFor(
  elements: readonly Element[],
  parts: readonly Parameters<typeof termOf>[0][],
  met: Met,
  reading: Reading,
): Element | undefined {
  const terms = parts.map((part) => termOf(part, reading)).filter((term) => term !== undefined);
  if (terms.length < parts.length) return undefined;
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

const TRANSLATIONS = /^(dnat|snat|masquerade|redirect)\b/;

/** What a rule does to a packet, for people who do not know nft. */
function effectOf({ decision, writes, observations, before }: Met, { destination, protocol }: Packet): string {
  const noted = observations.filter((text) => !TRANSLATIONS.test(text));
  const also = noted.length > 0 ? ` (${noted.join('; ')})` : '';
  const translation = observations.find((text) => TRANSLATIONS.test(text));
  if (translation !== undefined) {
    const written = new Map(writes);
    const after = (field: string) => written.get(field) ?? before(field);
    const there = /^(dnat|redirect)/.test(translation);
    const [address, port] = there ? (['daddr', 'dport'] as const) : (['saddr', 'sport'] as const);
    const to = endText(addressIn(address, destination.family, after), after(port), protocol);
    return `${there ? 'sent on to' : 'now as from'} ${to}${also}`;
  }
  switch (decision?.kind) {
    case 'accept':
      return `accepted${also}`;
    case 'drop':
      return `dropped${also}`;
    case 'reject':
      return `rejected with ${decision.text}${also}`;
    case 'queue':
    case 'other':
      return `${decision.text}${also}`;
    case 'return':
      return `back to the chain before${also}`;
    case 'jump':
    case 'goto':
      return `asks chain ${decision.chain.chain.name}${also}`;
    default:
      return noted.join('; ') || 'goes on';
  }
}

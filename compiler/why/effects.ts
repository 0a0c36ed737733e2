import { assertNever } from '../../dsl/core/brand';
import type { Met } from '../evaluate/walk';
import type { Field } from '../meaning/condition';
import { bitsOf, CT_STATES } from '../meaning/fields';
import type { Observed } from '../meaning/steps';
import { addressIn, type Packet } from '../world/packet';
import { endText } from './ends';

const TRANSLATES_TO = /^(dnat|redirect)\b/;

/** Whether a rule translated the packet. */
export function isTranslation({ observations }: Met): boolean {
  return observations.some(({ what }) => what === 'nat');
}

/** What a rule does to a packet, for people who do not know nft. */
export function effectOf(met: Met, packet: Packet): string {
  const { observations, decision, writes } = met;
  const noted = [
    ...observations.flatMap(({ what, text }) => (what === 'nat' ? [] : notedText(what, text))),
    ...writtenTexts(writes, met.before),
  ];
  const decided = translationText(met, packet) ?? decisionText(decision);
  if (decided === undefined) return noted.join('; ') || 'goes on';
  return noted.length > 0 ? `${decided} (${noted.join('; ')})` : decided;
}

function translationText({ observations, writes, before }: Met, { destination, protocol }: Packet): string | undefined {
  const translation = observations.find(({ what }) => what === 'nat');
  if (!translation) return undefined;
  const written = new Map(writes);
  const after = (field: string) => written.get(field) ?? before(field);
  const there = TRANSLATES_TO.test(translation.text);
  const [address, port] = there ? (['daddr', 'dport'] as const) : (['saddr', 'sport'] as const);
  const to = endText(addressIn(address, destination.family, after), after(port), protocol);
  return `${there ? 'sent on to' : 'now as from'} ${to}`;
}

function decisionText(decision: Met['decision']): string | undefined {
  switch (decision?.kind) {
    case undefined:
    case 'continue':
      return undefined;
    case 'accept':
      return 'accepted';
    case 'drop':
      return 'dropped';
    case 'reject':
      return `rejected with ${decision.text}`;
    case 'queue':
    case 'other':
      return decision.text;
    case 'return':
      return 'back to the chain before';
    case 'jump':
    case 'goto':
      return `asks chain ${decision.chain.chain.name}`;
    default:
      return assertNever(decision);
  }
}

function notedText(what: Observed, text: string): string {
  switch (what) {
    case 'log':
      if (text.startsWith('?')) return `asks ${text.slice(1).replace(/( of a log)? #\d+$/, '')}`;
      return text === 'trace' ? 'traced' : `logged${text.replace(/^log/, '').replace(/ (level|flags) \S+/g, '')}`;
    case 'counter':
      return `counted in ${text}`;
    case 'stateful':
      return `asks ${text.replace(/^\?/, '').replace(/ #\d+$/, '')}`;
    case 'set':
      return `remembered: ${text}`;
    case 'nat':
    case 'mangle':
    case 'other':
      return text;
    default:
      return assertNever(what);
  }
}

/** Numbers whose bits are fields of their own. */
const NUMBERS = [
  ['mark', 'mark', 32],
  ['ct mark', "the connection's mark", 32],
  ['ct label', "the connection's label", 128],
] as const;

/** What follows from a translation, or is nobody's to read. */
const UNSAID = /^(!|ct\.status|fib |[sd]addr|[sd]port|mark\.|ct mark\.|ct label\.)/;

function writtenTexts(writes: Met['writes'], before: (field: Field) => number): string[] {
  const written = new Map(writes);
  const marks = NUMBERS.flatMap(([name, said, count]) => {
    const bits = bitsOf(name, count);
    if (!bits.some((bit) => written.has(bit))) return [];
    const value = numberIn(bits, (field) => written.get(field) ?? before(field));
    return [`${said} set to 0x${value.toString(16)}`];
  });
  const others = [...written].flatMap(([field, value]) => {
    if (field === 'ct.state') return [`from now on ${CT_STATES[value]?.[0]}`];
    return UNSAID.test(field) ? [] : [`${field} set to ${value}`];
  });
  return [...marks, ...others];
}

/** The number that fields of one bit each make, the lowest first. */
export function numberIn(bits: readonly Field[], read: (field: Field) => number): bigint {
  return bits.reduce((sum, field, index) => sum | (BigInt(read(field)) << BigInt(index)), 0n);
}

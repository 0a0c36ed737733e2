import { all, any, bit, type Condition, type Field, UNBOUNDED, within } from './condition';

/** Bits of a 128-bit address a field holds. */
export const WORD_BITS = 32;

/** Addresses of IPv6 are four fields of 32 bits, the first the highest. */
export function wordsOf(name: Field): readonly Field[] {
  return [0, 1, 2, 3].map((index) => `${name}.${index}`);
}

/** A number whose bits are asked for one by one is a field a bit, the lowest first. */
export function bitsOf(name: Field, count: number): readonly Field[] {
  return Array.from({ length: count }, (_, index) => `${name}.${index}`);
}

/** How conntrack sees a packet, in the numbers of the field `ct.state`; the value is nft's bit for it. */
export const CT_STATES = [
  ['invalid', 1],
  ['established', 2],
  ['related', 4],
  ['new', 8],
  ['untracked', 64],
] as const;

export type CtState = (typeof CT_STATES)[number][0];

export function ctStateNumber(state: CtState): number {
  return CT_STATES.findIndex(([name]) => name === state);
}

/** The packet's conntrack state is one of these. */
export function stateIs(...states: readonly CtState[]): Condition {
  const numbers = states.map(ctStateNumber).sort((a, b) => a - b);
  return within('ct.state', ...numbers.flatMap((one) => [one, one === CT_STATES.length - 1 ? UNBOUNDED : one]));
}

/** What conntrack remembers of the first packet of a connection, and the fields that it has it from. */
export const ORIGINALS: readonly (readonly [remembered: Field, of: Field])[] = [
  ...['saddr', ...wordsOf('saddr6'), 'daddr', ...wordsOf('daddr6')].map(
    (field) => [`ct original ${field}`, field] as const,
  ),
  ['ct original protocol', 'l4proto'],
];
export const ORIGINAL_PORTS: readonly (readonly [remembered: Field, of: Field])[] = [
  ['ct original proto-src', 'sport'],
  ['ct original proto-dst', 'dport'],
];

/** The protocols whose headers begin with two ports (IANA protocol numbers). */
export const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** Set in the first packet of a connection that another one announced; unset in an error about one. */
export const OPENS = 'ct.opens';

/** Whether a packet opens a connection: the only ones that chains of type nat see (nf_nat_inet_fn). */
export const OPENING: Condition = any(stateIs('new'), all(stateIs('related'), bit(OPENS)));

/** Set when a chain of type route wrote to what the way was chosen by: it is chosen again (nf_route_table_hook4). */
export const REROUTED = 'rerouted';
export const ROUTED_BY = /^([sd]addr|dscp$|ecn$)/;

/** A bit of the mark as chains of type route left it: the way is chosen again only where it is another than before. */
export function routedBit(field: Field): Field | undefined {
  return field.startsWith('mark.') ? `routed ${field}` : undefined;
}

/** Fields that say what was done to a packet so far; no rule reads them. */
export const DESTINATION_DONE = '!destination translated';
export const SOURCE_DONE = '!source translated';

/**
 * The order in which decision diagrams ask: what splits rulesets most comes first, and what is asked for together stands
 * together. Fields that are not here come after these, in the order in which they are met.
 */
export const FIELD_ORDER: readonly Field[] = [
  'ct.state',
  OPENS,
  DESTINATION_DONE,
  SOURCE_DONE,
  'ether type',
  'iif',
  'oif',
  'ct.direction',
  ...bitsOf('ct.status', 16),
  'fib daddr type',
  'fib saddr type',
  'ether saddr',
  'ether daddr',
  'daddr',
  ...wordsOf('daddr6'),
  'saddr',
  ...wordsOf('saddr6'),
  'l4proto',
  'fragment',
  'dport',
  'sport',
  'icmp type',
  'icmp code',
  ...bitsOf('tcp flags', 8),
  ...bitsOf('mark', 32),
  ...bitsOf('ct mark', 32),
];

/** A field after something unknown was written to it; it stands next to the field it is a copy of. */
export function renewed(field: Field): Field {
  return `${field}~`;
}

export function isRenewed(field: Field): boolean {
  return field.endsWith('~');
}

export function originalOf(field: Field): Field {
  return isRenewed(field) ? field.slice(0, -1) : field;
}

/** Something that is decided outside of the packet: a limit, a random number, a string in the payload. */
export function unknown(text: string): Field {
  const name = text.replace(/\b0x[0-9a-f]+\b/g, (hex) => BigInt(hex).toString());
  return `?${name}`;
}

export function isUnknown(field: Field): boolean {
  return field.startsWith('?');
}

/** Fields whose numbers stand for names (`Names`): of interfaces, of helpers. */
export function isName(field: Field): boolean {
  return /^([io]if|ct helper|osf .*|osf|meta (sdif|sdifname|[io]brname|[io]ifkind)|fib .* oif)$/.test(field);
}

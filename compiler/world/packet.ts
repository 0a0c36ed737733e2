import type { Address, Family } from '../../dsl/core/address';
import type { Field } from '../meaning/condition';
import { bitsOf, ctStateNumber, ORIGINAL_PORTS, ORIGINALS, WITH_PORTS, wordsOf } from '../meaning/fields';

/** A packet as it is sent, before anything has happened to it. */
export interface Packet {
  readonly source: Address;
  readonly destination: Address;
  /** An IP protocol number. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Everything else that is told of it, by the model's fields; what is told here stands over what follows from the rest. */
  readonly more: ReadonlyMap<Field, number>;
}

export const ICMP: Readonly<Record<Family, number>> = { 4: 1, 6: 58 };
export const ECHO_REQUEST: Readonly<Record<Family, number>> = { 4: 8, 6: 128 };
const SYN = 1;

/** What the model's fields say of a packet: the first of a connection, where nothing else is told. */
export function factsOf({
  source,
  destination,
  protocol,
  sourcePort,
  destinationPort,
  more,
}: Packet): Map<Field, number> {
  const facts = new Map<Field, number>([
    ['ct.state', ctStateNumber('new')],
    ['l4proto', protocol],
    ...addressFacts('saddr', source),
    ...addressFacts('daddr', destination),
  ]);
  if (WITH_PORTS.has(protocol)) facts.set('sport', sourcePort).set('dport', destinationPort);
  // Its type and code are where others have a source port.
  if (protocol === ICMP[source.family]) {
    const type = more.get('icmp type') ?? ECHO_REQUEST[source.family];
    facts.set('icmp type', type).set('sport', type * 256 + (more.get('icmp code') ?? 0));
  }
  if (protocol === 6) facts.set(bitsOf('tcp flags', 8)[SYN] as Field, 1);
  for (const [field, value] of more) facts.set(field, value);
  if (facts.get('ct.direction') !== 1)
    for (const [remembered, of] of WITH_PORTS.has(protocol) ? [...ORIGINALS, ...ORIGINAL_PORTS] : ORIGINALS) {
      const value = facts.get(of);
      if (value !== undefined && !more.has(remembered)) facts.set(remembered, value);
    }
  return facts;
}

export function addressFacts(name: 'saddr' | 'daddr', { family, value }: Address): [Field, number][] {
  if (family === 4) return [[name, value]];
  return wordsOf(`${name}6`).map((field, index) => [field, Number((value >> BigInt(32 * (3 - index))) & 0xffffffffn)]);
}

export function addressIn(name: 'saddr' | 'daddr', family: Family, read: (field: Field) => number): Address {
  if (family === 4) return { family, value: read(name) as Extract<Address, { family: 4 }>['value'] };
  const value = wordsOf(`${name}6`).reduce((sum, field) => (sum << 32n) | BigInt(read(field)), 0n);
  return { family, value: value as Extract<Address, { family: 6 }>['value'] };
}

import { type Family, formatAddress } from '../../dsl/core/address';
import type { Facts } from '../evaluate/evaluate';
import type { Field } from '../meaning/condition';
import { bitsOf, CT_STATES, isName, WITH_PORTS, wordsOf } from '../meaning/fields';
import type { Journey } from '../meaning/journey';
import type { Names } from '../meaning/names';
import { CT_STATUS, numberText, TCP_FLAGS } from '../meaning/symbols';
import { addressIn, factsOf, ICMP } from '../world/packet';
import { isShare, toldTypes } from '../world/told';

const DEFAULT_SOURCE_PORT = 40000;
const TCP = 6;

/** All that `tsnet why` takes for true of a packet when it is told no more than these facts, of rules alone. */
export function assumedFrom(told: Facts, journey: Journey, family: Family, asked: Iterable<Field>): Facts {
  const read = (field: Field) => told.get(field) ?? 0;
  const facts = factsOf({
    source: addressIn('saddr', family, read),
    destination: addressIn('daddr', family, read),
    protocol: told.get('l4proto') ?? TCP,
    sourcePort: told.get('sport') ?? DEFAULT_SOURCE_PORT,
    destinationPort: told.get('dport') ?? 0,
    more: told,
  });
  for (const [field, type] of toldTypes(journey !== 'output', journey !== 'input'))
    if (!told.has(field)) facts.set(field, type);
  if (journey === 'output') facts.set('sender known', 1);
  for (const field of asked) if (isShare(field) && !told.has(field)) facts.set(field, 1);
  return facts;
}

/** `from 10.0.0.1 to 10.0.0.2 tcp 80 in eth0 out eth1 state new`; what has no word of its own follows `with`. */
export function questionWords(told: Facts, journey: Journey, family: Family, names: Names): readonly string[] {
  const whole = assumedFrom(told, journey, family, []);
  const read = (field: Field) => whole.get(field) ?? 0;
  const left = new Set(told.keys());
  const address = (name: 'saddr' | 'daddr') => {
    for (const field of family === 4 ? [name] : wordsOf(`${name}6`)) left.delete(field);
    return formatAddress(addressIn(name, family, read));
  };
  const [source, destination] = [address('saddr'), address('daddr')];
  const take = (field: Field, word: (value: number) => readonly string[]): readonly string[] =>
    left.delete(field) ? word(read(field)) : [];
  const number = (name: string, count: number, word: (value: number) => readonly string[]): readonly string[] => {
    const fields = bitsOf(name, count);
    const isTold = fields.map((field) => left.delete(field)).includes(true);
    return isTold ? word(fields.reduce((sum, field, index) => sum + read(field) * 2 ** index, 0)) : [];
  };
  const protocol = read('l4proto');
  left.delete('l4proto');
  const ported = WITH_PORTS.has(protocol);
  const into = names.textOf(read('iif')) || 'any0';
  const out = names.textOf(read('oif')) || 'any0';
  left.delete('iif');
  left.delete('oif');
  return [
    ...['from', source, 'to', destination, protocolWord(protocol, family)],
    ...(ported ? take('dport', (value) => [String(value)]) : []),
    ...(ported ? take('sport', (value) => ['sport', String(value)]) : []),
    ...(journey === 'output' ? [] : ['in', into]),
    ...(journey === 'input' ? [] : ['out', out]),
    ...take('ct.state', (value) => ['state', CT_STATES[Math.min(value, CT_STATES.length - 1)]?.[0] ?? 'new']),
    ...number('ct.status', 16, (value) => ['status', listed(value, CT_STATUS)]),
    ...number('tcp flags', 8, (value) => ['flags', listed(value, TCP_FLAGS)]),
    ...take('icmp type', (value) => ['type', String(value)]),
    ...number('mark', 32, (value) => ['mark', String(value)]),
    ...number('ct mark', 32, (value) => ['ctmark', String(value)]),
    ...[...left].flatMap((field) => [
      'with',
      `${field}=${isName(field) ? names.textOf(read(field)) || 'none' : read(field)}`,
    ]),
  ];
}

/** `icmp` is for either family what it has by that name. */
function protocolWord(protocol: number, family: Family): string {
  return family === 6 && protocol === ICMP[4] ? String(protocol) : numberText(protocol, 'inet_proto');
}

function listed(value: number, all: Readonly<Record<string, number>>): string {
  return (
    Object.entries(all)
      .flatMap(([name, bit]) => (value & bit ? [name] : []))
      .join(',') || 'none'
  );
}

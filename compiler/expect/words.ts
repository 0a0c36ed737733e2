import { type Address, formatAddress } from '../../dsl/core/address';
import type { Field } from '../meaning/condition';
import type { Names } from '../meaning/names';
import { numberText } from '../meaning/symbols';
import { addressIn } from '../world/packet';
import type { World } from '../world/world';
import type { Entry } from './flow';
import type { Class } from './scope';

/** Where the words of a packet come from: names of interfaces, who is behind them, and a port where any will do. */
interface Spoken {
  readonly names: Names;
  readonly world: World;
  readonly anyPort: number;
}

/** A packet of a class as the words that `tsnet why` is asked with. */
export function questionOf(
  { family, entry, target }: Class,
  facts: ReadonlyMap<Field, number>,
  spoken: Spoken,
): readonly string[] {
  const read = (field: Field) => facts.get(field) ?? 0;
  const has = (name: 'saddr' | 'daddr') => facts.has(family === 4 ? name : `${name}6.0`);
  const source = has('saddr') ? addressIn('saddr', family, read) : undefined;
  const destination = target.kind === 'local' ? target.address : addressIn('daddr', family, read);
  const protocol = facts.get('l4proto') ?? 6;
  const ports =
    facts.has('dport') || [6, 17, 132].includes(protocol) ? [String(facts.get('dport') ?? spoken.anyPort)] : [];
  return [
    'from',
    ...senderOf(entry, source, facts, spoken),
    'to',
    formatAddress(destination),
    numberText(protocol, 'inet_proto'),
    ...ports,
    ...(facts.has('sport') ? ['sport', String(read('sport'))] : []),
  ];
}

function senderOf(
  entry: Entry,
  source: Address | undefined,
  facts: ReadonlyMap<Field, number>,
  { names, world }: Spoken,
): readonly string[] {
  switch (entry.kind) {
    case 'host':
      return ['host'];
    case 'outside':
      return [source ? formatAddress(source) : 'outside'];
    case 'ports': {
      const veth = names.textOf(facts.get('iif') ?? 0);
      const port = world.portsOn(entry.bridge).find(({ name }) => name === veth);
      if (!port) return ['outside'];
      const own = source && port.addresses.some((one) => formatAddress(one) === formatAddress(source));
      return source ? (own ? [formatAddress(source)] : [port.sandbox, 'as', formatAddress(source)]) : [port.sandbox];
    }
  }
}

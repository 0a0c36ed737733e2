import type { Expression, Nat } from '../../dsl/ruleset/tree';
import { isVerdict } from '../../dsl/ruleset/walk';
import { expressionText } from '../targets/nft/notation';
import { observe, unknownStep, when, write } from './acts';
import { all, type Field, NEVER, not, within } from './condition';
import { bitsOf, DESTINATION_DONE, SOURCE_DONE, wordsOf } from './fields';
import { headerGuard } from './guards';
import { found, lookup } from './lookups';
import type { Reading } from './reading';
import type { Step, Write } from './steps';
import type { Surroundings } from './surroundings';
import { rangeOf } from './values';

export function natSteps(nat: Nat, around: Surroundings): readonly Step[] {
  const { reading } = around;
  const { plane } = reading;
  if (nat.family && nat.family !== plane) return [when(NEVER)];
  const destination = nat.kind === 'dnat' || nat.kind === 'redirect';
  if (nat.address?.kind === 'map') {
    const { key, map } = nat.address;
    const rows = lookup(key, map, around, (data) => {
      if (!data || isVerdict(data)) return undefined;
      const [address, port] = data.kind === 'concat' ? data.parts : [data, nat.port];
      return address && translation({ ...nat, address, ...(port ? { port } : {}) }, destination, around);
    });
    return rows ?? [found(key, map, around), unknownStep(nat)];
  }
  if (nat.port?.kind === 'map') {
    const { key, map } = nat.port;
    const rows = lookup(key, map, around, (port) =>
      !port || isVerdict(port) ? undefined : translation({ ...nat, port }, destination, around),
    );
    return rows ?? [found(key, map, around), unknownStep(nat)];
  }
  return translation(nat, destination, around);
}

/** The first packet of a connection is translated; what its headers say from then on, and that it was done. */
function translation(nat: Nat, destination: boolean, { reading }: Surroundings): readonly Step[] {
  const { plane } = reading;
  const side = destination ? 'daddr' : 'saddr';
  const addressFields = plane === 'ip6' ? wordsOf(`${side}6`) : [side];
  const portField = destination ? 'dport' : 'sport';
  const addressType = plane === 'ip6' ? ('ipv6_addr' as const) : ('ipv4_addr' as const);
  const address = nat.address && rangeOf(nat.address, addressType);
  const port = nat.port && rangeOf(nat.port, 'inet_service');
  if ((nat.address && !address) || (nat.port && !port)) return [unknownStep(nat)];
  const word = (value: bigint, index: number) =>
    Number((value >> BigInt(32 * (addressFields.length - 1 - index))) & 0xffffffffn);
  const fixed = address && address[0] === address[1] ? address[0] : undefined;
  const moved = nat.address !== undefined || nat.kind === 'masquerade' || nat.kind === 'redirect';
  const writes: Write[] = [
    ...(moved
      ? addressFields.map((field, index): Write => {
          if (fixed !== undefined) return { field, to: word(fixed, index) };
          return { field, to: 'unknown', ...(address ? { first: word(address[0], index) } : {}) };
        })
      : []),
    ...(port
      ? [{ field: portField, to: port[0] === port[1] ? Number(port[0]) : ('unknown' as const), first: Number(port[0]) }]
      : []),
  ];
  const same = all(...writes.map(({ field, to }) => (typeof to === 'number' ? within(field, to, to) : NEVER)));
  const about = destination ? 'daddr' : 'saddr';
  const flags = [...nat.flags].sort().join(' ');
  const what = nat.kind === 'dnat' || nat.kind === 'snat' ? `${nat.kind} to` : nat.kind;
  const target = nat.prefix ? `prefix ${expressionText(nat.address as Expression)}` : rangesText(address, plane);
  const text = [what, target, port ? `port ${port[0] === port[1] ? port[0] : `${port[0]}-${port[1]}`}` : '', flags]
    .filter((part) => part !== '')
    .join(' ');
  return [
    ...(port ? [when(headerGuard('transport', reading))] : []),
    observe('nat', text),
    write(
      ...writes,
      { field: `fib ${about} type`, to: 'unknown' },
      { field: bitsOf('ct.status', 16)[destination ? 5 : 4] as Field, to: not(same) },
      { field: destination ? DESTINATION_DONE : SOURCE_DONE, to: 1 },
    ),
    { kind: 'verdict', verdict: { kind: 'accept' } },
  ];
}

function rangesText(range: readonly [bigint, bigint] | undefined, plane: Reading['plane']): string {
  if (!range) return '';
  const text = (value: bigint) =>
    plane === 'ip6'
      ? expressionText({ kind: 'ipv6', value: value as never })
      : expressionText({ kind: 'ipv4', value: Number(value) as never });
  return range[0] === range[1] ? text(range[0]) : `${text(range[0])}-${text(range[1])}`;
}

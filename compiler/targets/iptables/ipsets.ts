import type { Constant, Expression, NamedSet } from '../../../dsl/ruleset/tree';
import { addressText } from './parts';
import type { XtFamily, XtSet } from './tables';

/** Fewer than this many members are what ipset makes room for by itself. */
export const ROOM = 65536;

/** How a look-up is said with ipset: the type of the set, and for each of its dimensions the packet's side. */
interface Shape {
  readonly type: 'hash:ip' | 'hash:net' | 'hash:ip,port' | 'hash:net,port' | 'hash:net,iface';
  readonly directions: string;
  /** A member from the parts of a key, in the set's own order. */
  member(key: readonly Expression[]): readonly string[] | undefined;
}

const SOURCE: readonly string[] = ['ip saddr', 'ip6 saddr'];
const DESTINATION: readonly string[] = ['ip daddr', 'ip6 daddr'];

/** The shape of a look-up that a set of ipset can do; the others become rules. */
function shapeOf(left: Expression, set: NamedSet): Shape | undefined {
  const fields: readonly string[] = (left.kind === 'concat' ? left.parts : [left]).map((part) =>
    part.kind === 'field' ? part.field : '',
  );
  const [first = '', second = '', third = ''] = fields;
  const blocks = set.flags.includes('interval');
  if (fields.length === 1 && directionOf(first))
    return {
      type: blocks ? 'hash:net' : 'hash:ip',
      directions: directionOf(first) ?? '',
      member: ([address]) => blocksOf(address),
    };
  if (fields.length === 3 && directionOf(first) && second === 'meta l4proto' && third === 'th dport')
    return {
      type: blocks ? 'hash:net,port' : 'hash:ip,port',
      directions: `${directionOf(first)},dst`,
      member: ([address, protocol, port]) => {
        const ports = portsOf(port);
        if (protocol?.kind !== 'symbol' || ports === undefined) return undefined;
        return blocksOf(address)?.map((block) => `${block},${protocol.name}:${ports}`);
      },
    };
  const side = first === 'meta iifname' ? 'src' : first === 'meta oifname' ? 'dst' : undefined;
  if (fields.length === 2 && side && directionOf(second))
    return {
      type: 'hash:net,iface',
      directions: `${directionOf(second)},${side}`,
      member: ([device, address]) =>
        device?.kind === 'string' && !device.wildcard
          ? blocksOf(address)?.map((block) => `${block},${device.value}`)
          : undefined,
    };
  return undefined;
}

function directionOf(field: string): 'src' | 'dst' | undefined {
  return SOURCE.includes(field) ? 'src' : DESTINATION.includes(field) ? 'dst' : undefined;
}

/** A named set as a set of ipset and the directions to look it up with, or undefined when ipset has no type for it. */
export function keepSet(
  left: Expression,
  set: NamedSet,
  name: string,
  family: XtFamily,
): { set: XtSet; directions: string } | undefined {
  const shape = set.data || set.limit || set.timeoutMs !== undefined ? undefined : shapeOf(left, set);
  if (!shape || set.elements.some(({ key, statements }) => key === 'default' || statements)) return undefined;
  const members = set.elements.map(({ key }) => {
    if (key === 'default') return undefined;
    return shape.member(key.kind === 'concat' ? key.parts : [key]);
  });
  if (!members.every((one) => one !== undefined) || hasManyPorts(members.flat())) return undefined;
  return { set: { name, type: shape.type, family, members: members.flat() }, directions: shape.directions };
}

/** A set of ipset has a member for each port of a range: more of them than it makes room for are better said by rules. */
function hasManyPorts(members: readonly string[]): boolean {
  let count = members.length;
  for (const member of members) {
    const [, first = '0', last = '0'] = RANGE.exec(member) ?? [];
    count += Number(last) - Number(first);
  }
  return count > members.length && count > ROOM;
}

const RANGE = /:(\d+)-(\d+)$/;

function portsOf(port: Expression | undefined): string | undefined {
  if (port?.kind === 'number') return String(port.value);
  if (port?.kind !== 'range' || port.first.kind !== 'number' || port.last.kind !== 'number') return undefined;
  return `${port.first.value}-${port.last.value}`;
}

/** Addresses as blocks that ipset takes: no ranges, which it has not for IPv6, and no block of length 0. */
function blocksOf(address: Expression | undefined): readonly string[] | undefined {
  switch (address?.kind) {
    case 'ipv4':
    case 'ipv6':
      return [addressText(address)];
    case 'prefix':
      return address.length === 0 ? halves(address.address) : [`${addressText(address.address)}/${address.length}`];
    case 'range':
      return rangeBlocks(address.first, address.last);
    default:
      return undefined;
  }
}

function halves(address: Constant): string[] {
  return address.kind === 'ipv4' ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1'];
}

function rangeBlocks(first: Constant, last: Constant): string[] | undefined {
  if ((first.kind !== 'ipv4' && first.kind !== 'ipv6') || last.kind !== first.kind) return undefined;
  const bits = first.kind === 'ipv4' ? 32 : 128;
  const end = BigInt(last.value);
  const blocks: string[] = [];
  for (let from = BigInt(first.value); from <= end; ) {
    let length = bits;
    // The largest block that begins here and does not go past the end, nor is all there is.
    while (
      length > 1 &&
      from % (1n << BigInt(bits - length + 1)) === 0n &&
      from + (1n << BigInt(bits - length + 1)) - 1n <= end
    )
      length--;
    const start = (
      first.kind === 'ipv4' ? { kind: 'ipv4', value: Number(from) } : { kind: 'ipv6', value: from }
    ) as Constant;
    blocks.push(`${addressText(start)}/${length}`);
    from += 1n << BigInt(bits - length);
  }
  return blocks;
}

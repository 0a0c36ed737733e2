import type { Field } from '../meaning/condition';

/** RTN_* of linux/rtnetlink.h. */
const [UNICAST, LOCAL] = [1, 2];

/**
 * What the addresses of a packet are to a host of which nothing is known but the interfaces: what it sends is from it,
 * what goes out by none is for it.
 */
export function toldTypes(comesIn: boolean, goesOut: boolean): readonly (readonly [Field, number])[] {
  return [
    ['fib daddr type', comesIn && !goesOut ? LOCAL : UNICAST],
    ['fib saddr type', comesIn ? UNICAST : LOCAL],
  ];
}

/** Limits, quotas and counts of connections, of which a first packet is taken to have its share left. */
export function isShare(field: Field): boolean {
  return /^\?(limit|quota|ct count)\b/.test(field);
}

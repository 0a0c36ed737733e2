import { addressBlock, boundsOf, type Prefix, parsePrefix, readAddress } from '../../../dsl/core/address';
import type { Probe, Truth } from './chains';

type Condition = (probe: Probe) => Truth;

export const undecided: Condition = () => 'unknown';

export function not(condition: Condition): Condition {
  return (probe) => {
    const truth = condition(probe);
    return truth === 'unknown' ? truth : !truth;
  };
}

/** An interface by its name; a trailing `+` or `*` stands for any end. */
export function onInterface(side: 'in' | 'out', pattern: string): Condition {
  const begin = /[+*]$/.test(pattern) ? pattern.slice(0, -1) : undefined;
  return (probe) => {
    const name = probe[side];
    if (begin !== undefined) return begin === '' || (name?.startsWith(begin) ?? false);
    return name === pattern;
  };
}

export function inSubnet(side: 'from' | 'to', text: string): Condition {
  const asked = blockOf(text);
  if (!asked) return undecided;
  return (probe) => {
    if (asked.family !== probe.family) return false;
    if (asked.length === 0) return true;
    const own = probe[side] === undefined ? undefined : blockOf(probe[side]);
    if (!own) return false;
    const [outer, inner] = [boundsOf(asked), boundsOf(own)];
    if (inner.first >= outer.first && inner.last <= outer.last) return true;
    return inner.last < outer.first || inner.first > outer.last ? false : 'unknown';
  };
}

/** Packets are asked about before anything of their connection was seen. */
export function inState(states: readonly string[]): Condition {
  const named = states.map((state) => state.toLowerCase());
  return (probe) => named.includes('new') || (named.includes('dnat') && probe.translated);
}

function blockOf(text: string): Prefix | undefined {
  const prefix = parsePrefix(text);
  if (prefix.ok) return prefix.value;
  const address = readAddress(text);
  return address && addressBlock(address);
}

import type { Field } from '../meaning/condition';
import { isRenewed, REROUTED, ROUTED_BY, renewed, routedBit } from '../meaning/fields';
import type { Node } from './diagram';

/** What is written to a field: a number, the outcome of a function, or another field's place. */
export type Becomes =
  | { readonly number: number }
  | { readonly truth: Node }
  /** `less`: what the other field says, less this. */
  | { readonly field: Field; readonly less?: number };

/** What a packet met: how it goes on, what was done to it, and what was seen. */
export interface Leaf {
  readonly control: 'next' | 'return' | 'accept' | 'drop' | 'reject' | 'queue' | 'other';
  readonly text: string;
  readonly writes: ReadonlyMap<Field, Becomes>;
  readonly seen: readonly string[];
}

export const NO_WRITES: ReadonlyMap<Field, Becomes> = new Map();

/** What was written to a field. One that stands for what nobody can tell is another each time that it is written. */
export function becameOf(field: Field, writes: ReadonlyMap<Field, Becomes>): Becomes | undefined {
  const becomes = writes.get(field);
  if (becomes || !isRenewed(field)) return becomes;
  const taken = [...writes.values()].some((one) => 'field' in one && one.less === undefined && one.field === field);
  return taken ? { field: renewed(field) } : undefined;
}

/** What conntrack keeps with a connection. */
const OF_ENTRY = /^ct (mark|label)\b/;

/** Before conntrack there is no entry to write to (nft_ct_set_eval, xt_connmark). */
export function withoutEntry(leaf: Leaf): Leaf {
  return { ...leaf, writes: new Map([...leaf.writes].filter(([field]) => !OF_ENTRY.test(field))) };
}

/** Chains of type route have the way chosen again for what they change. */
export function rerouted(leaf: Leaf): Leaf {
  if (leaf.control !== 'next' && leaf.control !== 'accept' && leaf.control !== 'return') return leaf;
  const writes = new Map(leaf.writes);
  for (const [field, to] of leaf.writes) {
    const routed = routedBit(field);
    if (routed !== undefined) writes.set(routed, to);
    else if (ROUTED_BY.test(field)) writes.set(REROUTED, { number: 1 });
  }
  return { ...leaf, writes };
}

/** Of a packet that goes no further only what stays behind counts: what was seen, and its connection's mark. */
export function kept(leaf: Leaf): Leaf {
  if (leaf.control !== 'drop' && leaf.control !== 'reject') return leaf;
  const writes = new Map([...leaf.writes].filter(([field]) => OF_ENTRY.test(field)));
  return { ...leaf, writes, seen: leaf.seen.filter((text) => !/^(nat|mangle): /.test(text)) };
}

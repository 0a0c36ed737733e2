import type { Hook } from '../../dsl/ruleset/tree';
import type { Field } from './condition';

/** The priority at which a hook's address translation stands (linux/netfilter_ipv4.h): dstnat, or srcnat. */
export function translatedAt(hook: Hook): number {
  return hook === 'prerouting' || hook === 'output' ? -100 : 100;
}

/** Where conntrack is in use it puts fragments together before rules of this priority see them, as they come in or are sent (NF_IP_PRI_CONNTRACK_DEFRAG). */
export const PUT_TOGETHER_AT = -400;

/** What a packet that was put together says no more. */
export const OF_FRAGMENTS: readonly Field[] = ['fragment', 'exthdr frag exists'];

/** The ways a packet can take, and the hooks on each. */
export const JOURNEYS = {
  forward: ['prerouting', 'forward', 'postrouting'],
  input: ['prerouting', 'input'],
  output: ['output', 'postrouting'],
} as const satisfies Record<string, readonly Hook[]>;

export type Journey = keyof typeof JOURNEYS;

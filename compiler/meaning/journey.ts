import type { Hook } from '../../dsl/ruleset/tree';

/** The priority at which a hook's address translation stands (linux/netfilter_ipv4.h): dstnat, or srcnat. */
export function translatedAt(hook: Hook): number {
  return hook === 'prerouting' || hook === 'output' ? -100 : 100;
}

/** The ways a packet can take, and the hooks on each. */
export const JOURNEYS = {
  forward: ['prerouting', 'forward', 'postrouting'],
  input: ['prerouting', 'input'],
  output: ['output', 'postrouting'],
} as const satisfies Record<string, readonly Hook[]>;

export type Journey = keyof typeof JOURNEYS;

import type { BaseChain } from '../../../../dsl/ruleset/tree';

const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const HOOKS = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
} as const;
type BuiltIn = keyof typeof HOOKS;

/** The built-in chains of each table (iptables(8)). */
const BUILT_IN: Readonly<Record<string, readonly BuiltIn[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export const TABLE_NAMES = Object.keys(BUILT_IN);

export function builtInChains(table: string): readonly string[] {
  return BUILT_IN[table] ?? [];
}

/** Where the kernel asks a chain; undefined for one of the user's own. */
export function baseOf(table: string, chain: string, policy: 'accept' | 'drop'): BaseChain | undefined {
  const hook = BUILT_IN[table]?.includes(chain as BuiltIn) ? HOOKS[chain as BuiltIn] : undefined;
  if (!hook) return undefined;
  if (table === 'nat') {
    const priority = hook === 'prerouting' || hook === 'output' ? -100 : 100;
    return { type: 'nat', hook, priority, policy };
  }
  const type = table === 'mangle' && hook === 'output' ? 'route' : 'filter';
  return { type, hook, priority: PRIORITIES[table] ?? 0, policy };
}

import type { Origin } from '../../../dsl/core/origin';
import type { BaseChain } from '../../../dsl/ruleset/tree';

/** What iptables-restore takes: tables of chains of rules, one family each. */
export type XtTableName = 'raw' | 'mangle' | 'nat' | 'filter';
export type XtFamily = 'ip' | 'ip6';

/** In the order in which the kernel asks them at a hook; also the order of a file. */
export const XT_TABLES: readonly XtTableName[] = ['raw', 'mangle', 'nat', 'filter'];

export interface XtRule {
  /** The match arguments, in the order iptables-save prints them. */
  readonly matches: readonly string[];
  /** `-j` or `-g` and the target with its options. */
  readonly target: readonly string[];
  readonly origin: Origin;
}

export interface XtChain {
  readonly name: string;
  readonly rules: readonly XtRule[];
}

export interface XtTable {
  readonly name: XtTableName;
  readonly chains: readonly XtChain[];
  /** Built-in chain to the chains it has to lead to, in order. */
  readonly hooks: ReadonlyMap<string, readonly string[]>;
}

export interface XtRuleset {
  readonly family: XtFamily;
  readonly tables: readonly XtTable[];
}

/** The table whose built-in chain stands nearest to a base chain's place, or undefined when none does its job. */
export function tableFor({ type, hook, priority }: BaseChain): XtTableName | undefined {
  if (type === 'nat') return hook === 'forward' ? undefined : 'nat';
  if (type === 'route') return hook === 'output' ? 'mangle' : undefined;
  switch (hook) {
    case 'prerouting':
      return priority < -200 ? 'raw' : 'mangle';
    case 'output':
      return priority < -200 ? 'raw' : priority < 0 ? 'mangle' : 'filter';
    case 'input':
    case 'forward':
      return priority < 0 ? 'mangle' : 'filter';
    case 'postrouting':
      return 'mangle';
    case 'ingress':
    case 'egress':
      return undefined;
  }
}

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
  readonly hooks: readonly XtHook[];
}

export interface XtHook {
  readonly builtin: string;
  /** The chains it has to lead to, in order. */
  readonly entries: readonly string[];
  /** The chain by which all that they accept leaves. */
  readonly gate: string | null;
}

/** A set of ipset. */
export interface XtSet {
  readonly name: string;
  readonly type: string;
  readonly family: XtFamily;
  readonly members: readonly string[];
}

export interface XtRuleset {
  readonly family: XtFamily;
  readonly tables: readonly XtTable[];
  readonly sets: readonly XtSet[];
}

/**
 * The table whose built-in chain stands at a base chain's place among connection tracking (-200) and address translation
 * (-100 and 100), or undefined when none does.
 */
export function tableFor({ type, hook, priority }: BaseChain): XtTableName | undefined {
  if (type === 'nat') return hook === 'forward' ? undefined : 'nat';
  if (type === 'route') return hook === 'output' ? 'mangle' : undefined;
  switch (hook) {
    case 'prerouting':
      return priority < -200 ? 'raw' : priority < -100 ? 'mangle' : undefined;
    case 'output':
      return priority < -200 ? 'raw' : priority < -100 ? 'mangle' : 'filter';
    case 'input':
    case 'forward':
      return priority < 0 ? 'mangle' : 'filter';
    case 'postrouting':
      return priority < 100 ? 'mangle' : undefined;
    case 'ingress':
    case 'egress':
      return undefined;
  }
}

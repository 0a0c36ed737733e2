import { type Origin, PROGRAM } from '../../../dsl/core/origin';
import type { BaseChain, Chain, Table } from '../../../dsl/ruleset/tree';
import { TableChains } from './chains';
import { xtName } from './names';
import type { LegalizeOptions } from './options';
import {
  tableFor,
  XT_TABLES,
  type XtChain,
  type XtHook,
  type XtRule,
  type XtRuleset,
  type XtSet,
  type XtTable,
} from './tables';

export interface LegalizeProblem {
  readonly origin: Origin;
  readonly what: string;
}

interface Base {
  readonly within: TableChains;
  readonly chain: Chain;
  readonly base: BaseChain;
}

/**
 * Turns tables over sets and maps into chains of rules for one family: a look-up becomes a rule for each element, a
 * denied look-up a chain that returns for each element, a rule with several look-ups a chain for each but the last.
 * What has no iptables form is reported with its origin.
 */
export function legalize(tables: readonly Table[], options: LegalizeOptions) {
  const problems: LegalizeProblem[] = [];
  const refuse = (origin: Origin, what: string) => problems.push({ origin, what });
  const ours = tables.filter((table) => {
    if (table.family === 'inet' || table.family === 'ip' || table.family === 'ip6') return true;
    refuse(table.origin, `a table of family ${table.family}`);
    return false;
  });
  for (const { name, base, origin } of ours.flatMap((table) => table.chains))
    if (base && !tableFor(base))
      refuse(origin, `the place of the chain ${name}: ${base.type} at ${base.hook}, priority ${base.priority}`);
  const sets = new Map<string, XtSet>();
  const built = XT_TABLES.flatMap((name): XtTable[] => {
    const parts = ours
      .filter(({ family }) => family === 'inet' || family === options.family)
      .map((table) => new TableChains(table, name, options, refuse, sets));
    const bases = parts
      .flatMap((within) => within.bases().map((base) => ({ within, ...base })))
      .sort((one, other) => one.base.priority - other.base.priority);
    const hooks = hooksOf(bases, options);
    const chains = [...parts.flatMap((within) => within.chains()), ...hooks.flatMap(({ exits }) => exits)];
    return chains.length > 0 ? [{ name, chains, hooks: hooks.map(({ hook }) => hook) }] : [];
  });
  const ruleset: XtRuleset = { family: options.family, tables: built, sets: [...sets.values()] };
  return { ruleset, problems };
}

/**
 * The base chains of each hook, lowest priority first. In nft a packet that one of them accepts goes on to the next,
 * in iptables it would leave the table: so what all but the last accept goes on by a chain that leads through the rest.
 */
function hooksOf(bases: readonly Base[], { prefix, gates }: LegalizeOptions): { hook: XtHook; exits: XtChain[] }[] {
  const builtins = [...new Set(bases.map(({ base }) => base.hook.toUpperCase()))];
  return builtins.map((builtin) => {
    const here = bases.filter(({ base }) => base.hook.toUpperCase() === builtin);
    const entries = here.map(({ within, chain }) => within.nameOf(chain));
    const gate = xtName('chain', `${prefix}accept.${builtin}`);
    const leave = gates ? ['-g', gate] : ['-j', 'ACCEPT'];
    const exits = here.slice(0, -1).map((_, index): XtChain => {
      const later = entries.slice(index + 1).map((entry) => programRule(['-j', entry]));
      return { name: xtName('chain', `${prefix}after.${index}.${builtin}`), rules: [...later, programRule(leave)] };
    });
    for (const [index, { within, chain }] of here.entries()) {
      const exit = exits[index];
      within.lowerBase(chain, exit ? ['-g', exit.name] : leave);
    }
    const hook: XtHook = { builtin, entries, gate: gates ? gate : null };
    return { hook, exits };
  });
}

function programRule(target: readonly string[]): XtRule {
  return { matches: [], target, origin: PROGRAM };
}

import type { Chain, Hook, Ruleset, Table, TableFamily } from '../../dsl/ruleset/tree';
import { Names } from './names';
import type { Plane, Reading } from './reading';
import { type Surroundings, stepsOf } from './statements';
import type { Routine, Sentence } from './steps';

/** A ruleset as the packets of one plane meet it. */
export interface Program {
  readonly plane: Plane;
  readonly names: Names;
  /** In the order in which the kernel asks them: by hook and priority. */
  readonly bases: readonly Base[];
  /** What stands in the ruleset and is not in the program: `table netdev filter`. */
  readonly outside: readonly string[];
}

export interface Base {
  readonly table: Table;
  readonly chain: Routine;
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

const HOOK_ORDER: readonly Hook[] = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'];

/** The names of interfaces and the like that rulesets speak of, and those of packets that will be asked about. */
export function namesOf(rulesets: readonly Ruleset[], more: Iterable<string> = []): Names {
  const exact = new Set(['lo', ...more]);
  const prefixes = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    else if (typeof node === 'object' && node !== null) {
      if ('kind' in node && node.kind === 'string' && 'value' in node && typeof node.value === 'string') {
        if ('wildcard' in node && node.wildcard === true) prefixes.add(node.value);
        else exact.add(node.value);
      }
      for (const [key, value] of Object.entries(node)) if (key !== 'origin') visit(value);
    }
  };
  for (const { tables } of rulesets) visit(tables.map(({ sets, chains }) => ({ sets, chains })));
  return new Names(exact, prefixes);
}

export function programOf({ tables }: Ruleset, plane: Plane, names: Names): Program {
  const counts = new Map<string, number>();
  const reading: Reading = {
    plane,
    names,
    occurrence(text) {
      const count = (counts.get(text) ?? 0) + 1;
      counts.set(text, count);
      return `${text} #${count}`;
    },
  };
  const seen = tables.filter(({ family, flags }) => FAMILIES[plane].includes(family) && !flags?.includes('dormant'));
  const readers = new Map(seen.map((table) => [table, new TableMeaning(table, reading)]));
  const found = seen.flatMap((table) =>
    table.chains.flatMap((chain) => (chain.base ? [{ table, chain, base: chain.base }] : [])),
  );
  const rank = ({ hook, priority }: { hook: Hook; priority: number }) => [HOOK_ORDER.indexOf(hook), priority] as const;
  // Of chains at one hook and priority the kernel asks the one that was made last first (nf_hook_entries_grow).
  const bases = found
    .filter(({ base }) => base.hook !== 'ingress' && base.hook !== 'egress')
    .reverse()
    .sort((a, b) => {
      const [[hookA, priorityA], [hookB, priorityB]] = [rank(a.base), rank(b.base)];
      return hookA - hookB || priorityA - priorityB;
    })
    .map(({ table, chain, base }): Base => {
      const meaning = readers.get(table) as TableMeaning;
      return { table, chain: meaning.routine(chain.name), ...base };
    });
  const outside = found
    .filter(({ base }) => base.hook === 'ingress' || base.hook === 'egress')
    .map(({ table, chain }) => `chain ${chain.name} of table ${table.family} ${table.name}`);
  return { plane, names, bases, outside };
}

const FAMILIES: Readonly<Record<Plane, readonly TableFamily[]>> = {
  ip: ['ip', 'inet'],
  ip6: ['ip6', 'inet'],
  bridge: ['bridge'],
  arp: ['arp'],
};

/** The chains of one table, made when something leads to them. */
class TableMeaning {
  private readonly routines = new Map<string, Routine>();
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly around: Surroundings;

  constructor(
    private readonly table: Table,
    reading: Reading,
  ) {
    this.chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    const sets = new Map(table.sets.map((set) => [set.name, set]));
    this.around = { reading, table, sets, routine: (to) => this.routine(to) };
  }

  routine(name: string): Routine {
    const known = this.routines.get(name);
    if (known) return known;
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`a verdict leads to no chain: ${name}`);
    const draft: Draft = { table: this.table, chain, rules: [] };
    this.routines.set(name, draft);
    this.met.push(draft);
    if (!this.isReading) this.readMet();
    return draft;
  }

  private readonly met: Draft[] = [];
  private isReading = false;

  /** Reads the chains that were met, and those that they lead to, each behind the rule that does; however deep that is. */
  private readMet(): void {
    this.isReading = true;
    const open: Draft[] = [];
    for (;;) {
      open.push(...this.met.splice(0).reverse());
      const top = open.at(-1);
      if (!top) break;
      const rule = top.chain.rules[top.rules.length];
      if (rule) top.rules.push({ rule, steps: stepsOf(rule.statements, this.around) });
      else open.pop();
    }
    this.isReading = false;
  }
}

/** A chain of which the first rules are read. */
interface Draft extends Routine {
  readonly rules: Sentence[];
}

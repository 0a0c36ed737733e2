import type { Chain, Hook, NamedSet, Ruleset, Table, TableFamily } from '../../dsl/ruleset/tree';
import { Names } from './names';
import { stepsOf } from './statements';
import type { Routine, Sentence } from './steps';
import type { Plane, Reading } from './terms';

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
  const bases = found
    .filter(({ base }) => base.hook !== 'ingress' && base.hook !== 'egress')
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
  private readonly sets: ReadonlyMap<string, NamedSet>;

  constructor(
    private readonly table: Table,
    private readonly reading: Reading,
  ) {
    this.chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    this.sets = new Map(table.sets.map((set) => [set.name, set]));
  }

  routine(name: string): Routine {
    const known = this.routines.get(name);
    if (known) return known;
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`a verdict leads to no chain: ${name}`);
    const rules: Sentence[] = [];
    const routine: Routine = { table: this.table, chain, rules };
    this.routines.set(name, routine);
    for (const rule of chain.rules)
      rules.push({
        rule,
        steps: stepsOf(rule.statements, {
          reading: this.reading,
          table: this.table,
          sets: this.sets,
          routine: (to) => this.routine(to),
        }),
      });
    return routine;
  }
}

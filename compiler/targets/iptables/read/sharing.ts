import { assertNever } from '../../../../dsl/core/brand';
import type { Chain, NamedObject, NamedSet, Rule, Statement, Table, Verdict } from '../../../../dsl/ruleset/tree';
import type { Uses } from '../extensions/module';

/** Tables of iptables in the order in which the kernel asks them. */
const ORDER = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** For a family and a table of iptables, the table of nft that it is part of, where it is not one of its own: `raw-filter`. */
export type Sharing = ReadonlyMap<string, string>;

/**
 * What remembers belongs to one table of nft. Tables of iptables whose rules share a list of `recent`, a budget of
 * hashlimit or a set that rules change become one; each keeps its chains at their hooks and priorities.
 */
export function sharingOf({ lists, sets, budgets }: Uses): Sharing {
  const groups: ReadonlySet<string>[] = [];
  const together = (keys: readonly string[]) => {
    if (keys.length < 2) return;
    const met = groups.filter((group) => keys.some((key) => group.has(key)));
    for (const group of met) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...keys, ...met.flatMap((group) => [...group])]));
  };
  for (const shared of [lists, budgets])
    for (const [key, { tables }] of shared) {
      const family = key.slice(0, key.indexOf(' '));
      together([...tables].map((table) => `${family} ${table}`));
    }
  for (const { tables, written } of sets.values())
    for (const family of written ? ['ip', 'ip6'] : [])
      together([...tables].filter((table) => table.startsWith(`${family} `)));
  return new Map(groups.flatMap((group) => [...group].map((key) => [key, nameOf(group)] as const)));
}

function nameOf(group: ReadonlySet<string>): string {
  const names = [...group].map((key) => key.slice(key.indexOf(' ') + 1));
  return names.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).join('-');
}

/** Tables that share something as one, in the place of the first of them. */
export function together(tables: readonly Table[], sharing: Sharing): readonly Table[] {
  const groups = new Map<string, Table[]>();
  for (const table of tables) {
    const key = groupOf(table, sharing);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), table]);
  }
  // A table that is given twice is an error of its own.
  for (const [key, members] of groups)
    if (new Set(members.map(({ name }) => name)).size < members.length) groups.delete(key);
  const done = new Set<string>();
  return tables.flatMap((table): readonly Table[] => {
    const key = groupOf(table, sharing);
    const members = key === undefined ? undefined : groups.get(key);
    if (key === undefined || !members) return [table];
    if (done.has(key)) return [];
    done.add(key);
    return [asOne(members, sharing.get(`${table.family} ${table.name}`) ?? table.name)];
  });
}

function groupOf({ family, name }: Table, sharing: Sharing): string | undefined {
  const group = sharing.get(`${family} ${name}`);
  return group === undefined ? undefined : `${family} ${group}`;
}

function asOne(members: readonly Table[], name: string): Table {
  const inOrder = [...members].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const [first] = inOrder as [Table];
  const often = inOrder.flatMap(({ chains }) => chains.map((chain) => chain.name));
  const isShared = (chain: string) => often.indexOf(chain) !== often.lastIndexOf(chain);
  const sets = new Map<string, NamedSet>();
  const objects = new Map<string, NamedObject>();
  const taken = new Set(
    inOrder.flatMap((table) => table.chains.flatMap((one) => (one.base || isShared(one.name) ? [] : [one.name]))),
  );
  const free = (wanted: string) => {
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
    taken.add(name);
    return name;
  };
  const chains = inOrder.flatMap((table) => {
    const names = new Map(
      table.chains.map((one): [string, string] => [
        one.name,
        one.base || isShared(one.name) ? free(`${table.name}-${one.name}`) : one.name,
      ]),
    );
    const renamed = (chain: string) => names.get(chain) ?? chain;
    for (const set of table.sets) if (!sets.has(set.name)) sets.set(set.name, set);
    for (const object of table.objects) objects.set(`${object.kind} ${object.name}`, object);
    return table.chains.map(
      (chain): Chain => ({
        ...chain,
        name: renamed(chain.name),
        rules: chain.rules.map((rule) => withChains(rule, renamed)),
      }),
    );
  });
  return { ...first, name, sets: [...sets.values()], objects: [...objects.values()], chains };
}

function withChains(rule: Rule, renamed: (chain: string) => string): Rule {
  return { ...rule, statements: rule.statements.map((statement) => inStatement(statement, renamed)) };
}

/** Rules of iptables lead to chains by verdicts, and by what stands in an `either`. */
function inStatement(statement: Statement, renamed: (chain: string) => string): Statement {
  switch (statement.kind) {
    case 'verdict':
      return { ...statement, verdict: inVerdict(statement.verdict, renamed) };
    case 'either':
      return {
        ...statement,
        alternatives: statement.alternatives.map((all) => all.map((one) => inStatement(one, renamed))),
      };
    default:
      return statement;
  }
}

function inVerdict(verdict: Verdict, renamed: (chain: string) => string): Verdict {
  switch (verdict.kind) {
    case 'jump':
    case 'goto':
      return { ...verdict, chain: renamed(verdict.chain) };
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return verdict;
    default:
      return assertNever(verdict);
  }
}

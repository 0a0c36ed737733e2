import type { Chain, NamedSet, Rule, Table } from '../../../dsl/ruleset/tree';
import { ruleText } from '../../targets/nft/print';
import { renamedStatement } from '../express';
import { lossOf } from '../lost';
import { alignment } from './alignment';
import { mergedOrigin } from './items';
import { forOne, isGuarded, neutral } from './neutral';
import type { Pass } from './pass';

/**
 * The IPv4 and the IPv6 table of one name become one for both, of the family inet, where they agree enough that it reads
 * better than two: what both say stands once.
 *
 * Sound: rules of each family keep their order; a rule that only one family has asks for that family first; a rule stands
 * for both only where its words mean the same to both and nothing in it remembers being asked. A base chain is joined with
 * one at the same place that ends alike, or, where the other family has none, when it lets pass what it does not decide.
 */
export const JOIN: Pass = {
  name: 'join',
  run: (tables) => {
    const sixes = new Map(tables.filter(({ family }) => family === 'ip6').map((table) => [table.name, table]));
    const gone = new Set<Table>();
    const joined = tables.map((table) => {
      const other = table.family === 'ip' ? sixes.get(table.name) : undefined;
      const both = other && joinedTable(table, other);
      if (!both) return table;
      gone.add(other);
      return both;
    });
    return joined.filter((table) => !gone.has(table));
  },
};

interface Tally {
  shared: number;
  guards: number;
}

function joinedTable(four: Table, six: Table): Table | undefined {
  if (!canJoin(four, six)) return undefined;
  const renames = setRenames(four.sets, six.sets);
  const sixes = six.chains.map(
    (chain): Chain => ({
      ...chain,
      rules: chain.rules.map((rule) => ({
        ...rule,
        statements: rule.statements.map((one) => renamedStatement(one, new Map(), renames)),
      })),
    }),
  );
  const tally: Tally = { shared: 0, guards: 0 };
  const others = new Map(sixes.map((chain) => [chain.name, chain]));
  const own = new Set(four.chains.map(({ name }) => name));
  const chains = [
    ...four.chains.map((chain) => joinedChain(chain, others.get(chain.name), tally)),
    ...sixes.filter(({ name }) => !own.has(name)).map((chain) => joinedChain(undefined, chain, tally)),
  ];
  const fewer = Math.min(rulesOf(four), rulesOf(six));
  if (tally.shared * 2 < fewer || tally.guards > tally.shared) return undefined;
  const sets = [...four.sets, ...six.sets.map((set) => ({ ...set, name: renames.get(set.name) ?? set.name }))];
  return { ...four, family: 'inet', sets, chains, origin: mergedOrigin([four.origin, six.origin]) };
}

function rulesOf({ chains }: Table): number {
  return chains.reduce((sum, { rules }) => sum + rules.length, 0);
}

function canJoin(four: Table, six: Table): boolean {
  if (four.objects.length > 0 || six.objects.length > 0) return false;
  const chains = new Map(six.chains.map((chain) => [chain.name, chain]));
  const kinds = [four, six].flatMap((table) =>
    table.chains.flatMap(({ rules }) => rules.flatMap(({ statements }) => statements)),
  );
  if (kinds.some(({ kind }) => kind === 'dup' || kind === 'fwd')) return false;
  const fits = (chain: Chain, other: Chain | undefined) => {
    if (!chain.base) return other?.base === undefined;
    if (!other) return chain.base.policy === 'accept';
    const { type, hook, priority, policy } = chain.base;
    const { base } = other;
    return base?.type === type && base.hook === hook && base.priority === priority && base.policy === policy;
  };
  const names = new Map(four.chains.map((chain) => [chain.name, chain]));
  return (
    four.chains.every((chain) => fits(chain, chains.get(chain.name))) &&
    six.chains.every((chain) => fits(chain, names.get(chain.name)))
  );
}

function setRenames(four: readonly NamedSet[], six: readonly NamedSet[]): ReadonlyMap<string, string> {
  const taken = new Set([...four, ...six].map(({ name }) => name));
  const own = new Set(four.map(({ name }) => name));
  const renames = new Map<string, string>();
  for (const { name } of six) {
    if (!own.has(name)) continue;
    let free = `${name}6`;
    while (taken.has(free)) free += '_';
    taken.add(free);
    renames.set(name, free);
  }
  return renames;
}

function joinedChain(four: Chain | undefined, six: Chain | undefined, tally: Tally): Chain {
  const chain = (four ?? six) as Chain;
  const [fours, sixes] = [four?.rules ?? [], six?.rules ?? []];
  const reached = chain.base !== undefined || (four !== undefined && six !== undefined);
  const one = (rule: Rule, family: 'ip' | 'ip6'): Rule => {
    if (lossOf(rule)) return rule;
    if (!reached) return unguarded(rule, family);
    if (!isGuarded(rule, family)) tally.guards++;
    return forOne(rule, family);
  };
  const keys = (rules: readonly Rule[], family: 'ip' | 'ip6') =>
    rules.map((rule) => {
      const both = lossOf(rule) ? undefined : neutral(rule, family);
      return both && ruleText({ statements: both.statements, origin: rule.origin });
    });
  const rules: Rule[] = [];
  let [at, other] = [0, 0];
  for (const [a, b] of [...alignment(keys(fours, 'ip'), keys(sixes, 'ip6')), [fours.length, sixes.length] as const]) {
    rules.push(
      ...fours.slice(at, a).map((rule) => one(rule, 'ip')),
      ...sixes.slice(other, b).map((rule) => one(rule, 'ip6')),
    );
    const [first, second] = [fours[a], sixes[b]];
    const both = first && neutral(first, 'ip');
    if (both && first && second) {
      tally.shared++;
      rules.push(together(both, first, second));
    }
    [at, other] = [a + 1, b + 1];
  }
  const origin = four && six ? mergedOrigin([four.origin, six.origin]) : chain.origin;
  return { ...chain, rules, origin };
}

/** Packets of the other family do not come to its chain; only translations have to name theirs. */
function unguarded(rule: Rule, family: 'ip' | 'ip6'): Rule {
  const [first, ...rest] = forOne(rule, family).statements;
  const guarded = isGuarded(rule, family);
  return guarded || !first ? forOne(rule, family) : { ...rule, statements: rest };
}

function together(both: Rule, four: Rule, six: Rule): Rule {
  const remarks = [
    ...(four.remarks ?? []),
    ...(six.remarks ?? []),
    ...(six.comment !== undefined && six.comment !== four.comment ? [six.comment] : []),
  ];
  return {
    ...both,
    ...(remarks.length > 0 ? { remarks: [...new Set(remarks)] } : {}),
    origin: mergedOrigin([four.origin, six.origin]),
  };
}

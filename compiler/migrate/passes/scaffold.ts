import type { Chain, Rule, Statement, Table } from '../../../dsl/ruleset/tree';
import { verdictsOf } from '../../../dsl/ruleset/walk';
import { renamedStatement } from '../express';
import type { Pass } from './pass';

/**
 * Chains that a front end makes only to have places for its rules: ufw's and firewalld's. Their rules stand where the
 * one rule was that led to them, below a line that says which they are.
 *
 * Sound: every packet that comes to the rule goes through the chain and comes back to what follows it; no rule of the
 * chain ends it early, by `return` or `goto`, and no other rule leads to it.
 */
export const SCAFFOLD: Pass = {
  name: 'scaffold',
  run: (tables, report) =>
    tables.map((table) => {
      const one = withoutSix(table);
      const inlined = new Inliner(one);
      const chains = one.chains.filter(({ base }) => base !== undefined).map((chain) => inlined.chain(chain));
      const rest = one.chains.filter(({ name, base }) => base === undefined && !inlined.gone.has(name));
      const kept = rest.map((chain) => inlined.chain(chain)).filter(({ name }) => !inlined.gone.has(name));
      for (const [name, { origin }] of inlined.gone) report(origin, `\`${name}\` stands where a rule led to it`);
      return { ...one, chains: [...chains, ...kept] };
    }),
};

const PLACES = [
  /^ufw-(before|after|reject|track|user)(-logging)?-(input|output|forward)$/,
  /^(INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)_(direct|POLICIES_(pre|post)|ZONES|ZONES_SOURCE|IN_ZONES|OUT_ZONES)$/,
  /^(IN|FWD|FWDI|FWDO|PRE|POST)_\w+_(pre|log|deny|allow|post)$/,
];

/** ufw calls chains of IPv6 `ufw6-`, so that both families could not be told together. */
function withoutSix(table: Table): Table {
  if (table.family !== 'ip6') return table;
  const taken = new Set(table.chains.map(({ name }) => name));
  const renames = new Map(
    [...taken].flatMap((name): [string, string][] => {
      const other = name.replace(/^ufw6-/, 'ufw-');
      return other === name || taken.has(other) ? [] : [[name, other]];
    }),
  );
  if (renames.size === 0) return table;
  const chains = table.chains.map((chain) => ({
    ...chain,
    name: renames.get(chain.name) ?? chain.name,
    rules: chain.rules.map((rule) => ({
      ...rule,
      statements: rule.statements.map((one) => renamedStatement(one, renames, new Map())),
    })),
  }));
  return { ...table, chains };
}

class Inliner {
  /** Chains that are no more, with the rules that led to them. */
  readonly gone = new Map<string, Rule>();
  private readonly byName: ReadonlyMap<string, Chain>;
  private readonly callers = new Map<string, number>();

  constructor({ chains }: Table) {
    this.byName = new Map(chains.map((chain) => [chain.name, chain]));
    for (const verdict of chains.flatMap(({ rules }) =>
      rules.flatMap(({ statements }) => statements.flatMap(verdictsOf)),
    ))
      if ('chain' in verdict) this.callers.set(verdict.chain, (this.callers.get(verdict.chain) ?? 0) + 1);
  }

  chain(chain: Chain): Chain {
    const rules = chain.rules.flatMap((rule) => this.rulesFor(rule));
    return rules.length === chain.rules.length && rules.every((rule, at) => rule === chain.rules[at])
      ? chain
      : { ...chain, rules };
  }

  private rulesFor(rule: Rule): readonly Rule[] {
    const last = rule.statements.at(-1);
    const target =
      last?.kind === 'verdict' && last.verdict.kind === 'jump' ? this.byName.get(last.verdict.chain) : undefined;
    const end = target && endOf(target);
    if (end) {
      this.gone.set(target.name, target.rules[0] as Rule);
      return [{ ...rule, statements: [...rule.statements.slice(0, -1), end] }];
    }
    if (!target || rule.statements.length > 1 || !this.isPlace(target)) return [rule];
    this.gone.set(target.name, rule);
    const [first, ...rest] = target.rules.flatMap((one) => this.rulesFor(one));
    const said = [target.name, ...(rule.comment === undefined ? [] : [rule.comment])];
    return first ? [{ ...first, remarks: [...said, ...(first.remarks ?? [])] }, ...rest] : [];
  }

  private isPlace({ name, base, rules }: Chain): boolean {
    return (
      base === undefined &&
      PLACES.some((place) => place.test(name)) &&
      this.callers.get(name) === 1 &&
      rules
        .flatMap(({ statements }) => statements.flatMap(verdictsOf))
        .every(({ kind }) => kind !== 'return' && kind !== 'goto')
    );
  }
}

/** What a chain of ufw's does to every packet, if that is all that it does. */
function endOf({ name, rules }: Chain): Statement | undefined {
  const [only, ...more] = rules;
  const [end, ...others] = only?.statements ?? [];
  if (!name.startsWith('ufw-') || more.length > 0 || others.length > 0 || only?.comment !== undefined) return undefined;
  return end?.kind === 'verdict' && (end.verdict.kind === 'accept' || end.verdict.kind === 'drop') ? end : undefined;
}

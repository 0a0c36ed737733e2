import type { Chain, Rule, Statement, Table, Verdict } from '../../../../dsl/ruleset/tree';

/** Just behind conntrack (-200), before all else of iptables. */
const AFTER_CONNTRACK = -199;

/**
 * iptables notes a helper (`-j CT --helper`) before conntrack sees the packet; nft sets it on the connection that conntrack
 * made. Rules that do so are asked again behind conntrack, in chains of the same shape that do only this.
 */
export function afterConntrack(table: Table): Table {
  const concerned = chainsThat(table.chains, asks);
  if (concerned.size === 0) return table;
  const again = table.chains
    .filter(({ name }) => concerned.has(name))
    .map((chain): Chain => {
      const rules = chain.rules.flatMap((rule) => repeated(rule, concerned));
      const base = chain.base && { ...chain.base, priority: AFTER_CONNTRACK, policy: 'accept' as const };
      return { ...chain, name: later(chain.name), ...(base ? { base } : {}), rules };
    });
  const before = table.chains.map((chain) => ({
    ...chain,
    rules: chain.rules.flatMap((rule) => withoutAsking(rule)),
  }));
  return { ...table, chains: [...before, ...again] };
}

function asks(statement: Statement): boolean {
  return (
    (statement.kind === 'object' && statement.object === 'ct helper') ||
    (statement.kind === 'assign' && statement.target.kind === 'ct' && statement.target.key === 'event')
  );
}

function later(chain: string): string {
  return `${chain}-helpers`;
}

/** The chains that do something, by themselves or in a chain that they lead to. */
function chainsThat(chains: readonly Chain[], does: (statement: Statement) => boolean): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { name, rules } of chains)
      if (rules.some(({ statements }) => statements.some((one) => does(one) || found.has(leadsTo(one) ?? ''))))
        found.add(name);
  }
  return found;
}

function leadsTo(statement: Statement): string | undefined {
  return statement.kind === 'verdict' && 'chain' in statement.verdict ? statement.verdict.chain : undefined;
}

/** A rule that did only this is gone. */
function withoutAsking(rule: Rule): readonly Rule[] {
  const statements = rule.statements.filter((one) => !asks(one));
  if (statements.length === rule.statements.length) return [rule];
  return statements.some(acts) ? [{ ...rule, statements }] : [];
}

function acts({ kind }: Statement): boolean {
  return kind !== 'match' && kind !== 'either';
}

/** What of a rule is asked again: what it matches, where it leads, and what needs the connection. */
function repeated(rule: Rule, concerned: ReadonlySet<string>): readonly Rule[] {
  const statements = rule.statements.flatMap((statement): readonly Statement[] => {
    switch (statement.kind) {
      case 'match':
      case 'either':
        return [statement];
      case 'verdict': {
        const verdict = repeatedVerdict(statement.verdict, concerned);
        return verdict ? [{ kind: 'verdict', verdict }] : [];
      }
      default:
        return asks(statement) ? [statement] : [];
    }
  });
  return statements.some(acts) ? [{ ...rule, statements }] : [];
}

/** A packet that was dropped does not come so far; a chain that has nothing to do again is not asked again. */
function repeatedVerdict(verdict: Verdict, concerned: ReadonlySet<string>): Verdict | undefined {
  if (verdict.kind === 'drop' || verdict.kind === 'continue') return undefined;
  if (!('chain' in verdict)) return verdict;
  if (concerned.has(verdict.chain)) return { ...verdict, chain: later(verdict.chain) };
  return verdict.kind === 'goto' ? { kind: 'return' } : undefined;
}

import type { Chain, Element, MapReference, NamedSet, Statement, Table, Verdict } from '../../../dsl/ruleset/tree';
import { isVerdict } from '../../../dsl/ruleset/walk';

/** What the names in a table stand for, and where its verdicts lead. */
export class References {
  private readonly sets: ReadonlyMap<string, NamedSet>;
  private readonly chains: ReadonlyMap<string, Chain>;

  constructor({ sets, chains }: Table) {
    this.sets = new Map(sets.map((set) => [set.name, set]));
    this.chains = new Map(chains.map((chain) => [chain.name, chain]));
  }

  set(name: string): NamedSet | undefined {
    return this.sets.get(name);
  }

  chain(name: string): Chain {
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`a verdict leads to no chain: ${name}`);
    return chain;
  }

  elementsOf(map: MapReference): readonly Element[] {
    return map.kind === 'named' ? (this.sets.get(map.name)?.elements ?? []) : map.elements;
  }

  verdictsOf(statement: Statement): Verdict[] {
    if (statement.kind === 'verdict') return [statement.verdict];
    if (statement.kind !== 'vmap') return [];
    return this.elementsOf(statement.map).flatMap(({ data }) => (isVerdict(data) ? [data] : []));
  }

  /** Whether a chain, or one that it leads to, accepts. */
  accepts(chain: Chain, seen = new Set<string>()): boolean {
    if (seen.has(chain.name)) return false;
    seen.add(chain.name);
    return this.verdictsIn(chain).some((verdict) => {
      if (verdict.kind === 'accept') return true;
      const next = this.next(verdict);
      return next !== undefined && this.accepts(next, seen);
    });
  }

  leads(from: Chain, to: Chain, seen = new Set<string>()): boolean {
    return this.verdictsIn(from).some((verdict) => {
      const next = this.next(verdict);
      if (next === undefined || seen.has(next.name)) return false;
      seen.add(next.name);
      return next === to || this.leads(next, to, seen);
    });
  }

  private verdictsIn({ rules }: Chain): Verdict[] {
    return rules.flatMap(({ statements }) => statements.flatMap((statement) => this.verdictsOf(statement)));
  }

  private next(verdict: Verdict): Chain | undefined {
    return 'chain' in verdict ? this.chains.get(verdict.chain) : undefined;
  }
}

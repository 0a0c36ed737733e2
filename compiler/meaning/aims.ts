import type { MapReference, Rule, Statement, Table } from '../../dsl/ruleset/tree';
import { expressionText } from '../targets/nft/notation';

/** What rules of a table lead to, through all chains that they jump to: logs by their prefixes, and new addresses. */
export class Aims {
  private readonly chains: ReadonlyMap<string, readonly Rule[]>;
  private readonly sets: ReadonlyMap<string, MapReference>;
  private readonly known = new Map<string, ReadonlySet<string>>();

  constructor({ chains, sets }: Table) {
    this.chains = new Map(chains.map(({ name, rules }) => [name, rules]));
    this.sets = new Map(sets.map(({ name, elements }) => [name, { kind: 'anonymous', elements }]));
  }

  /** In an order that is not that of rules or elements. */
  of(statements: readonly Statement[]): string {
    return [...this.led(statements)].sort().join(', ');
  }

  private led(statements: readonly Statement[]): ReadonlySet<string> {
    return new Set(statements.flatMap((one) => [...this.ledByOne(one)]));
  }

  private ledByOne(statement: Statement): Iterable<string> {
    switch (statement.kind) {
      case 'verdict':
        return 'chain' in statement.verdict ? this.ofChain(statement.verdict.chain) : [];
      case 'vmap':
        return this.ofMap(statement.map);
      case 'log':
        return [`log ${statement.prefix ?? ''}`];
      case 'dnat':
      case 'snat':
      case 'redirect': {
        const to = [statement.address, statement.port].map((one) =>
          one && one.kind !== 'map' ? expressionText(one) : '',
        );
        return [`${statement.kind} ${to.join(' : ')}`];
      }
      default:
        return [];
    }
  }

  private ofMap(map: MapReference): Iterable<string> {
    if (map.kind === 'named') return this.ofMap(this.sets.get(map.name) ?? { kind: 'anonymous', elements: [] });
    const chains = new Set(map.elements.flatMap(({ data }) => (data && 'chain' in data ? [data.chain] : [])));
    return [...chains].flatMap((chain) => [...this.ofChain(chain)]);
  }

  private ofChain(name: string): ReadonlySet<string> {
    const found = this.known.get(name);
    if (found) return found;
    // A chain that leads to itself adds nothing.
    this.known.set(name, new Set());
    const all = this.led((this.chains.get(name) ?? []).flatMap(({ statements }) => statements));
    this.known.set(name, all);
    return all;
  }
}

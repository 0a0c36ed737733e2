import { PROGRAM } from '../../../dsl/core/origin';
import { anonymousSet, field, match, text, verdict } from '../../../dsl/ruleset/nodes';
import type { BaseChain, Chain, Rule, Table } from '../../../dsl/ruleset/tree';

/** A chain without what was raised; `empty` when nothing it does is left. */
interface Cleaned {
  readonly rules: readonly Rule[];
  readonly empty: boolean;
}

/**
 * What is left of tables when the rules in `gone` are done otherwise. Where a chain let such traffic through, it still
 * does: an accept is final in iptables, while in nft every base chain of a hook is asked, and the program's own decides.
 */
export function leftOver(tables: readonly Table[], gone: ReadonlySet<Rule>, bridges: readonly string[]): Table[] {
  const left = tables.map((table) => new Cleaner(table, gone, bridges).table());
  return left.filter(({ chains }) => chains.length > 0);
}

class Cleaner {
  private readonly cleaned = new Map<string, Cleaned>();
  private readonly handover: readonly Rule[];

  constructor(
    private readonly source: Table,
    private readonly gone: ReadonlySet<Rule>,
    bridges: readonly string[],
  ) {
    const names = bridges.length === 1 ? text(bridges[0] ?? '') : anonymousSet(...bridges.map(text));
    this.handover =
      bridges.length === 0 || source.name !== 'filter'
        ? []
        : (['meta iifname', 'meta oifname'] as const).map((name) => ({
            statements: [match(field(name), '==', names), verdict('accept')],
            origin: PROGRAM,
          }));
  }

  table(): Table {
    const { chains, family, name } = this.source;
    const kept = chains.flatMap((chain): Chain[] => {
      const { rules, empty } = this.clean(chain);
      const idle = rules.every((rule) => this.handover.includes(rule));
      if (chain.base ? idle && chain.base.policy === 'accept' : empty) return [];
      if (!chain.base && idle) return [];
      return [chain.base ? { ...chain, rules, base: this.placed(chain, chain.base) } : { ...chain, rules }];
    });
    const reached = reachable(kept);
    return {
      ...this.source,
      name: `host-${name}`,
      chains: kept.filter((chain) => reached.has(chain.name)),
      family,
    };
  }

  private clean(chain: Chain): Cleaned {
    const known = this.cleaned.get(chain.name);
    if (known) return known;
    this.cleaned.set(chain.name, { rules: chain.rules, empty: false });
    const rules: Rule[] = [];
    const handOver = () => {
      if (!this.handover.some((rule) => rules.includes(rule))) rules.push(...this.handover);
    };
    for (const rule of chain.rules) {
      const target = this.target(rule);
      if (this.gone.has(rule)) {
        if (target || isAccept(rule)) handOver();
      } else if (target && isPlain(rule)) {
        const { rules: inner, empty } = this.clean(target);
        if (empty) continue;
        if (inner.every((one) => this.handover.includes(one))) handOver();
        else rules.push(rule);
      } else rules.push(rule);
    }
    while (!chain.base && isReturn(rules.at(-1))) rules.pop();
    const result = { rules: rules.map(speakable), empty: rules.length === 0 };
    this.cleaned.set(chain.name, result);
    return result;
  }

  private target({ statements }: Rule): Chain | undefined {
    const last = statements.at(-1);
    if (last?.kind !== 'verdict' || (last.verdict.kind !== 'jump' && last.verdict.kind !== 'goto')) return undefined;
    const { chain } = last.verdict;
    return this.source.chains.find(({ name }) => name === chain);
  }

  /** Beside the program's chain of the same hook: the host's own rules were asked before those of networks, or after. */
  private placed(chain: Chain, base: BaseChain): BaseChain {
    if (base.type === 'filter' && base.priority === 0) return { ...base, priority: -1 };
    if (base.type !== 'nat') return base;
    const own = chain.rules.findIndex((rule) => this.isOwn(rule));
    const last = chain.rules.findLastIndex((rule) => !this.isOwn(rule));
    return own < 0 ? base : { ...base, priority: base.priority + (own < last ? 1 : -1) };
  }

  /** Whether nothing is left of a rule and of where it leads. */
  private isOwn(rule: Rule): boolean {
    const target = this.target(rule);
    return this.gone.has(rule) || (target !== undefined && this.clean(target).empty);
  }
}

/** Comments stand in quotes there, and nft knows no escapes. */
function speakable(rule: Rule): Rule {
  return rule.comment === undefined ? rule : { ...rule, comment: rule.comment.replace(/["\n]/g, "'").slice(0, 100) };
}

function isPlain({ statements }: Rule): boolean {
  return statements.every(({ kind }) => kind === 'match' || kind === 'counter' || kind === 'verdict');
}

function isAccept({ statements }: Rule): boolean {
  const last = statements.at(-1);
  return last?.kind === 'verdict' && last.verdict.kind === 'accept';
}

function isReturn(rule: Rule | undefined): boolean {
  const [only, ...others] = rule?.statements ?? [];
  return others.length === 0 && only?.kind === 'verdict' && only.verdict.kind === 'return';
}

/** The chains that packets come to. */
function reachable(chains: readonly Chain[]): ReadonlySet<string> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const { statements } of byName.get(name)?.rules ?? [])
      for (const statement of statements)
        if (statement.kind === 'verdict' && 'chain' in statement.verdict) visit(statement.verdict.chain);
  };
  for (const { name, base } of chains) if (base) visit(name);
  return found;
}

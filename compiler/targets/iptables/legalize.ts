import type { Origin } from '../../../dsl/core/origin';
import { FIELDS, type FieldInfo } from '../../../dsl/ruleset/fields';
import type {
  Chain,
  Element,
  Expression,
  NamedSet,
  Nat,
  Rule,
  Statement,
  Table,
  Verdict,
} from '../../../dsl/ruleset/tree';
import { argumentsOf, differs, equals, fits, type Part } from './parts';
import {
  tableFor,
  XT_TABLES,
  type XtChain,
  type XtFamily,
  type XtRule,
  type XtRuleset,
  type XtTable,
  type XtTableName,
} from './tables';
import { natTarget, targetOf } from './targets';

/** The longest chain name iptables takes (XT_FUNCTION_MAXNAMELEN less one and its terminating NUL). */
const LONGEST_CHAIN = 28;

export interface LegalizeOptions {
  /** What the names of our chains begin with. */
  readonly prefix: string;
}

/**
 * Turns tables over sets and maps into chains of rules for one family: a look-up becomes a rule for each element, a
 * denied look-up a chain that returns for each element, a rule with several look-ups a chain for each but the last.
 * What has no iptables form is reported with its origin.
 */
export function legalize(tables: readonly Table[], family: XtFamily, options: LegalizeOptions) {
  const problems: { origin: Origin; what: string }[] = [];
  const built = XT_TABLES.flatMap((name): XtTable[] => {
    const parts = tables.map((table) => new TableLegalizer(table, family, name, options.prefix, problems).build());
    const chains = parts.flatMap((part) => part.chains);
    const hooks = new Map<string, string[]>();
    for (const { bases } of parts)
      for (const { hook, chain } of bases) hooks.set(hook, [...(hooks.get(hook) ?? []), chain]);
    return chains.length > 0 ? [{ name, chains, hooks }] : [];
  });
  const ruleset: XtRuleset = { family, tables: built };
  return { ruleset, problems };
}

export type LegalizeProblem = ReturnType<typeof legalize>['problems'][number];

class TableLegalizer {
  private readonly sets: ReadonlyMap<string, NamedSet>;
  private readonly chains: ReadonlyMap<string, Chain>;
  private readonly done = new Map<string, XtChain>();
  private readonly auxiliary: XtChain[] = [];
  private readonly prefix: string;
  private auxiliaries = 0;
  private rates = 0;

  constructor(
    private readonly table: Table,
    private readonly family: XtFamily,
    private readonly target: XtTableName,
    prefix: string,
    private readonly problems: { origin: Origin; what: string }[],
  ) {
    this.sets = new Map(table.sets.map((set) => [set.name, set]));
    this.chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    this.prefix = table.name === 'tsnet' ? prefix : `${prefix}${table.name}-`;
  }

  build(): { chains: readonly XtChain[]; bases: readonly { hook: string; chain: string }[] } {
    if (this.table.family !== 'inet' && this.table.family !== this.family) return { chains: [], bases: [] };
    const bases = this.table.chains
      .filter((chain) => chain.base && tableFor(chain.base) === this.target)
      .sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
    for (const chain of bases) this.visit(chain);
    return {
      chains: [...this.done.values(), ...this.auxiliary],
      bases: bases.flatMap(({ name, base }) =>
        base ? [{ hook: base.hook.toUpperCase(), chain: this.chainName(name) }] : [],
      ),
    };
  }

  private chainName(name: string): string {
    return `${this.prefix}${name}`.slice(0, LONGEST_CHAIN);
  }

  /** Chains are made where a rule leads to them: each iptables table has its own. */
  private visit(chain: Chain): void {
    if (this.done.has(chain.name)) return;
    this.done.set(chain.name, { name: this.chainName(chain.name), rules: [] });
    const rules = chain.rules.flatMap((rule) => this.lowerRule(chain.name, rule));
    if (chain.base?.policy === 'drop') rules.push({ matches: [], target: ['-j', 'DROP'], origin: chain.origin });
    this.done.set(chain.name, { name: this.chainName(chain.name), rules });
  }

  private lowerRule(chain: string, rule: Rule): XtRule[] {
    if (!rule.statements.every((statement) => belongs(statement, this.family))) return [];
    for (const statement of rule.statements)
      for (const verdict of verdictsOf(statement)) {
        const target = 'chain' in verdict ? this.chains.get(verdict.chain) : undefined;
        if (target) this.visit(target);
      }
    return this.lowerStatements(chain, rule.statements, [], rule.origin);
  }

  private lowerStatements(
    chain: string,
    statements: readonly Statement[],
    before: readonly Part[],
    origin: Origin,
  ): XtRule[] {
    const [first, ...rest] = statements;
    if (!first) return [];
    switch (first.kind) {
      case 'match':
        return this.lowerMatch(chain, first, rest, before, origin);
      case 'limit': {
        const { count, per, burst, over } = first.rate;
        if (over) return this.refuse(origin, 'a rate that matches past its limit');
        const args = ['-m', 'limit', '--limit', `${count}/${per}`, '--limit-burst', String(burst ?? 5n)];
        return this.lowerStatements(chain, rest, [...before, { slot: 'module', args }], origin);
      }
      case 'vmap': {
        if (first.map.kind !== 'anonymous') return this.refuse(origin, 'a named verdict map');
        return first.map.elements.flatMap(({ key, data }) => {
          const parts = key === 'default' ? [] : equals(first.key, key, this.family);
          const verdict = data && 'kind' in data && isVerdict(data) ? data : undefined;
          if (!parts || !verdict) return this.refuse(origin, 'this verdict map');
          return this.emit([...before, ...parts], { kind: 'verdict', verdict }, origin);
        });
      }
      case 'dnat':
      case 'snat':
        if (first.address?.kind === 'map') return this.lowerNatMap(first, first.address, before, origin);
        return this.emit(before, first, origin);
      default: {
        const own = this.emit(before, first, origin);
        return rest.length > 0 ? [...own, ...this.lowerStatements(chain, rest, before, origin)] : own;
      }
    }
  }

  private lowerMatch(
    chain: string,
    { left, op, right }: Extract<Statement, { kind: 'match' }>,
    rest: readonly Statement[],
    before: readonly Part[],
    origin: Origin,
  ): XtRule[] {
    // None of the flags is what iptables denies; flags that are not exactly these it has no word for.
    const comparable = right.kind === 'flags' ? ['==', '!'] : ['==', '!='];
    if (!comparable.includes(op)) return this.refuse(origin, `the comparison ${op}`);
    const alternatives = this.alternatives(left, right);
    if (!alternatives) {
      const parts = op === '==' ? equals(left, right, this.family) : differs(left, right, this.family);
      if (!parts) return this.refuse(origin, 'this match');
      if (!fits([...before, ...parts])) return this.inAuxiliary(chain, before, rest, parts, origin);
      return this.lowerStatements(chain, rest, [...before, ...parts], origin);
    }
    if (op === '!=') {
      if (alternatives.length === 0) return this.lowerStatements(chain, rest, before, origin);
      const name = this.auxiliaryName(chain);
      const returns = alternatives.map(
        ({ parts, origin: from }): XtRule => ({ matches: argumentsOf(parts), target: ['-j', 'RETURN'], origin: from }),
      );
      this.fill(name, [...returns, ...this.lowerStatements(chain, rest, [], origin)]);
      return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
    }
    const [only] = alternatives;
    if (rest.some((statement) => statement.kind === 'match') && alternatives.length > 1) {
      const name = this.auxiliaryName(chain);
      this.fill(name, this.lowerStatements(chain, rest, [], origin));
      return alternatives.map(({ parts, origin: from }) => ({
        matches: argumentsOf([...before, ...parts]),
        target: ['-j', name],
        origin: from,
      }));
    }
    if (only && alternatives.some(({ parts }) => !fits([...before, ...parts]))) {
      const name = this.auxiliaryName(chain);
      this.fill(
        name,
        alternatives.flatMap(({ parts, origin: from }) => this.lowerStatements(chain, rest, parts, from)),
      );
      return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
    }
    return alternatives.flatMap(({ parts, origin: from }) =>
      this.lowerStatements(chain, rest, [...before, ...parts], from),
    );
  }

  /** The rest of a rule in a chain of its own, for pieces that do not fit into one rule. */
  private inAuxiliary(
    chain: string,
    before: readonly Part[],
    rest: readonly Statement[],
    parts: readonly Part[],
    origin: Origin,
  ): XtRule[] {
    const name = this.auxiliaryName(chain);
    this.fill(name, this.lowerStatements(chain, rest, parts, origin));
    return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
  }

  /** A set's elements as pieces; undefined when the right side is no set. */
  private alternatives(left: Expression, right: Expression): { parts: readonly Part[]; origin: Origin }[] | undefined {
    const elements =
      right.kind === 'set'
        ? right.elements
        : right.kind === 'named set'
          ? this.sets.get(right.name)?.elements
          : undefined;
    return elements?.flatMap((element) => {
      const parts = element.key === 'default' ? [] : equals(left, element.key, this.family);
      if (parts) return [{ parts: [...parts, ...this.rateParts(element)], origin: element.origin }];
      this.refuse(element.origin, 'this element');
      return [];
    });
  }

  private lowerNatMap(
    nat: Nat,
    map: Extract<Expression, { kind: 'map' }>,
    before: readonly Part[],
    origin: Origin,
  ): XtRule[] {
    const elements = map.map.kind === 'named' ? (this.sets.get(map.map.name)?.elements ?? []) : map.map.elements;
    return elements.flatMap(({ key, data, origin: from }): XtRule[] => {
      const parts = key === 'default' ? [] : equals(map.key, key, this.family);
      const target = data && !isVerdict(data) ? natTarget(nat, data, this.family) : undefined;
      if (!parts || !target) return this.refuse(origin, 'this address map');
      return [{ matches: argumentsOf([...before, ...parts]), target, origin: from }];
    });
  }

  private emit(parts: readonly Part[], statement: Statement, origin: Origin): XtRule[] {
    const target = targetOf(statement, this.family, (name) => this.chainName(name));
    if (target === 'nothing') return [];
    if (!target) return this.refuse(origin, `the statement ${statement.kind}`);
    return [{ matches: argumentsOf(parts), target, origin }];
  }

  private auxiliaryName(chain: string): string {
    const suffix = `.${++this.auxiliaries}`;
    return this.chainName(chain).slice(0, LONGEST_CHAIN - suffix.length) + suffix;
  }

  private fill(name: string, rules: readonly XtRule[]): void {
    this.auxiliary.push({ name, rules });
  }

  /** A rate of an element's own; hashlimit without a mode is one bucket, and can match past its limit. */
  private rateParts({ statements = [] }: Element): Part[] {
    return statements.flatMap((statement): Part[] => {
      if (statement.kind !== 'limit') return [];
      const { count, per, burst, over } = statement.rate;
      const name = `${this.prefix}${++this.rates}`;
      const args = ['-m', 'hashlimit', over ? '--hashlimit-above' : '--hashlimit-upto', `${count}/${per}`];
      return [{ slot: 'module', args: [...args, '--hashlimit-burst', String(burst ?? 5n), '--hashlimit-name', name] }];
    });
  }

  private refuse(origin: Origin, what: string): [] {
    this.problems.push({ origin, what });
    return [];
  }
}

function isVerdict(data: Expression | Verdict): data is Verdict {
  return ['accept', 'drop', 'return', 'continue', 'jump', 'goto'].includes(data.kind);
}

function verdictsOf(statement: Statement): Verdict[] {
  if (statement.kind === 'verdict') return [statement.verdict];
  if (statement.kind !== 'vmap' || statement.map.kind !== 'anonymous') return [];
  return statement.map.elements.flatMap(({ data }) => (data && isVerdict(data) ? [data] : []));
}

/** Whether a statement can apply to a family's packets at all. */
function belongs(statement: Statement, family: XtFamily): boolean {
  const other: readonly FieldInfo['needs'][] = family === 'ip' ? ['ip6', 'icmpv6'] : ['ip', 'icmp', 'arp'];
  const fits = (expression: Expression): boolean => {
    if (expression.kind === 'concat') return expression.parts.every(fits);
    if (expression.kind !== 'field') return true;
    const info: FieldInfo = FIELDS[expression.field];
    return !other.includes(info.needs);
  };
  if (statement.kind === 'match') return fits(statement.left);
  if (statement.kind === 'dnat' || statement.kind === 'snat')
    return statement.family === undefined || statement.family === family;
  return true;
}

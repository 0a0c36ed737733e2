import { type Origin, PROGRAM } from '../../../dsl/core/origin';
import { FIELDS, type FieldInfo } from '../../../dsl/ruleset/fields';
import type {
  BaseChain,
  Chain,
  Element,
  Expression,
  MapReference,
  NamedSet,
  Nat,
  RateLimit,
  Rule,
  Statement,
  Table,
  Verdict,
} from '../../../dsl/ruleset/tree';
import { isVerdict } from '../../../dsl/ruleset/walk';
import { TABLE } from '../../lower/program';
import { keepSet } from './ipsets';
import { xtName } from './names';
import { argumentsOf, differs, equals, fits, NFPROTO, type Part } from './parts';
import {
  tableFor,
  XT_TABLES,
  type XtChain,
  type XtFamily,
  type XtHook,
  type XtRule,
  type XtRuleset,
  type XtSet,
  type XtTable,
  type XtTableName,
} from './tables';
import { natTarget, targetOf } from './targets';

export interface LegalizeOptions {
  readonly family: XtFamily;
  /** What the names of our chains and sets begin with: `TSNET-`. */
  readonly prefix: string;
  /** Whether what is accepted at a hook leaves by a chain of its own, so that it can be sent on to other chains. */
  readonly gates: boolean;
  /** Whether sets stay sets where there is a type of ipset for them. */
  readonly ipset: boolean;
}

export interface LegalizeProblem {
  readonly origin: Origin;
  readonly what: string;
}

interface Base {
  readonly legalizer: TableLegalizer;
  readonly chain: Chain;
  readonly base: BaseChain;
}

/**
 * Turns tables over sets and maps into chains of rules for one family: a look-up becomes a rule for each element, a
 * denied look-up a chain that returns for each element, a rule with several look-ups a chain for each but the last.
 * What has no iptables form is reported with its origin.
 */
export function legalize(tables: readonly Table[], options: LegalizeOptions) {
  const problems: LegalizeProblem[] = [];
  const refuse = (origin: Origin, what: string) => problems.push({ origin, what });
  const ours = tables.filter((table) => {
    if (table.family === 'inet' || table.family === 'ip' || table.family === 'ip6') return true;
    refuse(table.origin, `a table of family ${table.family}`);
    return false;
  });
  for (const { name, base, origin } of ours.flatMap((table) => table.chains))
    if (base && !tableFor(base))
      refuse(origin, `the place of the chain ${name}: ${base.type} at ${base.hook}, priority ${base.priority}`);
  const sets = new Map<string, XtSet>();
  const built = XT_TABLES.flatMap((name): XtTable[] => {
    const legalizers = ours
      .filter(({ family }) => family === 'inet' || family === options.family)
      .map((table) => new TableLegalizer(table, name, options, refuse, sets));
    const bases = legalizers
      .flatMap((legalizer) => legalizer.bases())
      .sort((one, other) => one.base.priority - other.base.priority);
    const hooks = hooksOf(bases, options);
    const chains = [...legalizers.flatMap((legalizer) => legalizer.chains()), ...hooks.flatMap(({ exits }) => exits)];
    return chains.length > 0 ? [{ name, chains, hooks: hooks.map(({ hook }) => hook) }] : [];
  });
  const ruleset: XtRuleset = { family: options.family, tables: built, sets: [...sets.values()] };
  return { ruleset, problems };
}

/**
 * The base chains of each hook, lowest priority first. In nft a packet that one of them accepts goes on to the next,
 * in iptables it would leave the table: so what all but the last accept goes on by a chain that leads through the rest.
 */
function hooksOf(bases: readonly Base[], { prefix, gates }: LegalizeOptions): { hook: XtHook; exits: XtChain[] }[] {
  const builtins = [...new Set(bases.map(({ base }) => base.hook.toUpperCase()))];
  return builtins.map((builtin) => {
    const here = bases.filter(({ base }) => base.hook.toUpperCase() === builtin);
    const entries = here.map(({ legalizer, chain }) => legalizer.nameOf(chain));
    const gate = xtName('chain', `${prefix}accept.${builtin}`);
    const leave = gates ? ['-g', gate] : ['-j', 'ACCEPT'];
    const exits = here.slice(0, -1).map((_, index): XtChain => {
      const later = entries.slice(index + 1).map((entry) => programRule(['-j', entry]));
      return { name: xtName('chain', `${prefix}after.${index}.${builtin}`), rules: [...later, programRule(leave)] };
    });
    for (const [index, { legalizer, chain }] of here.entries()) {
      const exit = exits[index];
      legalizer.lowerBase(chain, exit ? ['-g', exit.name] : leave);
    }
    const hook: XtHook = { builtin, entries, gate: gates ? gate : null };
    return { hook, exits };
  });
}

function programRule(target: readonly string[]): XtRule {
  return { matches: [], target, origin: PROGRAM };
}

class TableLegalizer {
  private readonly named: ReadonlyMap<string, NamedSet>;
  private readonly byName: ReadonlyMap<string, Chain>;
  private readonly done = new Map<string, XtChain>();
  private readonly auxiliary: XtChain[] = [];
  private readonly prefix: string;
  private auxiliaries = 0;
  private rates = 0;
  /** What an accept becomes in the base chain that is being lowered. */
  private accept: readonly string[] = ['-j', 'ACCEPT'];

  constructor(
    private readonly table: Table,
    private readonly target: XtTableName,
    private readonly options: LegalizeOptions,
    private readonly report: (origin: Origin, what: string) => void,
    private readonly kept: Map<string, XtSet>,
  ) {
    this.named = new Map(table.sets.map((set) => [set.name, set]));
    this.byName = new Map(table.chains.map((chain) => [chain.name, chain]));
    const family = table.family === 'inet' ? '' : `${table.family}.`;
    this.prefix = table.name === TABLE ? options.prefix : `${options.prefix}${family}${table.name}-`;
  }

  bases(): Base[] {
    return this.table.chains.flatMap((chain) =>
      chain.base && tableFor(chain.base) === this.target ? [{ legalizer: this, chain, base: chain.base }] : [],
    );
  }

  lowerBase(chain: Chain, accept: readonly string[]): void {
    this.accept = accept;
    this.visit(chain);
  }

  chains(): readonly XtChain[] {
    return [...this.done.values(), ...this.auxiliary];
  }

  nameOf(chain: Chain): string {
    return xtName('chain', `${this.prefix}${chain.name}`);
  }

  /** Chains are made where a rule leads to them: each iptables table has its own. */
  private visit(chain: Chain): string {
    const name = this.nameHere(chain);
    if (this.done.has(name)) return name;
    this.done.set(name, { name, rules: [] });
    const rules = chain.rules.flatMap((rule) => this.lowerRule(name, rule));
    if (chain.base?.policy === 'drop') rules.push({ matches: [], target: ['-j', 'DROP'], origin: chain.origin });
    this.done.set(name, { name, rules });
    return name;
  }

  /** A chain that accepts is another one behind each hook whose accepted packets go another way. */
  private nameHere(chain: Chain): string {
    const [, exit = ''] = this.accept;
    if (chain.base || exit === 'ACCEPT' || !this.accepts(chain, new Set())) return this.nameOf(chain);
    return this.shared(chain)
      ? xtName('chain', `${this.nameOf(chain)}:${exit.slice(this.options.prefix.length)}`)
      : this.nameOf(chain);
  }

  private accepts(chain: Chain, seen: Set<string>): boolean {
    if (seen.has(chain.name)) return false;
    seen.add(chain.name);
    return chain.rules
      .flatMap(({ statements }) => statements.flatMap((statement) => this.verdictsOf(statement)))
      .some((verdict) => {
        if (verdict.kind === 'accept') return true;
        const next = 'chain' in verdict ? this.byName.get(verdict.chain) : undefined;
        return next !== undefined && this.accepts(next, seen);
      });
  }

  /** Whether more than one base chain of this table leads to it. */
  private shared(chain: Chain): boolean {
    const leads = (from: Chain, seen: Set<string>): boolean =>
      from.rules
        .flatMap(({ statements }) => statements.flatMap((statement) => this.verdictsOf(statement)))
        .some((verdict) => {
          if (!('chain' in verdict) || seen.has(verdict.chain)) return false;
          seen.add(verdict.chain);
          const next = this.byName.get(verdict.chain);
          return next !== undefined && (next === chain || leads(next, seen));
        });
    return this.bases().filter((base) => leads(base.chain, new Set())).length > 1;
  }

  private lowerRule(chain: string, rule: Rule): XtRule[] {
    if (!rule.statements.every((statement) => belongs(statement, this.options.family))) return [];
    return this.lowerStatements(chain, rule.statements, [], rule.origin);
  }

  private chainNamed(name: string): string {
    const chain = this.byName.get(name);
    if (!chain) throw new Error(`a verdict leads to no chain: ${name}`);
    return this.visit(chain);
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
        const named = this.ratePart(first.rate);
        if (!named) return this.refuse(origin, 'a rate of bytes');
        if (over) return this.afterCounting(chain, rest, [...before, named], origin);
        const args = ['-m', 'limit', '--limit', `${count}/${per}`, '--limit-burst', String(burst ?? 5n)];
        return this.afterCounting(chain, rest, [...before, { slot: 'module', args }], origin);
      }
      case 'connlimit': {
        const args = [
          first.over ? '--connlimit-above' : '--connlimit-upto',
          String(first.count),
          '--connlimit-mask',
          '0',
        ];
        const part: Part = { slot: 'module', args: ['-m', 'connlimit', ...args] };
        return this.afterCounting(chain, rest, [...before, part], origin);
      }
      case 'vmap': {
        const elements = this.elementsOf(first.map);
        const defaults = elements.some(({ key }) => key === 'default');
        return elements.flatMap(({ key, data }) => {
          const parts = key === 'default' ? [] : equals(first.key, key, this.options.family);
          const verdict = data && 'kind' in data && isVerdict(data) ? data : undefined;
          if (!parts || !verdict || (defaults && verdict.kind === 'continue'))
            return this.refuse(origin, 'this verdict map');
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
    const kept = this.keptSet(left, right);
    if (kept) {
      const args = ['-m', 'set', ...(op === '!=' ? ['!'] : []), '--match-set', kept.set.name, kept.directions];
      return this.lowerStatements(chain, rest, [...before, { slot: 'module', args }], origin);
    }
    const alternatives = this.alternatives(left, right);
    if (!alternatives) {
      const parts = op === '==' ? equals(left, right, this.options.family) : differs(left, right, this.options.family);
      if (!parts) return this.refuse(origin, 'this match');
      if (!fits([...before, ...parts])) return this.inAuxiliary(chain, before, rest, parts, origin);
      return this.lowerStatements(chain, rest, [...before, ...parts], origin);
    }
    if (op === '!=') {
      if (alternatives.length === 0) return this.lowerStatements(chain, rest, before, origin);
      const name = this.auxiliaryName(chain, rest, origin);
      const returns = alternatives.map(
        ({ parts, origin: from }): XtRule => ({ matches: argumentsOf(parts), target: ['-j', 'RETURN'], origin: from }),
      );
      this.fill(name, [...returns, ...this.lowerStatements(chain, rest, [], origin)]);
      return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
    }
    const [only] = alternatives;
    if (rest.some((statement) => statement.kind === 'match') && alternatives.length > 1) {
      const name = this.auxiliaryName(chain, rest, origin);
      this.fill(name, this.lowerStatements(chain, rest, [], origin));
      return alternatives.map(({ parts, origin: from }) => ({
        matches: argumentsOf([...before, ...parts]),
        target: ['-j', name],
        origin: from,
      }));
    }
    if (only && alternatives.some(({ parts }) => !fits([...before, ...parts]))) {
      const name = this.auxiliaryName(chain, rest, origin);
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
    const name = this.auxiliaryName(chain, rest, origin);
    this.fill(name, this.lowerStatements(chain, rest, parts, origin));
    return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
  }

  /** What is matched after something that counts stands in a chain of its own: in one rule it could come before it. */
  private afterCounting(chain: string, rest: readonly Statement[], before: readonly Part[], origin: Origin): XtRule[] {
    const matches = rest.some(({ kind }) => kind === 'match' || kind === 'vmap');
    return matches
      ? this.inAuxiliary(chain, before, rest, [], origin)
      : this.lowerStatements(chain, rest, before, origin);
  }

  /** A set's elements as pieces; undefined when the right side is no set. */
  private alternatives(left: Expression, right: Expression): { parts: readonly Part[]; origin: Origin }[] | undefined {
    const elements =
      right.kind === 'set'
        ? right.elements
        : right.kind === 'named set'
          ? this.named.get(right.name)?.elements
          : undefined;
    return elements?.flatMap((element) => {
      const parts = element.key === 'default' ? [] : equals(left, element.key, this.options.family);
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
    return this.elementsOf(map.map).flatMap(({ key, data, origin: from }): XtRule[] => {
      const parts = key === 'default' ? [] : equals(map.key, key, this.options.family);
      const target = data && !isVerdict(data) ? natTarget(nat, data, this.options.family) : undefined;
      if (!parts || !target) return this.refuse(origin, 'this address map');
      return [{ matches: argumentsOf([...before, ...parts]), target, origin: from }];
    });
  }

  private emit(parts: readonly Part[], statement: Statement, origin: Origin): XtRule[] {
    const target = targetOf(statement, {
      family: this.options.family,
      table: this.target,
      accept: this.accept,
      chainNamed: (name) => this.chainNamed(name),
    });
    if (target === 'nothing') return [];
    if (!target) return this.refuse(origin, `the statement ${statement.kind}`);
    return [{ matches: argumentsOf(parts), target, origin }];
  }

  /** A name for a chain that holds the rest of a rule; a return in there would lead back into the rule's own chain. */
  private auxiliaryName(chain: string, rest: readonly Statement[], origin: Origin): string {
    if (rest.flatMap((statement) => this.verdictsOf(statement)).some(({ kind }) => kind === 'return'))
      this.refuse(origin, 'a return behind this match');
    return xtName('chain', `${chain}.${++this.auxiliaries}`);
  }

  private fill(name: string, rules: readonly XtRule[]): void {
    this.auxiliary.push({ name, rules });
  }

  private rateParts({ statements = [], origin }: Element): Part[] {
    return statements.flatMap((statement): Part[] => {
      const part = statement.kind === 'limit' ? this.ratePart(statement.rate) : undefined;
      if (part) return [part];
      return statement.kind === 'counter' ? [] : this.refuse(origin, 'what this element carries');
    });
  }

  /** A bucket of its own: hashlimit without a mode is one, and can match past its limit. */
  private ratePart({ count, unit, per, burst, over }: RateLimit): Part | undefined {
    if (unit !== 'packets' || per === 'week') return undefined;
    const name = `${this.prefix}${++this.rates}`;
    const args = ['-m', 'hashlimit', over ? '--hashlimit-above' : '--hashlimit-upto', `${count}/${per}`];
    return { slot: 'module', args: [...args, '--hashlimit-burst', String(burst ?? 5n), '--hashlimit-name', name] };
  }

  private verdictsOf(statement: Statement): Verdict[] {
    if (statement.kind === 'verdict') return [statement.verdict];
    if (statement.kind !== 'vmap') return [];
    return this.elementsOf(statement.map).flatMap(({ data }) => (data && isVerdict(data) ? [data] : []));
  }

  private elementsOf(map: MapReference): readonly Element[] {
    return map.kind === 'named' ? (this.named.get(map.name)?.elements ?? []) : map.elements;
  }

  private keptSet(left: Expression, right: Expression) {
    const set = right.kind === 'named set' ? this.named.get(right.name) : undefined;
    if (!set || !this.options.ipset) return undefined;
    const name = xtName('set', `${this.prefix}${set.name}`);
    const kept = keepSet(left, set, name, this.options.family);
    if (kept) this.kept.set(name, kept.set);
    return kept;
  }

  private refuse(origin: Origin, what: string): [] {
    this.report(origin, what);
    return [];
  }
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
  if (statement.kind === 'match') return fits(statement.left) && !isOtherProtocol(statement, family);
  if (statement.kind === 'dnat' || statement.kind === 'snat')
    return statement.family === undefined || statement.family === family;
  return true;
}

/** `meta nfproto` of the other family. */
function isOtherProtocol({ left, op, right }: Extract<Statement, { kind: 'match' }>, family: XtFamily): boolean {
  if (left.kind !== 'field' || left.field !== 'meta nfproto' || op !== '==' || right.kind !== 'symbol') return false;
  return right.name !== NFPROTO[family];
}

import type { Origin } from '../../../dsl/core/origin';
import type { Element, Expression, Nat, RateLimit, Statement } from '../../../dsl/ruleset/tree';
import { isVerdict } from '../../../dsl/ruleset/walk';
import { keepSet } from './ipsets';
import { xtName } from './names';
import { argumentsOf, differs, equals, fits, type Part } from './parts';
import type { References } from './references';
import type { XtChain, XtRule, XtSet } from './tables';
import { natTarget, type TargetContext, targetOf } from './targets';

/** Where rules stand. */
export interface Place extends TargetContext {
  /** What the names of chains and sets begin with. */
  readonly prefix: string;
  /** Whether sets stay sets where there is a type of ipset for them. */
  readonly ipset: boolean;
  /** Those that stay sets, by their names. */
  readonly kept: Map<string, XtSet>;
  /** Takes note of what has no iptables form. */
  report(origin: Origin, what: string): void;
}

/** Turns statements of nft into rules of iptables; what one rule cannot hold stands in a chain of its own. */
export class Rules {
  readonly auxiliary: XtChain[] = [];
  private auxiliaries = 0;
  private rates = 0;

  constructor(
    private readonly place: Place,
    private readonly references: References,
  ) {}

  /** Rules of a chain for the rest of a rule's statements, `before` which pieces of its match are known already. */
  lower(chain: string, statements: readonly Statement[], before: readonly Part[], origin: Origin): XtRule[] {
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
        const elements = this.references.elementsOf(first.map);
        const defaults = elements.some(({ key }) => key === 'default');
        return elements.flatMap(({ key, data }) => {
          const parts = key === 'default' ? [] : equals(first.key, key, this.place.family);
          const verdict = isVerdict(data) ? data : undefined;
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
        return rest.length > 0 ? [...own, ...this.lower(chain, rest, before, origin)] : own;
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
      return this.lower(chain, rest, [...before, { slot: 'module', args }], origin);
    }
    const alternatives = this.alternatives(left, right);
    if (!alternatives) {
      const parts = op === '==' ? equals(left, right, this.place.family) : differs(left, right, this.place.family);
      if (!parts) return this.refuse(origin, 'this match');
      if (!fits([...before, ...parts])) return this.inAuxiliary(chain, before, rest, parts, origin);
      return this.lower(chain, rest, [...before, ...parts], origin);
    }
    if (op === '!=') {
      if (alternatives.length === 0) return this.lower(chain, rest, before, origin);
      const name = this.auxiliaryName(chain, rest, origin);
      const returns = alternatives.map(
        ({ parts, origin: from }): XtRule => ({ matches: argumentsOf(parts), target: ['-j', 'RETURN'], origin: from }),
      );
      this.fill(name, [...returns, ...this.lower(chain, rest, [], origin)]);
      return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
    }
    const [only] = alternatives;
    if (rest.some((statement) => statement.kind === 'match') && alternatives.length > 1) {
      const name = this.fill(this.auxiliaryName(chain, rest, origin), this.lower(chain, rest, [], origin));
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
        alternatives.flatMap(({ parts, origin: from }) => this.lower(chain, rest, parts, from)),
      );
      return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
    }
    return alternatives.flatMap(({ parts, origin: from }) => this.lower(chain, rest, [...before, ...parts], from));
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
    this.fill(name, this.lower(chain, rest, parts, origin));
    return [{ matches: argumentsOf(before), target: ['-j', name], origin }];
  }

  /** What is matched after something that counts stands in a chain of its own: in one rule it could come before it. */
  private afterCounting(chain: string, rest: readonly Statement[], before: readonly Part[], origin: Origin): XtRule[] {
    const matches = rest.some(({ kind }) => kind === 'match' || kind === 'vmap');
    return matches ? this.inAuxiliary(chain, before, rest, [], origin) : this.lower(chain, rest, before, origin);
  }

  /** A set's elements as pieces; undefined when the right side is no set. */
  private alternatives(left: Expression, right: Expression): { parts: readonly Part[]; origin: Origin }[] | undefined {
    const elements =
      right.kind === 'set'
        ? right.elements
        : right.kind === 'named set'
          ? this.references.set(right.name)?.elements
          : undefined;
    return elements?.flatMap((element) => {
      const parts = element.key === 'default' ? [] : equals(left, element.key, this.place.family);
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
    return this.references.elementsOf(map.map).flatMap(({ key, data, origin: from }): XtRule[] => {
      const parts = key === 'default' ? [] : equals(map.key, key, this.place.family);
      const target = data && !isVerdict(data) ? natTarget(nat, data, this.place.family) : undefined;
      if (!parts || !target) return this.refuse(origin, 'this address map');
      return [{ matches: argumentsOf([...before, ...parts]), target, origin: from }];
    });
  }

  private emit(parts: readonly Part[], statement: Statement, origin: Origin): XtRule[] {
    const target = targetOf(statement, this.place);
    if (target === 'nothing') return [];
    if (!target) return this.refuse(origin, `the statement ${statement.kind}`);
    return [{ matches: argumentsOf(parts), target, origin }];
  }

  /** A name for a chain that holds the rest of a rule; a return in there would lead back into the rule's own chain. */
  private auxiliaryName(chain: string, rest: readonly Statement[], origin: Origin): string {
    if (rest.flatMap((statement) => this.references.verdictsOf(statement)).some(({ kind }) => kind === 'return'))
      this.refuse(origin, 'a return behind this match');
    return xtName('chain', `${chain}.${++this.auxiliaries}`);
  }

  /** Gives the chain to lead to: what would only lead on to another is left out, for chains may not lead on without end. */
  private fill(name: string, rules: readonly XtRule[]): string {
    const [only, ...others] = rules;
    const [verb, further] = only?.target ?? [];
    const leadsOn = only?.matches.length === 0 && others.length === 0 && verb === '-j';
    if (leadsOn && further !== undefined && this.auxiliary.some((one) => one.name === further)) return further;
    this.auxiliary.push({ name, rules });
    return name;
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
    const name = `${this.place.prefix}${++this.rates}`;
    const args = ['-m', 'hashlimit', over ? '--hashlimit-above' : '--hashlimit-upto', `${count}/${per}`];
    return { slot: 'module', args: [...args, '--hashlimit-burst', String(burst ?? 5n), '--hashlimit-name', name] };
  }

  private keptSet(left: Expression, right: Expression) {
    const set = right.kind === 'named set' ? this.references.set(right.name) : undefined;
    if (!set || !this.place.ipset) return undefined;
    const name = xtName('set', `${this.place.prefix}${set.name}`);
    const kept = keepSet(left, set, name, this.place.family);
    if (kept) this.place.kept.set(name, kept.set);
    return kept;
  }

  private refuse(origin: Origin, what: string): [] {
    this.place.report(origin, what);
    return [];
  }
}

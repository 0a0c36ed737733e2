import { assertNever } from '../../../dsl/core/brand';
import type { Origin } from '../../../dsl/core/origin';
import { jump } from '../../../dsl/ruleset/nodes';
import type { Chain, Expression, Rule, Statement, Table, Verdict } from '../../../dsl/ruleset/tree';
import { expressionsOf } from '../../../dsl/ruleset/walk';
import { statementText } from '../../targets/nft/notation';
import { lossOf } from '../lost';
import { asRead, listedWhole } from '../reading-order';
import { type Helpers, spelled } from './either';
import { headerChainName, headerRules } from './headers';
import { transferOf, transferRules } from './marks';
import { NamePool } from './names';
import { tidied } from './tidy';

type Assign = Extract<Statement, { kind: 'assign' }>;

export type Note = (text: string, origin: Origin) => void;

export interface ExpressOptions {
  /** Base chains are called after their hooks, as nft's users do; else they keep their names. */
  readonly hookNames: boolean;
}

/** A table in words that nft has: its meaning is the same, rule by rule. What is lost stays as it is. */
export function express(table: Table, { hookNames }: ExpressOptions, note: Note): Table {
  return new Expresser(table, hookNames, note).table();
}

class Expresser {
  private readonly names = new NamePool();
  private readonly chainNames = new Map<string, string>();
  private readonly setNames = new Map<string, string>();
  private readonly transfers = new Map<string, string>();
  private added: Chain[] = [];

  constructor(
    private readonly source: Table,
    private readonly hookNames: boolean,
    private readonly note: Note,
  ) {
    const bases = source.chains.filter(({ base }) => base !== undefined);
    const others = source.chains.filter(({ base }) => base === undefined);
    for (const { name, base } of bases)
      this.chainNames.set(name, this.names.legal(hookNames && base ? hookName(base.hook, name) : name));
    for (const { name, origin } of others) this.chainNames.set(name, this.renamed('chain', name, origin, this.names));
    const setNames = new NamePool();
    for (const { name, origin } of source.sets) this.setNames.set(name, this.renamed('set', name, origin, setNames));
  }

  private renamed(kind: string, name: string, origin: Origin, pool: NamePool): string {
    const legal = pool.legal(name);
    if (legal !== name)
      this.note(`nft cannot call a ${kind} \`${name}\`, or has one of that name: it is \`${legal}\` now`, origin);
    return legal;
  }

  table(): Table {
    const { source } = this;
    const chains = source.chains.flatMap((chain) => this.chain(chain));
    return {
      ...source,
      sets: source.sets.map((set) => ({ ...set, name: this.setNames.get(set.name) ?? set.name })),
      chains: this.hookNames ? [...chains].sort((a, b) => place(a) - place(b)) : chains,
    };
  }

  private chain(chain: Chain): Chain[] {
    const name = this.chainNames.get(chain.name) ?? chain.name;
    const rules: Rule[] = [];
    const made: Chain[] = [{ ...chain, name, rules }];
    let open = rules;
    for (const rule of chain.rules) {
      this.added = [];
      if (lossOf(rule)) {
        open.push(rule);
        continue;
      }
      const tidy = tidied(this.withNames(rule), this.source.family, (text) => this.note(text, rule.origin));
      const { rules: spelt, rest } = spelled(this.withTransfers(tidy), this.source.family, this.helpers(name, chain));
      open.push(...spelt.map(this.hookNames ? asRead : listedWhole));
      made.push(...this.added);
      if (rest === undefined) continue;
      open = [];
      made.push({ name: rest, rules: open, origin: chain.origin });
    }
    return made;
  }

  private helpers(name: string, { origin }: Chain): Helpers {
    return {
      chain: (purpose, rules) => {
        const own = this.names.unique(`${name}-${purpose}`);
        this.added.push({ name: own, rules, origin });
        return own;
      },
      rest: () => this.names.unique(`${name}-rest`),
    };
  }

  /** Changes that nft has no one expression for are made in a chain of their own; so is what follows them in a rule. */
  private withTransfers(rule: Rule): Rule {
    const at = rule.statements.findIndex((one) => one.kind === 'assign' && this.inRules(one) !== undefined);
    if (at < 0) return rule;
    const [before, after] = [rule.statements.slice(0, at), rule.statements.slice(at)];
    const changes = after.map((one) => (one.kind === 'assign' ? (this.leadTo(one, rule.origin) ?? one) : one));
    const [only] = changes;
    if (only && changes.length === 1) return { ...rule, statements: [...before, only] };
    const name = this.names.unique('changes');
    this.added.push({
      name,
      rules: changes.map((one) => ({ statements: [one], origin: rule.origin })),
      origin: rule.origin,
    });
    return { ...rule, statements: [...before, jump(name)] };
  }

  /** A jump to the chain that makes a change. */
  private leadTo(assign: Assign, origin: Origin): Statement | undefined {
    const change = this.inRules(assign);
    if (!change) return undefined;
    const text = statementText(assign);
    const name = this.transfers.get(text) ?? this.names.unique(change.name);
    if (!this.transfers.has(text)) {
      this.transfers.set(text, name);
      const rules = change.rules.map((statements) => ({ statements, origin }));
      this.added.push({ name, comment: change.comment, rules, origin });
    }
    return jump(name);
  }

  private inRules(assign: Assign) {
    const transfer = transferOf(assign);
    if (transfer) {
      const name = transfer.target.kind === 'ct' ? 'save-mark' : 'restore-mark';
      return { name, comment: `bit by bit: ${statementText(assign)}`, rules: transferRules(transfer) };
    }
    const rules = headerRules(assign, this.source.family);
    const comment = 'value by value, which nft has no expression for';
    return rules && { name: headerChainName(assign), comment, rules };
  }

  private withNames(rule: Rule): Rule {
    return { ...rule, statements: rule.statements.map((one) => renamedStatement(one, this.chainNames, this.setNames)) };
  }
}

/** A table that is several of iptables has a chain at a hook for each. */
function hookName(hook: string, chain: string): string {
  const [table] = /^(raw|mangle|nat|filter|security)-/.exec(chain) ?? [''];
  return `${table}${hook}`;
}

const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Base chains come first, in the order in which packets meet them. */
function place({ base }: Chain): number {
  return base ? HOOKS.indexOf(base.hook) : HOOKS.length;
}

type Renames = ReadonlyMap<string, string>;

/** A statement that speaks of chains and sets by their new names. */
export function renamedStatement(statement: Statement, chains: Renames, sets: Renames): Statement {
  const inExpression = (one: Expression) => renamedExpression(one, sets);
  switch (statement.kind) {
    case 'verdict':
      return { kind: 'verdict', verdict: renamedVerdict(statement.verdict, chains) };
    case 'match':
      return { ...statement, left: inExpression(statement.left), right: inExpression(statement.right) };
    case 'vmap':
      return { ...statement, map: renamedMap(statement.map, chains, sets) };
    case 'set-update':
      return { ...statement, set: sets.get(statement.set) ?? statement.set };
    case 'assign':
      return { ...statement, value: inExpression(statement.value) };
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return {
        ...statement,
        ...(statement.address ? { address: inExpression(statement.address) } : {}),
        ...(statement.port ? { port: inExpression(statement.port) } : {}),
      };
    case 'either':
      return {
        ...statement,
        alternatives: statement.alternatives.map((all) => all.map((one) => renamedStatement(one, chains, sets))),
      };
    default:
      return statement;
  }
}

function renamedVerdict(verdict: Verdict, chains: Renames): Verdict {
  return 'chain' in verdict ? { ...verdict, chain: chains.get(verdict.chain) ?? verdict.chain } : verdict;
}

function renamedExpression(expression: Expression, sets: Renames): Expression {
  switch (expression.kind) {
    case 'named set':
      return { ...expression, name: sets.get(expression.name) ?? expression.name };
    case 'map':
      return { ...expression, map: renamedMap(expression.map, new Map(), sets) };
    default:
      return expression;
  }
}

function renamedMap(map: Extract<Statement, { kind: 'vmap' }>['map'], chains: Renames, sets: Renames): typeof map {
  switch (map.kind) {
    case 'named':
      return { ...map, name: sets.get(map.name) ?? map.name };
    case 'anonymous':
      return {
        ...map,
        elements: map.elements.map((element) => {
          const { data } = element;
          return data && 'chain' in data ? { ...element, data: renamedVerdict(data, chains) } : element;
        }),
      };
    default:
      return assertNever(map);
  }
}

/** Names of the sets that a statement speaks of. */
export function setsOf(statement: Statement): readonly string[] {
  const looked = expressionsOf(statement).flatMap((one) =>
    one.kind === 'named set' ? [one.name] : one.kind === 'map' && one.map.kind === 'named' ? [one.map.name] : [],
  );
  if (statement.kind === 'set-update') return [statement.set, ...looked];
  return statement.kind === 'vmap' && statement.map.kind === 'named' ? [statement.map.name, ...looked] : looked;
}

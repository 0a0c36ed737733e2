import type { Origin } from '../../../dsl/core/origin';
import type { Chain, Rule, Statement, Table } from '../../../dsl/ruleset/tree';
import { verdictsOf } from '../../../dsl/ruleset/walk';
import { setsOf } from '../express';
import { lossOf } from '../lost';
import type { Pass, Report } from './pass';

/**
 * Leaves out what does nothing: rules without an effect, rules behind one that ends the way of every packet, ways to
 * chains that do nothing, chains that nothing leads to, base chains without rules that accept.
 *
 * Sound: a packet's way goes through none of these, or comes out of it as it went in. A base chain that drops stays, and
 * so does everything that is lost, so that it can be seen where it was.
 */
export const PRUNE: Pass = {
  name: 'prune',
  run: (tables, report) => {
    const reports: (readonly [Origin, string])[] = [];
    const kept = tables
      .map((table) => pruned(table, (...one) => reports.push(one)))
      .filter((table) => table.chains.length > 0);
    // A rule that is spelled in several is not gone where one of them is left.
    const left = new Set(
      kept.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules.map(({ origin }) => origin))),
    );
    for (const [origin, text] of reports) if (!left.has(origin)) report(origin, text);
    return kept;
  },
};

function pruned(table: Table, report: Report): Table {
  let chains = table.chains;
  for (;;) {
    const idle = new Set(chains.filter((chain) => !chain.base && isIdle(chain)).map(({ name }) => name));
    const next = chains.map((chain) => ({ ...chain, rules: rulesWith(chain, idle, report) }));
    const led = reachable(next);
    const kept = next.filter((chain) =>
      chain.base ? chain.rules.length > 0 || chain.base.policy === 'drop' : led.has(chain.name),
    );
    for (const chain of next)
      if (!kept.includes(chain))
        for (const { origin } of chain.rules) report(origin, `nothing leads to its chain \`${chain.name}\``);
    const same =
      kept.length === chains.length && kept.every((chain, at) => chain.rules.length === chains[at]?.rules.length);
    chains = kept;
    if (same) break;
  }
  const used = new Set(chains.flatMap(({ rules }) => rules.flatMap(({ statements }) => statements.flatMap(setsOf))));
  return { ...table, chains, sets: table.sets.filter(({ name }) => used.has(name)) };
}

/** Whether a packet comes out of a chain as it went in. */
function isIdle({ rules }: Chain): boolean {
  return rules.every(
    (rule) =>
      lossOf(rule) === undefined &&
      rule.statements.every(
        (statement) =>
          statement.kind === 'match' || (statement.kind === 'verdict' && statement.verdict.kind === 'return'),
      ),
  );
}

function rulesWith(chain: Chain, idle: ReadonlySet<string>, report: Report): readonly Rule[] {
  const kept: Rule[] = [];
  let ended = false;
  for (const rule of chain.rules.map((one) => withoutWayThrough(one, idle))) {
    const reason =
      ended && lossOf(rule) === undefined ? 'a rule before it ends the way of every packet' : uselessness(rule, idle);
    if (reason !== undefined) report(rule.origin, reason);
    else kept.push(rule);
    ended ||= endsAll(rule);
  }
  if (chain.base) return kept;
  while (kept.length > 0 && onlyReturns(kept.at(-1) as Rule)) {
    report((kept.at(-1) as Rule).origin, 'the chain returns at its end anyway');
    kept.pop();
  }
  return kept;
}

/** Who goes on to a chain that does nothing comes back to where the one before was led from. */
function withoutWayThrough(rule: Rule, idle: ReadonlySet<string>): Rule {
  const last = rule.statements.at(-1);
  if (last?.kind !== 'verdict' || last.verdict.kind !== 'goto' || !idle.has(last.verdict.chain)) return rule;
  return { ...rule, statements: [...rule.statements.slice(0, -1), { kind: 'verdict', verdict: { kind: 'return' } }] };
}

function uselessness({ statements }: Rule, idle: ReadonlySet<string>): string | undefined {
  const never = statements.findIndex(isNever);
  if (never >= 0 && statements.slice(0, never).every(({ kind }) => kind === 'match')) return 'no packet matches it';
  if (statements.every(({ kind }) => kind === 'match')) return 'it does nothing with packets';
  const last = statements.at(-1);
  const before = statements.slice(0, -1);
  const leads = last?.kind === 'verdict' && last.verdict.kind === 'jump' ? last.verdict.chain : undefined;
  return leads !== undefined && idle.has(leads) && before.every(({ kind }) => kind === 'match')
    ? `\`${leads}\` does nothing`
    : undefined;
}

/** `! -s 0.0.0.0/0`: no protocol has such a number. */
function isNever(statement: Statement): boolean {
  return (
    statement.kind === 'match' &&
    statement.left.kind === 'field' &&
    statement.left.field === 'meta l4proto' &&
    statement.op === '>' &&
    statement.right.kind === 'number' &&
    statement.right.value >= 255n
  );
}

/** Whether it ends the way of every packet that comes to it. */
function endsAll({ statements }: Rule): boolean {
  const [only] = statements;
  if (statements.length !== 1 || !only) return false;
  if (only.kind === 'verdict') return only.verdict.kind !== 'jump' && only.verdict.kind !== 'continue';
  return only.kind === 'reject' && only.with?.kind !== 'tcp reset';
}

function onlyReturns({ statements }: Rule): boolean {
  const last = statements.at(-1);
  return (
    last?.kind === 'verdict' &&
    last.verdict.kind === 'return' &&
    statements.slice(0, -1).every(({ kind }) => kind === 'match')
  );
}

function reachable(chains: readonly Chain[]): ReadonlySet<string> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const found = new Set<Chain>(chains.filter(({ base }) => base !== undefined));
  for (const { rules } of found)
    for (const verdict of rules.flatMap(({ statements }) => statements.flatMap(verdictsOf))) {
      const next = 'chain' in verdict ? byName.get(verdict.chain) : undefined;
      if (next) found.add(next);
    }
  return new Set([...found].map(({ name }) => name));
}

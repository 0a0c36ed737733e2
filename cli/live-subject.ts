import { describeOrigin, lowered, type Resolved, spellApplied, tablesText } from '../compiler';
import { readRulesetText } from '../compiler/targets/nft/read/tables';
import { appliedOrigins, metBy, type Subject, Unclear } from '../compiler/why';
import { inhabitants } from '../compiler/world/inhabitants';
import { World } from '../compiler/world/world';
import { type Diagnostic, failure, type Outcome, success } from '../dsl/core/diagnostic';
import { once } from '../dsl/core/once';
import { type Origin, PROGRAM } from '../dsl/core/origin';
import type { Table } from '../dsl/ruleset/tree';
import { nftImage, type State, type View, viewHost } from '../runtime';
import { EXIT, type Flags } from './command';
import { reportDiagnostics } from './report';
import { rulesOf } from './rulesets';
import { openSession, reportFaults } from './session';

/** This host's own rules, whoever made them, and what was applied here. */
export async function liveSubject(flags: Flags): Promise<Subject | number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  const applied = session.applied(state.value);
  if (!applied.ok) return reportFaults([applied.fault], flags);
  const untouched = (await session.isUntouched(state.value)) ? nftTablesOf(state.value) : [];
  const view = await viewHost(new Set(untouched));
  if (!view.ok) return reportFaults([view.fault], flags);
  const read = await readEach(view.value);
  if (!read.ok) {
    reportDiagnostics(read.diagnostics, flags);
    return EXIT.refused;
  }
  const resolved = applied.value;
  return {
    ...rulesOfHost(read.value, resolved, state.value),
    world: new World({ ...view.value.surroundings, inhabitants: inhabitants(resolved.topology) }),
    resolved,
    describe(origin) {
      const statement = origin.kind === 'intent' ? spellApplied(resolved, origin.path) : undefined;
      return statement ?? describeOrigin(origin, resolved.locate, { alone: true });
    },
  };
}

/** The tables of a host, in their order; of those that are as they were applied, the names. */
type Read = readonly (Table | string)[];

async function readEach({ rules, sets }: View): Promise<Outcome<Read>> {
  const read: (Table | string)[] = [];
  const wrong: Diagnostic[] = [];
  for (const one of rules) {
    const given = typeof one === 'string' ? undefined : await rulesOf([one, ...sets], [], []);
    if (given === undefined) read.push(one as string);
    else if (given.ok) read.push(...given.value.tables);
    else wrong.push(...given.diagnostics);
  }
  return wrong.length > 0 ? failure(wrong) : success(read);
}

/** Beside iptables, programs at the containers' ports do what this table does: no tool lists them as rules. */
function isFrameGuard({ family, origin }: Table): boolean {
  return family === 'bridge' && origin.kind === 'program';
}

/**
 * Of tables that nobody touched since they were applied it is the records that are read, for they were applied by the program
 * of that day; as far as a packet can meet them, where no others may lead it anywhere.
 */
function rulesOfHost(read: Read, resolved: Resolved, state: State): Pick<Subject, 'rulesFor' | 'originOf'> {
  const compiled = once(() => lowered(resolved));
  const guard = state.host?.target === 'iptables' ? compiled().ruleset.tables.filter(isFrameGuard) : [];
  const isWhole = resolved.tables.length > 0 || read.some((one) => typeof one === 'object');
  return {
    rulesFor(question) {
      const met = isWhole || question.hasFields ? undefined : metBy(question, resolved.topology);
      const recorded = once(() => recordedTables(state, met));
      const all = read.flatMap((one) => (typeof one === 'object' ? one : (recorded().get(one) ?? [])));
      return { tables: [...all.map(asApplied(compiled().ruleset.tables)), ...guard] };
    },
    originOf: (element, table) => appliedOrigins(compiled())(element, table),
  };
}

function nftTablesOf({ host }: State): readonly string[] {
  return host?.tables ?? [];
}

/** What the records say was loaded, with the elements of some containers or of all; `Unclear` when that is no ruleset. */
function recordedTables(state: State, met: ReadonlySet<string> | undefined): ReadonlyMap<string, Table> {
  const read = readRulesetText({ name: 'applied', text: tablesText(nftImage(state, met), nftTablesOf(state)) });
  if (!read.ok)
    throw new Unclear(
      `the state does not say which rules were loaded: ${read.diagnostics[0].message}; it was changed by hand: \`tsnet apply\` the file again`,
    );
  return new Map(read.value.map((table) => [`${table.family} ${table.name}`, table]));
}

/** What is listed of tables that were applied is the program's; what their elements came from is asked one by one. */
function asApplied(applied: readonly Table[]): (table: Table) => Table {
  const ours = new Set(
    applied.filter(({ origin }) => origin.kind === 'program').map(({ family, name }) => `${family} ${name}`),
  );
  const own = (origin: Origin): Origin => (origin.kind === 'source' ? PROGRAM : origin);
  return (table) => {
    if (!ours.has(`${table.family} ${table.name}`)) return table;
    return {
      ...table,
      origin: PROGRAM,
      chains: table.chains.map((chain) => ({
        ...chain,
        origin: PROGRAM,
        rules: chain.rules.map((rule) => ({ ...rule, origin: own(rule.origin) })),
      })),
    };
  };
}

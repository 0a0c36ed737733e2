import { describeOrigin, lowered, type Resolved, spellApplied } from '../compiler';
import { appliedOrigins, ownOrigin, rulesFor, type Subject } from '../compiler/why';
import { inhabitants } from '../compiler/world/inhabitants';
import { World } from '../compiler/world/world';
import { type Diagnostic, failure, type Outcome, success } from '../dsl/core/diagnostic';
import { type Origin, PROGRAM } from '../dsl/core/origin';
import type { Table } from '../dsl/ruleset/tree';
import { type View, viewHost } from '../runtime';
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
  const view = await viewHost(await session.untouched(state.value));
  if (!view.ok) return reportFaults([view.fault], flags);
  const read = await readEach(view.value);
  if (!read.ok) {
    reportDiagnostics(read.diagnostics, flags);
    return EXIT.refused;
  }
  const resolved = applied.value;
  return {
    ...rulesOfHost(read.value, resolved, state.value.host?.target === 'iptables'),
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

/** What was applied and nobody touched is made again, instead of listed: as far as a packet can meet it, if it is alone. */
function rulesOfHost(read: Read, resolved: Resolved, guarded: boolean): Pick<Subject, 'rulesFor' | 'originOf'> {
  const listed = read.filter((one) => typeof one === 'object');
  if (listed.length === read.length) {
    const compiled = lowered(resolved);
    const guard = guarded ? compiled.ruleset.tables.filter(isFrameGuard) : [];
    const tables = [...asApplied(listed, compiled.ruleset.tables), ...guard];
    return { rulesFor: () => ({ tables }), originOf: appliedOrigins(compiled) };
  }
  return {
    rulesFor(question) {
      const made = (listed.length > 0 ? lowered(resolved).ruleset : rulesFor(question, resolved)).tables;
      return { tables: read.flatMap((one) => (typeof one === 'object' ? one : (named(made, one) ?? []))) };
    },
    originOf: ownOrigin,
  };
}

function named(tables: readonly Table[], text: string): Table | undefined {
  return tables.find(({ family, name }) => `${family} ${name}` === text);
}

/** What the kernel lists of tables that were applied is the program's; what their elements came from is asked one by one. */
function asApplied(tables: readonly Table[], applied: readonly Table[]): Table[] {
  const ours = new Set(
    applied.filter(({ origin }) => origin.kind === 'program').map(({ family, name }) => `${family} ${name}`),
  );
  const own = (origin: Origin): Origin => (origin.kind === 'source' ? PROGRAM : origin);
  return tables.map((table) => {
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
  });
}

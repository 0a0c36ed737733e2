import { type Compiled, describeOrigin, type Ruleset, spellApplied } from '../compiler';
import { appliedOrigins, type Subject } from '../compiler/why';
import { inhabitants } from '../compiler/world/inhabitants';
import { World } from '../compiler/world/world';
import { type Origin, PROGRAM } from '../dsl/core/origin';
import { viewHost } from '../runtime';
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
  const view = await viewHost();
  if (!view.ok) return reportFaults([view.fault], flags);
  const given = await rulesOf(view.value.sources, [], []);
  if (!given.ok) {
    reportDiagnostics(given.diagnostics, flags);
    return EXIT.refused;
  }
  const compiled = applied.value;
  const ruleset = asApplied(given.value.tables, compiled);
  return {
    rulesFor: () => ruleset,
    world: new World({ ...view.value.surroundings, inhabitants: inhabitants(compiled.topology) }),
    resolved: compiled,
    originOf: appliedOrigins(compiled),
    describe(origin) {
      const statement = origin.kind === 'intent' ? spellApplied(compiled, origin.path) : undefined;
      return statement ?? describeOrigin(origin, compiled.locate);
    },
  };
}

/** What the kernel lists of tables that were applied is the program's; what their elements came from is asked one by one. */
function asApplied(tables: Ruleset['tables'], compiled: Compiled): Ruleset {
  const ours = new Set(
    compiled.ruleset.tables
      .filter(({ origin }) => origin.kind === 'program')
      .map(({ family, name }) => `${family} ${name}`),
  );
  return {
    tables: tables.map((table) => {
      if (!ours.has(`${table.family} ${table.name}`)) return table;
      const named = (origin: Origin): Origin => (origin.kind === 'source' ? PROGRAM : origin);
      return {
        ...table,
        origin: PROGRAM,
        chains: table.chains.map((chain) => ({
          ...chain,
          origin: PROGRAM,
          rules: chain.rules.map((rule) => ({ ...rule, origin: named(rule.origin) })),
        })),
      };
    }),
  };
}

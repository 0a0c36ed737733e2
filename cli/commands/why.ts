import { type Compiled, describeOrigin, type Ruleset, spellApplied } from '../../compiler';
import { appliedOrigins, type Explanation, explain, type Subject, sendableOf, Unclear } from '../../compiler/why';
import { inhabitants } from '../../compiler/world/inhabitants';
import { assumedSurroundings, NO_SURROUNDINGS, World } from '../../compiler/world/world';
import type { Family } from '../../dsl/core/address';
import { type Origin, PROGRAM } from '../../dsl/core/origin';
import { viewHost } from '../../runtime';
import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { explanationText } from '../explanation';
import { type Input, readInput } from '../input';
import { printJson, reportDiagnostics } from '../report';
import { rulesetOf } from '../rulesets';
import { openSession, reportFaults } from '../session';
import { beside, trace, traceText } from '../trace';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const subject = await subjectOf(flags);
  if (typeof subject === 'number') return subject;
  const family = flags.has('ipv4') ? 4 : flags.has('ipv6') ? 6 : undefined;
  if (flags.has('trace')) return traced(words, subject, family, flags);
  const explanation = asked(() => explain(words, subject, family));
  report(explanation, flags);
  return EXIT.done;
}

function report(explanation: Explanation, flags: Flags): void {
  for (const note of explanation.notes) process.stderr.write(`tsnet: ${note}\n`);
  if (flags.has('json')) printJson(explanation);
  else process.stdout.write(explanationText(explanation));
}

/** The same with a real packet beside it. */
async function traced(
  words: readonly string[],
  subject: AskedSubject,
  family: Family | undefined,
  flags: Flags,
): Promise<number> {
  const { input, compiled } = subject;
  if (!input || !compiled || subject.world.isBare)
    throw new UsageError('--trace needs an intent, whose network is made on a throwaway host: -f FILE');
  const probe = asked(() => sendableOf(words, subject.world, family));
  const result = await trace(compiled, probe, input, flags.has('json'));
  if (typeof result === 'number') return result;
  if (!result.ok) return reportFaults([result.fault], flags);
  const { bridgeNetfilter, rules } = result.value;
  const world = new World({ ...assumedSurroundings(compiled.topology), bridgeNetfilter });
  const explanation = asked(() => explain(words, { ...subject, world }, family));
  const steps = beside(explanation, rules, compiled.ruleset, probe.address.includes(':') ? 'ip6' : 'ip');
  const agrees = steps.every(({ by }) => by === 'both');
  if (flags.has('json')) printJson({ ...explanation, trace: { agrees, steps } });
  else {
    report(explanation, flags);
    process.stdout.write(traceText(steps));
  }
  return agrees ? EXIT.done : EXIT.difference;
}

function asked<T>(explain: () => T): T {
  try {
    return explain();
  } catch (error) {
    throw error instanceof Unclear ? new UsageError(error.message) : error;
  }
}

interface AskedSubject extends Subject {
  /** The files of an intent. */
  readonly input?: Pick<Input, 'sources' | 'documents'>;
}

/** The rules asked about, and what stands around them. */
async function subjectOf(flags: Flags): Promise<AskedSubject | number> {
  const files = flags.texts('file');
  if (files.length === 0) return liveSubject(flags);
  const input = await readInput(files);
  const outcome = rulesetOf(input.sources, input.documents, input.diagnostics);
  if (!outcome.ok) {
    reportDiagnostics(outcome.diagnostics, flags);
    return EXIT.input;
  }
  const { ruleset, compiled } = outcome.value;
  const bare = !compiled || flags.has('rules-only');
  const surroundings = bare ? NO_SURROUNDINGS : assumedSurroundings(compiled.topology);
  const world = new World({ ...surroundings, bridgeNetfilter: flags.has('bridge-netfilter') });
  return { ruleset, world, compiled, describe: describer(compiled), input };
}

/** This host's own rules, whoever made them, and what was applied here. */
async function liveSubject(flags: Flags): Promise<Subject | number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const state = session.state();
  if (!state.ok) return reportFaults([state.fault], flags);
  const applied = session.applied(state.value);
  if (!applied.ok) return reportFaults([applied.fault], flags);
  const view = await viewHost();
  if (!view.ok) return reportFaults([view.fault], flags);
  const given = rulesetOf(view.value.sources, [], []);
  if (!given.ok) {
    reportDiagnostics(given.diagnostics, flags);
    return EXIT.refused;
  }
  const compiled = applied.value;
  return {
    ruleset: asApplied(given.value.ruleset, compiled),
    world: new World({ ...view.value.surroundings, inhabitants: inhabitants(compiled.topology) }),
    compiled,
    originOf: appliedOrigins(compiled),
    describe(origin) {
      const statement = origin.kind === 'intent' ? spellApplied(compiled, origin.path) : undefined;
      return statement ?? describer(compiled)(origin);
    },
  };
}

function describer(compiled: Compiled | undefined): Subject['describe'] {
  return (origin) => describeOrigin(origin, compiled?.locate ?? (() => ({})));
}

/** What the kernel lists of tables that were applied is the program's; what their elements came from is asked one by one. */
function asApplied({ tables }: Ruleset, compiled: Compiled): Ruleset {
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

import { describeOrigin } from '../../compiler';
import { type Explanation, explain, type Subject, Unclear } from '../../compiler/why';
import { assumedSurroundings, NO_SURROUNDINGS, World } from '../../compiler/world/world';
import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { explanationText } from '../explanation';
import { printJson, reportDiagnostics } from '../report';
import { readRuleset } from '../rulesets';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const subject = await subjectOf(flags);
  if (typeof subject === 'number') return subject;
  const family = flags.has('ipv4') ? 4 : flags.has('ipv6') ? 6 : undefined;
  const explanation = asked(() => explain(words, subject, family));
  for (const note of explanation.notes) process.stderr.write(`tsnet: ${note}\n`);
  if (flags.has('json')) printJson(explanation);
  else process.stdout.write(explanationText(explanation));
  return EXIT.done;
}

function asked(explain: () => Explanation): Explanation {
  try {
    return explain();
  } catch (error) {
    throw error instanceof Unclear ? new UsageError(error.message) : error;
  }
}

/** The rules asked about, and what stands around them. */
async function subjectOf(flags: Flags): Promise<Subject | number> {
  const files = flags.texts('file');
  const outcome = await readRuleset(files);
  if (!outcome.ok) {
    reportDiagnostics(outcome.diagnostics, flags);
    return EXIT.input;
  }
  const { ruleset, compiled } = outcome.value;
  const surroundings = compiled ? assumedSurroundings(compiled.topology) : NO_SURROUNDINGS;
  const world = new World({ ...surroundings, bridgeNetfilter: flags.has('bridge-netfilter') });
  return {
    ruleset,
    world,
    compiled,
    describe: (origin) => describeOrigin(origin, compiled?.locate ?? (() => ({}))),
  };
}

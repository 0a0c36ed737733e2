import { describeOrigin } from '../../compiler';
import { explain, rulesFor } from '../../compiler/why';
import { assumedSurroundings, NO_SURROUNDINGS, World } from '../../compiler/world/world';
import { type AskedSubject, asked, reportExplanation } from '../answer';
import { EXIT, type Flags, type Invocation } from '../command';
import { readInput } from '../input';
import { reportDiagnostics } from '../report';
import { rulesetOf, rulesOf } from '../rulesets';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const subject = await subjectOf(flags);
  if (typeof subject === 'number') return subject;
  const family = flags.has('ipv4') ? 4 : flags.has('ipv6') ? 6 : undefined;
  if (flags.has('trace')) return (await import('../traced')).traced(words, subject, family, flags);
  reportExplanation(
    asked(() => explain(words, subject, family)),
    flags,
  );
  return EXIT.done;
}

/** The rules asked about, and what stands around them. */
async function subjectOf(flags: Flags): Promise<AskedSubject | number> {
  const files = flags.texts('file');
  // Of most questions none needs the host: what asks it is loaded for those that do.
  if (files.length === 0) return (await import('../live-subject')).liveSubject(flags);
  const input = await readInput(files);
  const outcome = await rulesOf(input.sources, input.documents, input.diagnostics);
  if (!outcome.ok) {
    reportDiagnostics(outcome.diagnostics, flags);
    return EXIT.input;
  }
  if (outcome.warnings.length > 0 && !flags.has('json')) reportDiagnostics(outcome.warnings, flags);
  const { tables, resolved } = outcome.value;
  const bare = !resolved || flags.has('rules-only');
  const surroundings = bare ? NO_SURROUNDINGS : assumedSurroundings(resolved.topology);
  return {
    rulesFor: (question) => (bare || tables.length > 0 ? rulesetOf(outcome.value) : rulesFor(question, resolved)),
    world: new World({ ...surroundings, bridgeNetfilter: flags.has('bridge-netfilter') }),
    resolved,
    describe: (origin) => describeOrigin(origin, resolved?.locate ?? (() => ({})), { alone: true }),
    input,
  };
}

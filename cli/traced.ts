import { lowered } from '../compiler';
import { explain, sendableOf } from '../compiler/why';
import { assumedSurroundings, World } from '../compiler/world/world';
import type { Family } from '../dsl/core/address';
import { type AskedSubject, asked, reportExplanation } from './answer';
import { EXIT, type Flags, UsageError } from './command';
import { printJson } from './report';
import { reportFaults } from './session';
import { beside, trace, traceText } from './trace';

/** Answers with a real packet beside it. */
export async function traced(
  words: readonly string[],
  subject: AskedSubject,
  family: Family | undefined,
  flags: Flags,
): Promise<number> {
  const { input, resolved } = subject;
  if (!input || !resolved || subject.world.isBare)
    throw new UsageError('--trace needs an intent, whose network is made on a throwaway host: -f FILE');
  const probe = asked(() => sendableOf(words, subject.world, family));
  const result = await trace(resolved, probe, input, flags.has('json'));
  if (typeof result === 'number') return result;
  if (!result.ok) return reportFaults([result.fault], flags);
  const { bridgeNetfilter, rules } = result.value;
  const world = new World({ ...assumedSurroundings(resolved.topology), bridgeNetfilter });
  const explanation = asked(() => explain(words, { ...subject, world }, family));
  const steps = beside(explanation, rules, lowered(resolved).ruleset, probe.address.includes(':') ? 'ip6' : 'ip');
  const agrees = steps.every(({ by }) => by === 'both');
  if (flags.has('json')) printJson({ ...explanation, trace: { agrees, steps } });
  else {
    reportExplanation(explanation, flags);
    process.stdout.write(traceText(steps));
  }
  return agrees ? EXIT.done : EXIT.difference;
}

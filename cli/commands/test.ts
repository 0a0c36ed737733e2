import { describeOrigin, type Resolved } from '../../compiler';
import { type Answer, answerExpectations } from '../../compiler/expect';
import { explain, type Question, rulesFor } from '../../compiler/why';
import { assumedSurroundings, World } from '../../compiler/world/world';
import type { Origin } from '../../dsl/core/origin';
import { EXIT, type Invocation, UsageError } from '../command';
import { resolveFiles } from '../compiled';
import { allowanceText } from '../explanation';
import { shellWord } from '../proof';
import { printJson, reportDiagnostics } from '../report';
import { FORMATS, type Result } from '../results';
import { reportFaults } from '../session';
import { type Survey, survey } from '../survey';
import { liveTarget } from '../target';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const format = FORMATS[flags.text('format') ?? 'text'];
  if (!format) throw new UsageError(`--format takes ${Object.keys(FORMATS).join(', ')}, not ${flags.text('format')}`);
  const outcome = await resolveFiles(words);
  if (!outcome.ok) {
    reportDiagnostics(outcome.diagnostics, flags);
    return EXIT.input;
  }
  const { resolved, input } = outcome.value;
  const world = new World(assumedSurroundings(resolved.topology));
  const { answers, samples } = answerExpectations(resolved, world);
  const answered = answers.map((answer) => resultOf(answer, resolved, world, words));
  const surveyed = flags.has('live')
    ? await survey(resolved, samples, input, { ...liveTarget(flags), json: flags.has('json') })
    : undefined;
  if (typeof surveyed === 'number') return surveyed;
  if (surveyed && !surveyed.ok) return reportFaults([surveyed.fault], flags);
  const results = surveyed ? answered.map((result, index) => withSurvey(result, index, surveyed.value)) : answered;
  if (flags.has('json')) printJson({ expectations: results });
  else process.stdout.write(format(results));
  if (results.length === 0) process.stderr.write('tsnet: there is no `expect` in it\n');
  return results.every(({ holds }) => holds) ? EXIT.done : EXIT.difference;
}

/** An expectation holds when the rules say so and real packets do not say otherwise. */
function withSurvey(result: Result, index: number, { asked, otherwise }: Survey): Result {
  const others = otherwise.get(index) ?? [];
  return {
    ...result,
    holds: result.holds && others.length === 0,
    live: { asked: asked.get(index) ?? 0, otherwise: others },
  };
}

function resultOf(answer: Answer, resolved: Resolved, world: World, files: readonly string[]): Result {
  const { index, text, holds, reason, packet } = answer;
  const { locate } = resolved;
  const describe = (origin: Origin) => describeOrigin(origin, locate, { alone: true });
  const place = describe({ kind: 'intent', path: ['expectations', index] })?.split(' ', 1)[0] ?? '';
  if (holds || !packet) return { place, text, holds, reason: reason ?? null, packet: null, live: null };
  const subject = { rulesFor: (question: Question) => rulesFor(question, resolved), world, resolved, describe };
  const { packet: sent, outcome, answer: back, because, remarks, allowances } = explain(packet, subject);
  const unanswered = back && !back.comesBack ? `, but the answer ${back.outcome.text}` : '';
  const isDenied = resolved.intent.expectations[index]?.outcome === 'denied';
  const passes = isDenied && outcome.kind === 'lost' ? 'is let through, though it ' : '';
  return {
    place,
    text,
    holds,
    reason: null,
    live: null,
    packet: {
      text: sent,
      outcome: `${passes}${outcome.text}${unanswered}`,
      because,
      // Who wants it dropped is not told how it would be let in.
      hints: isDenied ? [] : [...remarks, ...allowances.map(allowanceText)],
      why: ['tsnet', 'why', ...files.flatMap((file) => ['-f', file]), ...packet].map(shellWord).join(' '),
    },
  };
}

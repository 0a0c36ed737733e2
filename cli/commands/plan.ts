import { EXIT, type Invocation } from '../command';
import { spendLittle } from '../frugal';
import { readInput } from '../input';
import { reportDiagnostics } from '../report';
import { openSession, reportResponse, showSteps } from '../session';
import { liveTarget } from '../target';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const target = liveTarget(flags);
  const { sources, documents, diagnostics } = await readInput(words);
  if (diagnostics.length > 0) {
    reportDiagnostics(diagnostics, flags);
    return EXIT.input;
  }
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const response = await session.fulfil(
    { kind: 'apply', sources, documents, ...target },
    { dryRun: true, beforeMuch: spendLittle },
  );
  const code = reportResponse(response, flags, (planned) => showSteps(planned, flags));
  const changes = 'steps' in response && response.steps.length > 0;
  return code === EXIT.done && changes && flags.has('exit-code') ? EXIT.difference : code;
}

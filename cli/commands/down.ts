import type { Invocation } from '../command';
import { progress } from '../progress';
import { openSession, reportResponse, showSteps } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const response = await session.fulfil(
    { kind: 'down' },
    { dryRun: flags.has('dry-run'), what: 'down', progress: progress() },
  );
  return reportResponse(response, flags, (done) => showSteps(done, flags));
}

import { type Invocation, UsageError } from '../command';
import { progress } from '../progress';
import { openSession, reportResponse, showSteps, whatOf } from '../session';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const [word] = words;
  if (word !== undefined && !/^\d{1,8}$/.test(word))
    throw new UsageError(`\`${word}\` is not the number of a generation`);
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const response = await session.fulfil(
    { kind: 'rollback', ...(word === undefined ? {} : { to: Number(word) }) },
    { dryRun: flags.has('dry-run'), what: whatOf('rollback', words), progress: progress() },
  );
  return reportResponse(response, flags, (done) => showSteps(done, flags));
}

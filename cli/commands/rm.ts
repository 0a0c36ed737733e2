import type { Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportResponse, whatOf } from '../session';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const response = await session.fulfil(
    { kind: 'remove', containers: words },
    { dryRun: false, what: whatOf('rm', words) },
  );
  return reportResponse(response, flags, () => {
    if (flags.has('json')) printJson({ removed: words });
    else for (const name of words) process.stdout.write(`${name}\n`);
  });
}

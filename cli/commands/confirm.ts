import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const confirmed = await session.confirm();
  if (!confirmed.ok) return reportFaults([confirmed.fault], flags);
  if (flags.has('json')) printJson({ confirmed: confirmed.value });
  else process.stdout.write(`generation ${confirmed.value} stays\n`);
  return EXIT.done;
}

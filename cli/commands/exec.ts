import { enter } from '../../runtime';
import type { Invocation } from '../command';
import { openSession, reportFaults } from '../session';

export async function execute({ flags, words: [name = ''], command }: Invocation): Promise<number> {
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const place = session.place(name);
  if (!place.ok) return reportFaults([place.fault], flags);
  const result = await enter(place.value, command);
  return result.ok ? result.value : reportFaults([result.fault], flags);
}

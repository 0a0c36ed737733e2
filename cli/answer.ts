import { type Explanation, type Subject, Unclear } from '../compiler/why';
import { type Flags, UsageError } from './command';
import { explanationText } from './explanation';
import type { Input } from './input';
import { printJson } from './report';

export interface AskedSubject extends Subject {
  /** The files of an intent. */
  readonly input?: Pick<Input, 'sources' | 'documents'>;
}

/** What is answered; a question that cannot be understood is a mistake of the command line. */
export function asked<T>(explain: () => T): T {
  try {
    return explain();
  } catch (error) {
    throw error instanceof Unclear ? new UsageError(error.message) : error;
  }
}

export function reportExplanation(explanation: Explanation, flags: Flags): void {
  for (const note of explanation.notes) process.stderr.write(`tsnet: ${note}\n`);
  if (flags.has('json')) printJson(explanation);
  else process.stdout.write(explanationText(explanation));
}

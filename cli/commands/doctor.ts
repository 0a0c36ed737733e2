import { examine, installMissing } from '../../runtime';
import { EXIT, type Invocation } from '../command';
import { printJson } from '../report';
import { reportFaults } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  if (flags.has('install')) {
    const installed = await installMissing();
    if (!installed.ok) return reportFaults([installed.fault], flags);
  }
  const findings = await examine();
  if (flags.has('json')) printJson({ findings });
  else
    for (const { name, state, message, mend } of findings)
      process.stdout.write(
        `${{ good: 'ok  ', bad: 'BAD ', note: 'note' }[state]}  ${name}: ${message}${mend ? `\n      ${mend}` : ''}\n`,
      );
  return findings.some(({ state }) => state === 'bad') ? EXIT.refused : EXIT.done;
}

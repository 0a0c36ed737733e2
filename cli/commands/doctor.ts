import { existsSync } from 'node:fs';
import { examine, type Finding, installMissing } from '../../runtime';
import { EXIT, type Flags, type Invocation } from '../command';
import { printJson } from '../report';
import { openSession, reportFaults, stateDirectory } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  if (flags.has('install')) {
    const installed = await installMissing();
    if (!installed.ok) return reportFaults([installed.fault], flags);
  }
  const findings = [...(await examine()), ...(await inTheWay(flags))];
  if (flags.has('json')) printJson({ findings });
  else
    for (const { name, state, message, mend } of findings)
      process.stdout.write(
        `${{ good: 'ok  ', bad: 'BAD ', note: 'note' }[state]}  ${name}: ${message}${mend ? `\n      ${mend}` : ''}\n`,
      );
  return findings.some(({ state }) => state === 'bad') ? EXIT.refused : EXIT.done;
}

/** What others drop of what is applied; where nothing ever was, there is nothing to ask. */
async function inTheWay(flags: Flags): Promise<Finding[]> {
  if (!existsSync(stateDirectory(flags))) return [];
  const session = await openSession(flags);
  const state = typeof session === 'number' ? undefined : session.state();
  if (typeof session === 'number' || !state?.ok) return [];
  const faults = await session.inTheWay(state.value);
  return faults.map(({ message, hint }) => ({
    name: 'forwarding',
    state: 'bad',
    message,
    ...(hint ? { mend: hint } : {}),
  }));
}

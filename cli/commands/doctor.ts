import { existsSync } from 'node:fs';
import { examine, type Finding, type HostFault, installMissing, Session } from '../../runtime';
import { EXIT, type Flags, type Invocation } from '../command';
import { printJson } from '../report';
import { reportFaults, stateDirectory } from '../session';

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

/** What others drop of what is applied, or why that cannot be said; where nothing ever was, there is nothing to ask. */
async function inTheWay(flags: Flags): Promise<Finding[]> {
  if (!existsSync(stateDirectory(flags))) return [];
  const session = Session.open(stateDirectory(flags));
  if (!session.ok) return [finding('state', 'note', session.fault)];
  const ready = await session.value.ready();
  const state = ready.ok ? session.value.state() : ready;
  if (!state.ok) return [finding('state', 'bad', state.fault)];
  const faults = await session.value.inTheWay(state.value);
  return faults.map((fault) => finding('forwarding', 'bad', fault));
}

function finding(name: string, state: Finding['state'], { message, hint }: HostFault): Finding {
  return { name, state, message, ...(hint ? { mend: hint } : {}) };
}

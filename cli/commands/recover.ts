import { EXIT, type Invocation } from '../command';
import { progress } from '../progress';
import { printJson } from '../report';
import { openStateSession, reportFaults } from '../session';

export async function execute({ flags }: Invocation): Promise<number> {
  const session = openStateSession(flags);
  if (typeof session === 'number') return session;
  const recovered = await session.recover(progress());
  if (!recovered.ok) return reportFaults([recovered.fault], flags);
  const { direction, takenBack, restored } = recovered.value;
  if (flags.has('json')) printJson({ interrupted: direction ?? null, takenBack: takenBack ?? null, restored });
  else {
    const lines = [
      ...(direction === undefined ? [] : [`a change that was cut short was ${direction}`]),
      ...(takenBack === undefined ? [] : [`generation ${takenBack} was taken back: nobody confirmed it`]),
      ...(restored ? ['the host matches what was applied again'] : []),
    ];
    process.stdout.write(lines.length === 0 ? 'nothing to do\n' : `${lines.join('\n')}\n`);
  }
  return EXIT.done;
}

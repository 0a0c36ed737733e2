import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { readSeconds } from '../duration';
import { spendLittle } from '../frugal';
import { readInput } from '../input';
import { progress } from '../progress';
import { reportDiagnostics } from '../report';
import { openSession, reportResponse, showSteps, whatOf } from '../session';
import { liveTarget } from '../target';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const target = liveTarget(flags);
  const confirm = confirmSeconds(flags);
  const { sources, documents, diagnostics } = await readInput(words);
  if (diagnostics.length > 0) {
    reportDiagnostics(diagnostics, flags);
    return EXIT.input;
  }
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const response = await session.fulfil(
    { kind: 'apply', sources, documents, ...target, mend: flags.has('mend') },
    {
      dryRun: flags.has('dry-run'),
      what: whatOf('apply', words),
      confirm,
      progress: progress(),
      beforeMuch: spendLittle,
    },
  );
  const code = reportResponse(response, flags, (done) => showSteps(done, flags));
  const pending = confirm === undefined || response.kind !== 'applied' ? undefined : session.pending();
  if (pending?.ok && pending.value)
    process.stderr.write(`tsnet: taken back in ${Math.round(pending.value.left)} seconds unless: tsnet confirm\n`);
  return code;
}

function confirmSeconds(flags: Flags): number | undefined {
  const text = flags.text('confirm');
  if (text === undefined) return undefined;
  if (flags.has('dry-run')) throw new UsageError('--confirm makes no sense with --dry-run');
  return readSeconds('--confirm', text);
}

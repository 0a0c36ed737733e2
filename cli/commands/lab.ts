import { openSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiled, layoutFor, print } from '../../compiler';
import type { Diagnostic } from '../../dsl/core/diagnostic';
import { runOnThrowawayHost } from '../../runtime';
import { EXIT, type Invocation, UsageError } from '../command';
import { compileFiles } from '../compiled';
import { encodeRequest, type LabRequest } from '../lab/request';
import { reportDiagnostics } from '../report';
import { reportFaults } from '../session';
import { liveTarget } from '../target';

/** The program that is started on the throwaway host, to do the rest. */
const INSIDE = join(__dirname, '..', 'lab', 'inside.js');

export async function execute({ flags, words }: Invocation): Promise<number> {
  const { target, ipset } = liveTarget(flags);
  const run = flags.text('run');
  const stdin = words.includes('-') && run === undefined ? terminal() : 'inherit';
  const outcome = await compileFiles(words);
  const wrong = outcome.ok ? unprintable(outcome.value.compiled, target, ipset) : outcome.diagnostics;
  if (!outcome.ok || wrong.length > 0) {
    reportDiagnostics(wrong, flags);
    return EXIT.input;
  }
  const { input, compiled } = outcome.value;
  const request = encodeRequest({
    input,
    layout: layoutFor(compiled.topology),
    target,
    ipset,
    servers: !flags.has('no-servers'),
    run,
    json: flags.has('json'),
  });
  const result = await runOnThrowawayHost([process.execPath, INSIDE], {
    stdio: [stdin, 'inherit', 'inherit', request],
  });
  return result.ok ? result.value : reportFaults([result.fault], flags);
}

/** What keeps an intent from the target it will be applied with. */
function unprintable(compiled: Compiled, target: LabRequest['target'], ipset = false): readonly Diagnostic[] {
  const texts = target === 'iptables' ? (['iptables', 'ip6tables'] as const) : (['nft'] as const);
  const refused = texts.map((text) => print(compiled, text, { ipset })).find(({ ok }) => !ok);
  return refused && !refused.ok ? refused.diagnostics : [];
}

/** For a shell when standard input is the intent. */
function terminal(): 0 {
  try {
    // execa passes any descriptor on, its types know only the first three.
    return openSync('/dev/tty', 'r+') as 0;
  } catch {
    throw new UsageError('standard input is the intent, and there is no terminal for a shell: give --run CMD');
  }
}

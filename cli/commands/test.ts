import { type Compiled, describeOrigin } from '../../compiler';
import { checkExpectations } from '../../compiler/expect';
import { explain } from '../../compiler/why';
import { assumedSurroundings, World } from '../../compiler/world/world';
import { EXIT, type Invocation, UsageError } from '../command';
import { compileFiles } from '../compiled';
import { printJson, reportDiagnostics } from '../report';
import { FORMATS, type Result } from '../results';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const format = FORMATS[flags.text('format') ?? 'text'];
  if (!format) throw new UsageError(`--format takes ${Object.keys(FORMATS).join(', ')}, not ${flags.text('format')}`);
  const outcome = await compileFiles(words);
  if (!outcome.ok) {
    reportDiagnostics(outcome.diagnostics, flags);
    return EXIT.input;
  }
  const results = answers(outcome.value.compiled, words);
  if (flags.has('json')) printJson({ expectations: results });
  else process.stdout.write(format(results));
  if (results.length === 0) process.stderr.write('tsnet: there is no `expect` in it\n');
  return results.every(({ holds }) => holds) ? EXIT.done : EXIT.difference;
}

/** What the evaluator and the prover say. */
function answers(compiled: Compiled, files: readonly string[]): Result[] {
  const world = new World(assumedSurroundings(compiled.topology));
  return checkExpectations(compiled, world).map(({ index, text, holds, reason, packet }) => {
    const origin = describeOrigin({ kind: 'intent', path: ['expectations', index] }, compiled.locate);
    const place = origin?.split(' ', 1)[0] ?? '';
    if (holds || !packet) return { place, text, holds, reason: reason ?? null, packet: null };
    const { ruleset } = compiled;
    const describe = (one: Parameters<typeof describeOrigin>[0]) => describeOrigin(one, compiled.locate);
    const told = explain(packet, { ruleset, world, compiled, describe });
    return {
      place,
      text,
      holds,
      reason: null,
      packet: {
        text: told.packet,
        outcome: told.outcome.text,
        because: told.because,
        why: ['tsnet', 'why', ...files.flatMap((file) => ['-f', file]), ...packet].join(' '),
      },
    };
  });
}

import { print, TARGETS } from '../../compiler';
import { EXIT, type Invocation } from '../command';
import { compileFiles } from '../compiled';
import { printText, writeResult } from '../output';
import { printJson, reportDiagnostics } from '../report';
import { oneOf } from '../target';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const target = oneOf(TARGETS, flags.text('target') ?? 'nft');
  const outcome = await compileFiles(words);
  const printed = outcome.ok
    ? print(outcome.value.compiled, target, { explain: flags.has('explain'), ipset: flags.has('ipset') })
    : outcome;
  if (!printed.ok) {
    reportDiagnostics(printed.diagnostics, flags);
    return EXIT.input;
  }
  const { text } = printed.value;
  const output = flags.text('output');
  if (output !== undefined && output !== '-') {
    const wrongOutput = await writeResult(output, text);
    if (wrongOutput) {
      reportDiagnostics([wrongOutput], flags);
      return EXIT.refused;
    }
  } else if (flags.has('json')) printJson({ target, ruleset: text });
  else printText(text);
  return EXIT.done;
}

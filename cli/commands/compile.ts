import { compile, print, TARGETS } from '../../compiler';
import { EXIT, type Invocation } from '../command';
import { readInput } from '../input';
import { writeResult } from '../output';
import { printJson, reportDiagnostics } from '../report';
import { oneOf } from '../target';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const target = oneOf(TARGETS, flags.text('target') ?? 'nft');
  const { sources, documents, diagnostics } = await readInput(words);
  const outcome = compile(sources, { documents });
  const wrong = [...diagnostics, ...(outcome.ok ? [] : outcome.diagnostics)];
  const printed =
    outcome.ok && wrong.length === 0
      ? print(outcome.value, target, { explain: flags.has('explain'), ipset: flags.has('ipset') })
      : undefined;
  if (!printed?.ok) {
    reportDiagnostics([...wrong, ...(printed?.diagnostics ?? [])], flags);
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
  else process.stdout.write(text);
  return EXIT.done;
}

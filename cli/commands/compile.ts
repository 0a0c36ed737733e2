import { compile, print, TARGETS, type TargetName } from '../../compiler';
import { closest } from '../../dsl/core/suggest';
import { EXIT, type Invocation, UsageError } from '../command';
import { readInput } from '../input';
import { writeResult } from '../output';
import { printJson, reportDiagnostics } from '../report';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const target = targetOf(flags.text('target') ?? 'nft');
  const { sources, documents, diagnostics } = await readInput(words);
  const outcome = compile(sources, { documents });
  const wrong = [...diagnostics, ...(outcome.ok ? [] : outcome.diagnostics)];
  const printed =
    outcome.ok && wrong.length === 0 ? print(outcome.value, target, { explain: flags.has('explain') }) : undefined;
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

function targetOf(text: string): TargetName {
  const found = TARGETS.find((one) => one === text);
  if (found) return found;
  const near = closest(text, TARGETS);
  throw new UsageError(
    `there is no target \`${text}\`${near ? `; did you mean \`${near}\`?` : ''} Targets are ${TARGETS.join(', ')}.`,
  );
}

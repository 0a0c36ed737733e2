import { check, formatText } from '../../compiler/format';
import { EXIT, type Invocation } from '../command';
import { readInput } from '../input';
import { writeResult } from '../output';
import { printJson, reportDiagnostics } from '../report';

export async function execute({ flags, words }: Invocation): Promise<number> {
  const { sources, diagnostics } = await readInput(words);
  const wrong = [...diagnostics, ...sources.flatMap(check)];
  if (wrong.length > 0) {
    reportDiagnostics(wrong, flags);
    return EXIT.input;
  }
  const changed = sources.filter((source) => formatText(source) !== source.text);
  if (flags.has('check')) {
    if (flags.has('json')) printJson({ changed: changed.map(({ name }) => name) });
    else for (const { name } of changed) process.stdout.write(`${name}\n`);
    return changed.length > 0 ? EXIT.difference : EXIT.done;
  }
  for (const source of sources) {
    if (source.name === '<stdin>') process.stdout.write(formatText(source));
    else if (changed.includes(source)) {
      const refused = await writeResult(source.name, formatText(source));
      if (refused) {
        reportDiagnostics([refused], flags);
        return EXIT.refused;
      }
    }
  }
  return EXIT.done;
}

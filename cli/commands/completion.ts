import { EXIT, type Invocation, UsageError } from '../command';
import { completionFor, SHELLS } from '../shells/completion';
import { COMMANDS } from '../table';

export async function execute({ words: [word = ''] }: Invocation): Promise<number> {
  const shell = SHELLS.find((one) => one === word);
  if (!shell) throw new UsageError(`there is completion for ${SHELLS.join(', ')}, not for \`${word}\``);
  process.stdout.write(completionFor(shell, COMMANDS));
  return EXIT.done;
}

import { type Command, EXIT, type Invocation, UsageError } from '../command';
import { completionFor, SHELLS } from '../shells/completion';

export async function execute({ words: [word = ''] }: Invocation, commands: readonly Command[]): Promise<number> {
  const shell = SHELLS.find((one) => one === word);
  if (!shell) throw new UsageError(`there is completion for ${SHELLS.join(', ')}, not for \`${word}\``);
  process.stdout.write(completionFor(shell, commands));
  return EXIT.done;
}

#!/usr/bin/env node
import { closest } from '../dsl/core/suggest';
import { parseInvocation } from './arguments';
import { EXIT, UsageError } from './command';
import { helpOf, overview } from './help';
import { COMMANDS } from './table';
import { version } from './version';

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const command = COMMANDS.find((one) => one.name === rest[0]);
    process.stdout.write(command ? helpOf(command) : overview());
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${version()}\n`);
    return EXIT.done;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    const near = closest(
      name,
      COMMANDS.map((one) => one.name),
    );
    throw new UsageError(`there is no command \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`);
  }
  const invocation = parseInvocation(command, rest);
  if (invocation.flags.has('help')) {
    process.stdout.write(helpOf(command));
    return EXIT.done;
  }
  return (await command.load()).execute(invocation);
}

/** A reader that stops reading, as `head` does, is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    if (error instanceof UsageError) {
      process.stderr.write(`tsnet: ${error.message}\nTry \`tsnet --help\`.\n`);
      process.exitCode = EXIT.usage;
      return;
    }
    process.stderr.write(`tsnet: this is a bug: ${error.message}\n`);
    if (process.env.TSNET_DEBUG) process.stderr.write(`${error.stack}\n`);
    else process.stderr.write('Set TSNET_DEBUG=1 to see where, and please report it.\n');
    process.exitCode = EXIT.bug;
  },
);

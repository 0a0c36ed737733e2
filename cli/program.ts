import { closest } from '../dsl/core/suggest';
import { reasonFor } from '../dsl/core/system-error';
import { parseInvocation } from './arguments';
import { type Command, type CommandModule, EXIT, UsageError } from './command';
import { helpOf, overview } from './help';
import { COMMANDS } from './table';

/** Runs a command line, with the command's module where it is loaded already; the exit code. */
async function execute(args: readonly string[], loaded: CommandModule | undefined): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    process.stderr.write(overview());
    return EXIT.usage;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(rest[0] === undefined ? overview() : helpOf(commandOf(rest[0])));
    return EXIT.done;
  }
  const command = commandOf(name);
  const invocation = parseInvocation(command, rest);
  if (invocation.flags.has('help')) {
    process.stdout.write(helpOf(command));
    return EXIT.done;
  }
  return (loaded ?? (await command.load())).execute(invocation, COMMANDS);
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  const near = closest(name, names);
  throw new UsageError(`there is no command \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`);
}

/**
 * What no command expected: a command line that makes no sense, an output that takes nothing, or a bug of ours, which never
 * shows as a stack trace.
 */
function fail(error: unknown, name?: string): void {
  if (error instanceof UsageError) {
    const help = COMMANDS.some((one) => one.name === name) ? `tsnet ${name} --help` : 'tsnet --help';
    process.stderr.write(`tsnet: ${error.message}\nTry \`${help}\`.\n`);
    process.exitCode = EXIT.usage;
    return;
  }
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'write') {
    process.stderr.write(`tsnet: cannot write the result: ${reasonFor(code, 'file')}\n`);
    process.exitCode = EXIT.refused;
    return;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`tsnet: this is a bug: ${message}\n`);
  process.stderr.write(
    process.env.TSNET_DEBUG ? `${stack}\n` : 'Set TSNET_DEBUG=1 to see where, and please report it.\n',
  );
  process.exitCode = EXIT.bug;
}

/** The program; it ends with its exit code in `process.exitCode`. */
export async function main(args: readonly string[], loaded?: CommandModule): Promise<void> {
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    // A reader that stops reading, as `head` does, is no fault.
    if (error.code === 'EPIPE' && error.syscall === 'write') process.exit(EXIT.done);
    fail(error);
    process.exit();
  });
  await execute(args, loaded).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => fail(error, args[0]),
  );
}

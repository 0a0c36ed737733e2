import { parseArgs } from 'node:util';
import { closest } from '../dsl/core/suggest';
import { type Command, Flags, GLOBAL_FLAGS, type Invocation, UsageError } from './command';

/** Parses what follows the command's name. Throws a UsageError that says what is wrong and what was probably meant. */
export function parseInvocation(command: Command, args: readonly string[]): Invocation {
  const cut = args.indexOf('--');
  const own = cut < 0 ? args : args.slice(0, cut);
  const after = cut < 0 ? [] : args.slice(cut + 1);
  const parsed = parse(own, { ...command.flags, ...GLOBAL_FLAGS });
  const words = command.takesCommand ? parsed.positionals : [...parsed.positionals, ...after];
  const invocation = { flags: new Flags(parsed.values), words, command: command.takesCommand ? after : [] };
  if (invocation.flags.has('help')) return invocation;
  if (words.length < command.words.least) throw new UsageError(`\`tsnet ${command.name}\` needs ${command.usage}`);
  const extra = words[command.words.most];
  if (extra !== undefined)
    throw new UsageError(
      `unexpected \`${extra}\`${command.takesCommand ? ': the command to run comes after `--`' : ''}`,
    );
  if (command.takesCommand && after.length === 0)
    throw new UsageError(`\`tsnet ${command.name}\` needs a command after \`--\``);
  return invocation;
}

type Parsed = Pick<ReturnType<typeof parseArgs>, 'values' | 'positionals'>;

function parse(args: readonly string[], flags: Command['flags']): Parsed {
  // Node's parser takes half a millisecond to load, to find no flag.
  if (!args.some((word) => word.startsWith('-'))) return { values: {}, positionals: [...args] };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple = false }]) => [
      name,
      short ? { type, short, multiple } : { type, multiple },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(explain(error as Error, Object.keys(flags)));
  }
}

function explain({ message }: Error, names: readonly string[]): string {
  const unknown = /Unknown option '--?([^']+)'/.exec(message)?.[1];
  if (unknown === undefined) return message.replace(/^.*?\n/, '').split('\n', 1)[0] ?? message;
  const near = closest(unknown, names);
  return `unknown flag \`${unknown.length === 1 ? '-' : '--'}${unknown}\`${near ? `; did you mean \`--${near}\`?` : ''}`;
}

import { parseInvocation } from '../../../cli/arguments';
import { type Command, UsageError } from '../../../cli/command';
import { helpOf, overview } from '../../../cli/help';
import { COMMANDS } from '../../../cli/table';

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  return command;
}

const parse = (line: string) => {
  const [name = '', ...args] = line.split(' ');
  return parseInvocation(commandOf(name), args);
};

describe('parseInvocation', () => {
  test('tells flags, words and the command to run apart', () => {
    const { flags, words, command } = parse('exec web --state /s -- sh -c --json');
    expect([flags.text('state'), flags.has('json'), words, command]).toEqual([
      '/s',
      false,
      ['web'],
      ['sh', '-c', '--json'],
    ]);
  });

  test('takes short flags, repeated ones, and values after `=`', () => {
    const { flags } = parse('run -d -p 8080:80 --publish=90 --name=web -- true');
    expect([flags.has('detach'), flags.texts('publish'), flags.text('name')]).toEqual([true, ['8080:80', '90'], 'web']);
  });

  test('`--` ends the flags of a command that runs none', () => {
    expect(parse('compile -- --odd-name').words).toEqual(['--odd-name']);
  });

  test.each([
    ['compile', '`tsnet compile` needs FILE...'],
    ['port web db', 'unexpected `db`'],
    ['run --rm', '`tsnet run` needs a command after `--`'],
    ['run ip address', 'unexpected `ip`: the command to run comes after `--`'],
    ['compile --explian a', 'unknown flag `--explian`; did you mean `--explain`?'],
    ['compile --zzzzzz a', 'unknown flag `--zzzzzz`'],
    ['compile -z a', 'unknown flag `-z`'],
    ['compile a --target', "Option '--target <value>' argument missing"],
    ['compile a --explain=yes', "Option '--explain' does not take an argument"],
  ])('%s: %s', (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});

describe('help', () => {
  test.each(COMMANDS)('of `$name` shows every flag, and examples that parse', (command) => {
    const help = helpOf(command);
    for (const name of Object.keys(command.flags)) expect(help).toContain(`--${name}`);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      expect(help).toContain(example);
      const [program, name, ...args] = example.replace(/ (\||<|>).*/, '').split(' ');
      expect([program, name]).toEqual(['tsnet', command.name]);
      expect(() => parseInvocation(command, args)).not.toThrow();
    }
  });

  test('lists every command, within 80 columns', () => {
    const text = overview();
    for (const { name, summary } of COMMANDS) expect(text).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

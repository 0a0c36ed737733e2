import { type Command, EXIT_MEANINGS, type Flag, GLOBAL_FLAGS } from './command';
import { COMMANDS } from './table';

export function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary] as const);
  const codes = EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning] as const);
  return `Usage: tsnet COMMAND [flags]

Compiles container-networking intent into firewall rules, and applies them.

Commands:
${rowLines(commands)}

Exit codes:
${rowLines(codes)}

\`tsnet COMMAND --help\` tells more, with examples.
`;
}

export function helpOf(command: Command): string {
  const { name, summary, usage, flags, terms = [], examples } = command;
  return `Usage: tsnet ${[name, usage].filter(Boolean).join(' ')}

${summary[0]?.toUpperCase()}${summary.slice(1)}.
${terms.length === 0 ? '' : `\nWords:\n${rowLines(terms)}\n`}
Flags:
${flagLines({ ...flags, ...GLOBAL_FLAGS })}

Examples:
${examples.map((example) => `  ${example}`).join('\n')}
`;
}

function flagLines(flags: Readonly<Record<string, Flag>>): string {
  return rowLines(
    Object.entries(flags).map(([name, { short, value, help }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
      help,
    ]),
  );
}

function rowLines(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

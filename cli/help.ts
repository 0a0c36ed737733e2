import { type Command, EXIT_MEANINGS, type Flag, GLOBAL_FLAGS } from './command';
import { COMMANDS } from './table';

export function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: tsnet COMMAND [flags]

Compiles container-networking intent into firewall rules, and applies them.

Commands:
${lines.join('\n')}

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(width)}  ${meaning}`).join('\n')}

\`tsnet COMMAND --help\` tells more, with examples.
`;
}

export function helpOf(command: Command): string {
  const { name, summary, usage, flags, examples } = command;
  return `Usage: tsnet ${[name, usage].filter(Boolean).join(' ')}

${summary[0]?.toUpperCase()}${summary.slice(1)}.

Flags:
${flagLines({ ...flags, ...GLOBAL_FLAGS })}

Examples:
${examples.map((example) => `  ${example}`).join('\n')}
`;
}

function flagLines(flags: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(flags).map(([name, { short, value, help }]) => ({
    left: `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
    help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`).join('\n');
}

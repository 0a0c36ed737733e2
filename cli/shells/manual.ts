import { type Command, EXIT_MEANINGS, type Flag, GLOBAL_FLAGS } from '../command';

/** Pages for man(1), made from the table of commands: the overview first, then one for each command. */
export function manualPages(commands: readonly Command[], version: string): ReadonlyMap<string, string> {
  return new Map([
    ['tsnet.1', overviewPage(commands, version)],
    ...commands.map((command): [string, string] => [`tsnet-${command.name}.1`, commandPage(command, version)]),
  ]);
}

function overviewPage(commands: readonly Command[], version: string): string {
  return page('tsnet', version, [
    ['NAME', 'tsnet \\- container networks as intent, compiled into firewall rules and applied in one transaction'],
    ['SYNOPSIS', `${bold('tsnet')} \\fICOMMAND\\fR [\\fIFLAG\\fR...] [\\fIWORD\\fR...]`],
    ['COMMANDS', commands.map(({ name, summary }) => item(`tsnet-${name}(1)`, summary)).join('\n')],
    ['OPTIONS', flagItems(GLOBAL_FLAGS)],
    ['EXIT STATUS', EXIT_MEANINGS.map(([code, meaning]) => item(String(code), meaning)).join('\n')],
    ['ENVIRONMENT', ENVIRONMENT.map(([name, meaning]) => item(name, meaning)).join('\n')],
    ['FILES', item('/var/lib/tsnet', 'where tsnet keeps its state, unless told otherwise')],
  ]);
}

function commandPage({ name, summary, usage, flags, terms = [], examples }: Command, version: string): string {
  return page(`tsnet-${name}`, version, [
    ['NAME', `tsnet-${escaped(name)} \\- ${escaped(summary)}`],
    ['SYNOPSIS', `${bold(`tsnet ${name}`)} ${escaped(usage)}`],
    ...(terms.length === 0 ? [] : [['WORDS', terms.map(([term, text]) => item(term, text)).join('\n')] as const]),
    ['OPTIONS', flagItems({ ...flags, ...GLOBAL_FLAGS })],
    ['EXAMPLES', examples.map((example) => `.nf\n${escaped(example)}\n.fi`).join('\n')],
    ['SEE ALSO', '\\fBtsnet\\fR(1)'],
  ]);
}

const ENVIRONMENT = [
  ['TSNET_STATE', 'where tsnet keeps its state'],
  ['TSNET_TOOL_TIMEOUT', 'how many seconds nft, ip and the like may take (120)'],
  ['TSNET_DEBUG', 'shows where a bug of tsnet is'],
  ['NO_COLOR', 'no colours, whatever the terminal'],
] as const;

function page(name: string, version: string, sections: readonly (readonly [title: string, text: string])[]): string {
  const head = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "tsnet ${escaped(version)}"`;
  return `${[head, ...sections.map(([title, text]) => `.SH ${title}\n${text}`)].join('\n')}\n`;
}

function flagItems(flags: Readonly<Record<string, Flag>>): string {
  return Object.entries(flags)
    .map(([name, { short, value, help }]) => {
      const spellings = [...(short ? [`-${short}`] : []), `--${name}`].join(', ');
      return item(value ? `${spellings} ${value}` : spellings, help);
    })
    .join('\n');
}

function item(term: string, text: string): string {
  return `.TP\n${bold(term)}\n${escaped(text)}`;
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** roff(7): a backslash begins an escape, a dot or quote at the beginning of a line a request, a hyphen is not a minus. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

import { type Command, type Flag, GLOBAL_FLAGS } from '../command';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A completion script, made from the table of commands. */
export function completionFor(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

/** What the words of a command are, by how its usage names them. */
type Words = 'files' | 'containers' | 'shells' | 'question' | 'nothing';

function wordsOf({ usage, words, takesCommand }: Command): Words {
  if (words.are) return words.are;
  if (usage.includes('FILE')) return 'files';
  if (usage.includes('NAME')) return 'containers';
  if (usage.includes('SHELL')) return 'shells';
  return takesCommand ? 'files' : 'nothing';
}

function flagsOf({ flags }: Command): [name: string, flag: Flag][] {
  return Object.entries({ ...flags, ...GLOBAL_FLAGS });
}

/** Values that a flag may have, as far as its help lists them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  TARGET: ['nft', 'iptables', 'ip6tables', 'ipset'],
  NETWORK: ['none', 'host', 'bridge'],
  FORMAT: ['text', 'tap', 'junit'],
  FORM: ['nft', 'intent', 'ts'],
  FAMILY: ['ip', 'ip6'],
  WHAT: ['log', 'counter', 'set'],
};

/** Values that are paths. */
const PATHS = ['FILE', 'DIR'];

/** Words of a question to `why`, beside the names of containers. */
const QUESTION =
  'from to host outside localhost tcp udp sctp icmp sport as in out state status flags type mark mac with';

/** The names of containers, as far as the state directory may be read. */
const CONTAINERS = `\${TSNET_STATE:-/var/lib/tsnet}/containers`;

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const flags = flagsOf(command).flatMap(([name, { short }]) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
    const words = {
      files: 'compopt -o default; COMPREPLY=()',
      containers: '_tsnet_reply "$(_tsnet_containers)"',
      shells: `_tsnet_reply "${SHELLS.join(' ')}"`,
      question: `_tsnet_reply "${QUESTION} $(_tsnet_containers)"`,
      nothing: 'COMPREPLY=()',
    }[wordsOf(command)];
    return `    ${command.name}) if [[ $word == -* ]]; then _tsnet_reply "${flags.join(' ')}"; else ${words}; fi ;;`;
  });
  const taking = (isOne: (value: string) => boolean) => {
    const flags = commands.flatMap((command) =>
      flagsOf(command).flatMap(([name, { value, short }]) =>
        value !== undefined && isOne(value) ? [`--${name}`, ...(short ? [`-${short}`] : [])] : [],
      ),
    );
    return [...new Set(flags)].join('|');
  };
  const values = Object.entries(VALUES).map(
    ([value, all]) => `    ${taking((one) => one === value)}) _tsnet_reply "${all.join(' ')}"; return ;;`,
  );
  return `# bash completion for tsnet: source <(tsnet completion bash)
_tsnet_reply() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
_tsnet_containers() { local f; for f in "${CONTAINERS}"/*.json; do f=\${f##*/}; printf '%s ' "\${f%.json}"; done 2>/dev/null; }
_tsnet() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  if ((COMP_CWORD == 1)); then _tsnet_reply "${commands.map(({ name }) => name).join(' ')} --help --version"; return; fi
  case $before in
${values.join('\n')}
    ${taking((one) => PATHS.includes(one))}) compopt -o default; COMPREPLY=(); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
}
complete -F _tsnet tsnet
`;
}

function zsh(commands: readonly Command[]): string {
  const quoted = (text: string) =>
    text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
  const names = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map((command) => {
    const flags = flagsOf(command).flatMap(([name, { short, value, help, multiple }]) => {
      const takes = value
        ? `:${value}:${VALUES[value] ? `(${VALUES[value].join(' ')})` : PATHS.includes(value) ? '_files' : ' '}`
        : '';
      const star = multiple ? '*' : '';
      return [`--${name}`, ...(short ? [`-${short}`] : [])].map(
        (spelling) => `'${star}${spelling}[${quoted(help)}]${takes}'`,
      );
    });
    const words = {
      files: ["'*:file:_files'"],
      containers: ["'*:container:_tsnet_containers'"],
      shells: [`'1:shell:(${SHELLS.join(' ')})'`],
      question: ["'*:word:_tsnet_question'"],
      nothing: [],
    }[wordsOf(command)];
    return `    ${command.name}) _arguments ${[...flags, ...words].join(' \\\n      ')} ;;`;
  });
  return `#compdef tsnet
# zsh completion for tsnet: tsnet completion zsh > "\${fpath[1]}/_tsnet"
_tsnet_containers() { local -a all; all=("${CONTAINERS}"/*.json(N:t:r)); compadd -a all; }
_tsnet_question() { compadd ${QUESTION}; _tsnet_containers; }
_tsnet() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if ((CURRENT == 2)); then _describe command commands; return; fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _tsnet ]; then _tsnet "$@"; else compdef _tsnet tsnet; fi
`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const { name, summary } = command;
    const within = `complete -c tsnet -n '__fish_seen_subcommand_from ${name}'`;
    const flags = flagsOf(command).map(([long, { short, value, help }]) => {
      const takes =
        value === undefined
          ? ''
          : VALUES[value]
            ? ` -x -a ${quoted(VALUES[value].join(' '))}`
            : ` -r${PATHS.includes(value) ? 'F' : ''}`;
      return `${within} -l ${long}${short ? ` -s ${short}` : ''}${takes} -d ${quoted(help)}`;
    });
    const words = {
      files: [`${within} -F`],
      containers: [`${within} -a '(__tsnet_containers)'`],
      shells: [`${within} -a ${quoted(SHELLS.join(' '))}`],
      question: [`${within} -a ${quoted(QUESTION)}`, `${within} -a '(__tsnet_containers)'`],
      nothing: [],
    }[wordsOf(command)];
    return [`complete -c tsnet -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`, ...flags, ...words];
  });
  return `# fish completion for tsnet: tsnet completion fish > ~/.config/fish/completions/tsnet.fish
function __tsnet_containers
  set -q TSNET_STATE; and set -l state $TSNET_STATE; or set -l state /var/lib/tsnet
  for file in $state/containers/*.json
    string replace -r '.*/(.*)\\.json$' '$1' $file
  end
end
complete -c tsnet -f
${lines.join('\n')}
`;
}

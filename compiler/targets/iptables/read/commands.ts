import type { Word } from './words';

type Verb =
  | 'append'
  | 'insert'
  | 'replace'
  | 'delete'
  | 'check'
  | 'make'
  | 'policy'
  | 'flush'
  | 'remove'
  | 'rename'
  | 'look';

/** What one line of iptables-save or `iptables -S`, or one call of iptables, asks for. */
export interface Call {
  readonly verb: Verb;
  /** The word that says the verb. */
  readonly at: Word;
  readonly chain: Word | undefined;
  /** Of a rule: its place, counted from 1. */
  readonly place: number | undefined;
  /** A rule's arguments; a policy, a new name. */
  readonly rest: readonly Word[];
  /** Given with `-t`. */
  readonly table: Word | undefined;
}

/** iptables(8), commands. */
const VERBS: Readonly<Record<string, Verb>> = {
  '-A': 'append',
  '--append': 'append',
  '-I': 'insert',
  '--insert': 'insert',
  '-R': 'replace',
  '--replace': 'replace',
  '-D': 'delete',
  '--delete': 'delete',
  '-C': 'check',
  '--check': 'check',
  '-N': 'make',
  '--new': 'make',
  '--new-chain': 'make',
  '-P': 'policy',
  '--policy': 'policy',
  '-F': 'flush',
  '--flush': 'flush',
  '-X': 'remove',
  '--delete-chain': 'remove',
  '-E': 'rename',
  '--rename-chain': 'rename',
  '-L': 'look',
  '--list': 'look',
  '-S': 'look',
  '--list-rules': 'look',
  '-Z': 'look',
  '--zero': 'look',
  '-V': 'look',
  '--version': 'look',
  '-h': 'look',
  '--help': 'look',
};

/** The call that words make, in whatever order they stand; undefined when none of them says what to do. */
export function callOf(words: readonly Word[]): Call | undefined {
  const line = /^\[\d+:\d+\]$/.test(words[0]?.text ?? '') ? words.slice(1) : words;
  const { table, rest } = withoutTable(line);
  const at = rest.findIndex((word) => verbOf(word) !== undefined);
  const word = rest[at];
  const verb = word && verbOf(word);
  if (!word || !verb) return undefined;
  const glued = word.text.startsWith('--') || word.text.length === 2 ? undefined : word.text.slice(2);
  const next = rest[at + 1];
  const named = glued === undefined && next !== undefined && (next.quoted || !/^[-!]/.test(next.text));
  const chain = glued === undefined ? (named ? next : undefined) : { ...word, text: glued };
  const after = rest.slice(at + (named ? 2 : 1));
  const [number] = after;
  const counted = ['insert', 'replace', 'delete'].includes(verb) && /^\d+$/.test(number?.text ?? '');
  return {
    verb,
    at: word,
    chain,
    place: counted ? Number(number?.text) : undefined,
    rest: [...rest.slice(0, at), ...(counted ? after.slice(1) : after)],
    table,
  };
}

function verbOf({ text, quoted }: Word): Verb | undefined {
  if (quoted || !text.startsWith('-')) return undefined;
  const found = Object.hasOwn(VERBS, text) ? VERBS[text] : undefined;
  return found ?? (/^-[AIDRNPFXCE][A-Za-z]/.test(text) ? VERBS[text.slice(0, 2)] : undefined);
}

/** `-t nat`, `-tnat`, `--table=nat`, wherever it stands. */
function withoutTable(words: readonly Word[]): { readonly table: Word | undefined; readonly rest: readonly Word[] } {
  const at = words.findIndex(({ text, quoted }) => !quoted && /^(-t|--table$|--table=)/.test(text));
  const word = words[at];
  if (!word) return { table: undefined, rest: words };
  const glued = /^(?:-t|--table=)(.+)$/.exec(word.text)?.[1];
  if (glued !== undefined) return { table: { ...word, text: glued }, rest: words.toSpliced(at, 1) };
  return { table: words[at + 1], rest: words.toSpliced(at, 2) };
}

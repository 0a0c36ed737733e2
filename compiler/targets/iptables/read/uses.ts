import type { Source } from '../../../../dsl/core/source';
import { TARGETS } from '../extensions';
import { askedOfList, listOf } from '../extensions/matches/recent';
import { type ListUse, Options, type SetUse, type Uses } from '../extensions/module';
import type { XtFamily } from '../tables';
import { ArgumentReader, type Use } from './arguments';
import { wordsOf } from './words';

/** What a line has to hold to say something of what rules share: most do not, and need not be read twice. */
const SHARING = /\brecent\b|\bset\b|\bSET\b/;

/** Every name that is no target is a chain. */
const CHAINS = { has: (name: string) => !TARGETS.has(name) } as ReadonlySet<string>;

/** What the rules of all texts ask of lists of `recent` and of sets of ipset, before any of them is read. */
export function usesOf(dumps: readonly { readonly source: Source; readonly family: XtFamily }[]): Uses {
  const found = new Found();
  for (const { source, family } of dumps) {
    let table = 'filter';
    let start = 0;
    for (const line of source.text.split('\n')) {
      const named = /^\s*\*(\S+)|-t (\S+)/.exec(line);
      table = named?.[1] ?? named?.[2] ?? table;
      if (SHARING.test(line)) found.line(source, start, start + line.length, family, table);
      start += line.length + 1;
    }
  }
  return found.uses();
}

interface OpenList {
  readonly tables: Set<string>;
  readonly asked: Map<string, ListUse['asked'][number]>;
  filled: boolean;
}

interface OpenSet {
  readonly tables: Set<string>;
  written: boolean;
}

class Found {
  private readonly lists = new Map<string, OpenList>();
  private readonly sets = new Map<string, OpenSet>();

  line(source: Source, start: number, end: number, family: XtFamily, table: string): void {
    const words = wordsOf(source, start, end);
    const at = words.findIndex(({ text }) => ['-A', '--append', '-I', '--insert'].includes(text));
    if (at < 0) return;
    const numbered = /^\d+$/.test(words[at + 2]?.text ?? '');
    const read = new ArgumentReader(words.slice(at + (numbered ? 3 : 2)), family, CHAINS).read();
    if ('code' in read) return;
    for (const use of [...read.matches, ...(read.target ? [read.target] : [])]) this.use(use, family, table);
  }

  uses(): Uses {
    const lists = new Map<string, ListUse>();
    for (const [key, { asked, ...list }] of this.lists) lists.set(key, { ...list, asked: [...asked.values()] });
    return { lists, sets: this.sets satisfies ReadonlyMap<string, SetUse> };
  }

  private use({ module, options }: Use, family: XtFamily, table: string): void {
    if (module.name === 'recent') this.list(new Options(options), family, table);
    else if (module.name === 'set' || module.name === 'SET')
      for (const { name, values } of options)
        if (name.endsWith('-set') && values[0] !== undefined)
          this.set(values[0], `${family} ${table}`, name === '--add-set' || name === '--del-set');
  }

  private list(options: Options, family: XtFamily, table: string): void {
    const key = `${family} ${listOf(options)}`;
    const list = this.lists.get(key) ?? { tables: new Set(), asked: new Map(), filled: false };
    this.lists.set(key, list);
    list.tables.add(table);
    list.filled ||= options.has('--set');
    const asked = askedOfList(options);
    if (asked) list.asked.set(JSON.stringify(asked), asked);
  }

  private set(name: string, table: string, written: boolean): void {
    const set = this.sets.get(name) ?? { tables: new Set(), written: false };
    this.sets.set(name, set);
    set.tables.add(table);
    set.written ||= written;
  }
}

import { TARGETS } from '../extensions';
import { askedOfList, listOf } from '../extensions/matches/recent';
import { type ListUse, Options, type SetUse, type Uses } from '../extensions/module';
import type { XtFamily } from '../tables';
import { ArgumentReader, type Use } from './arguments';
import type { Word } from './words';

/** A rule as it was given: the words after its chain. */
export interface GivenRule {
  readonly words: readonly Word[];
  readonly family: XtFamily;
  readonly table: string;
}

/** Every name that is no target is a chain. */
const CHAINS = { has: (name: string) => !TARGETS.has(name) } as ReadonlySet<string>;

/** What the rules of all texts ask of lists of `recent` and of sets of ipset, before any of them is read. */
export function usesOf(rules: Iterable<GivenRule>): Uses {
  const found = new Found();
  for (const rule of rules) if (rule.words.some(({ text }) => SHARING.has(text))) found.rule(rule);
  return found.uses();
}

/** Words without which a rule says nothing of what rules share: most have none, and need not be read twice. */
const SHARING: ReadonlySet<string> = new Set(['recent', 'hashlimit', 'set', 'SET']);

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
  private readonly budgets = new Map<string, { readonly tables: Set<string> }>();

  rule({ words, family, table }: GivenRule): void {
    const read = new ArgumentReader(words, family, CHAINS).read();
    if ('code' in read) return;
    for (const use of [...read.matches, ...(read.target ? [read.target] : [])]) this.use(use, family, table);
  }

  uses(): Uses {
    const lists = new Map<string, ListUse>();
    for (const [key, { asked, ...list }] of this.lists) lists.set(key, { ...list, asked: [...asked.values()] });
    return { lists, sets: this.sets satisfies ReadonlyMap<string, SetUse>, budgets: this.budgets };
  }

  private use({ module, options }: Use, family: XtFamily, table: string): void {
    if (module.name === 'recent') this.list(new Options(options), family, table);
    else if (module.name === 'hashlimit') this.budget(new Options(options), family, table);
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

  private budget(options: Options, family: XtFamily, table: string): void {
    const key = `${family} ${options.value('--hashlimit-name')}`;
    const budget = this.budgets.get(key) ?? { tables: new Set() };
    this.budgets.set(key, budget);
    budget.tables.add(table);
  }

  private set(name: string, table: string, written: boolean): void {
    const set = this.sets.get(name) ?? { tables: new Set(), written: false };
    this.sets.set(name, set);
    set.tables.add(table);
    set.written ||= written;
  }
}

import type { XtFamily } from '../../compiler';
import type { XtVariant } from '../host/port';

/** What iptables-save prints of one kind and family of iptables, with counters. */
export interface Dump {
  readonly variant: XtVariant;
  readonly family: XtFamily;
  readonly text: string;
}

export interface DumpTable {
  readonly name: string;
  /** Chains to their policies; `-` is that of a chain of one's own. */
  readonly chains: ReadonlyMap<string, string>;
  /** `-A ...`, without counters. */
  readonly rules: readonly string[];
}

/** `iptables-nft-save`: who prints it, and where places in it are shown. */
export function dumpName({ variant, family }: Pick<Dump, 'variant' | 'family'>): string {
  return `${family === 'ip' ? 'iptables' : 'ip6tables'}-${variant === 'legacy' ? 'legacy' : 'nft'}-save`;
}

export function tablesOfDump(text: string): readonly DumpTable[] {
  const tables: { name: string; chains: Map<string, string>; rules: string[] }[] = [];
  for (const line of text.split('\n')) {
    const table = tables.at(-1);
    if (line.startsWith('*')) tables.push({ name: line.slice(1).trim(), chains: new Map(), rules: [] });
    else if (line.startsWith(':')) {
      const [name = '', policy = '-'] = line.slice(1).split(' ');
      table?.chains.set(name, policy);
    } else if (/^(\[\d+:\d+\] )?-A /.test(line)) table?.rules.push(line.replace(/^\[\d+:\d+\] /, ''));
  }
  return tables;
}

/** A table that lets everything pass, as it is when nobody put anything into it. */
export function isIdle({ chains, rules }: DumpTable): boolean {
  return rules.length === 0 && [...chains.values()].every((policy) => policy === 'ACCEPT');
}

export function isIdleDump({ text }: Pick<Dump, 'text'>): boolean {
  return tablesOfDump(text).every(isIdle);
}

export function ruleCount({ text }: Pick<Dump, 'text'>): number {
  return tablesOfDump(text).reduce((sum, { rules }) => sum + rules.length, 0);
}

/** Whether two dumps hold the same rules: counters, comments, the order of chains and idle tables apart. */
export function sameRules(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(text: string): string {
  const tables = tablesOfDump(text)
    .filter((table) => !isIdle(table))
    .map(({ name, chains, rules }) => {
      const chainOf = (rule: string) => rule.split(' ', 2)[1] ?? '';
      const sorted = [...rules].sort((a, b) => (chainOf(a) < chainOf(b) ? -1 : chainOf(a) > chainOf(b) ? 1 : 0));
      // A built-in chain that nobody uses is not there in nf_tables.
      const used = [...chains].filter(
        ([chain, policy]) => policy !== 'ACCEPT' || sorted.some((r) => chainOf(r) === chain),
      );
      return [name, used.sort(), sorted];
    });
  return JSON.stringify(tables.sort());
}

/** The tables of a dump with nothing in them. */
export function emptied(text: string): string {
  return tablesOfDump(text)
    .map(({ name, chains }) => {
      const builtin = [...chains].flatMap(([chain, policy]) => (policy === '-' ? [] : [`:${chain} ACCEPT [0:0]`]));
      return [`*${name}`, ...builtin, 'COMMIT', ''].join('\n');
    })
    .join('');
}

/** A dump without some of its tables. */
export function withoutTables(text: string, names: readonly string[]): string {
  const sections = text.split(/^(?=\*)/m);
  return sections.filter((section) => !names.includes(/^\*(\S+)/.exec(section)?.[1] ?? '')).join('');
}

/** The names of ipset's sets that rules ask or fill. */
export function setsNamed(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/ --(?:match|add|del|map)-set (\S+)/g)].map(([, name = '']) => name));
}

/** The sets of these names in what `ipset save` prints, and those that they are lists of. */
export function setsOf(save: string, names: ReadonlySet<string>): string {
  const lines = save.split('\n').filter((line) => /^(create|add) /.test(line));
  const lists = new Set(lines.flatMap((line) => / list:set /.exec(line) && [setIn(line)]));
  const wanted = new Set(names);
  for (const line of lines)
    if (line.startsWith('add ') && wanted.has(setIn(line)) && lists.has(setIn(line)))
      wanted.add(line.split(' ')[2] ?? '');
  return lines
    .filter((line) => wanted.has(setIn(line)))
    .map((line) => `${line}\n`)
    .join('');
}

/** The set that a line of `ipset save` is about. */
export function setIn(line: string): string {
  return line.split(' ', 2)[1] ?? '';
}

import { PROGRAM } from '../../../dsl/core/origin';
import type { Element, NamedSet, Ruleset, Table } from '../../../dsl/ruleset/tree';
import { joined, LineWriter, type LoadUnit } from '../load-unit';
import { elementText, keyText } from './notation';
import { tableText } from './print';

/** Elements by set (`inet tsnet publish4`), each by its key with what follows the key. */
export type ElementTexts = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A ruleset as it is kept: the tables without the elements of the program's own sets, and these apart from them. */
export interface NftImage {
  /** `inet tsnet` to its text. */
  readonly frames: ReadonlyMap<string, string>;
  readonly elements: ElementTexts;
}

/** An image taken apart: what comes and goes with a container, by its place in the document, and what does not. */
export interface NftShares {
  readonly frames: ReadonlyMap<string, string>;
  readonly base: ElementTexts;
  readonly containers: ReadonlyMap<number, ElementTexts>;
}

export function sharesOf({ tables }: Ruleset): NftShares {
  const frames = new Map<string, string>();
  const base = new Map<string, Map<string, string>>();
  const containers = new Map<number, Map<string, Map<string, string>>>();
  for (const table of tables) {
    frames.set(tableName(table), frameText(table));
    if (table.origin !== PROGRAM) continue;
    for (const set of table.sets)
      for (const element of set.elements) {
        const owner = ownerOf(element);
        let share = owner === undefined ? base : containers.get(owner);
        if (owner !== undefined && !share) {
          share = new Map();
          containers.set(owner, share);
        }
        put(share ?? base, `${tableName(table)} ${set.name}`, keyText(element), restText(element));
      }
  }
  return { frames, base, containers };
}

/** The whole of what was taken apart. */
export function imageOf({ frames, base, containers }: NftShares): NftImage {
  return { frames, elements: union([base, ...containers.values()]) };
}

export function union(parts: readonly ElementTexts[]): ElementTexts {
  const all = new Map<string, Map<string, string>>();
  for (const part of parts)
    for (const [set, elements] of part) for (const [key, rest] of elements) put(all, set, key, rest);
  return all;
}

function put(all: Map<string, Map<string, string>>, set: string, key: string, rest: string): void {
  const elements = all.get(set);
  if (elements) elements.set(key, rest);
  else all.set(set, new Map([[key, rest]]));
}

function tableName({ family, name }: Table): string {
  return `${family} ${name}`;
}

/** The program's sets stand empty in it; tables of the intent's own stay as they are written. */
function frameText(table: Table): string {
  const empty = (set: NamedSet): NamedSet => ({ ...set, elements: [] });
  return tableText(table.origin === PROGRAM ? { ...table, sets: table.sets.map(empty) } : table);
}

function ownerOf({ origin }: Element): number | undefined {
  if (origin.kind !== 'intent') return undefined;
  const [list, index] = origin.path;
  return list === 'containers' && typeof index === 'number' ? index : undefined;
}

function restText(element: Element): string {
  return elementText(element).slice(keyText(element).length);
}

/** One set's elements that come or go. */
export interface ElementChange {
  readonly set: string;
  readonly action: 'add' | 'delete';
  readonly elements: readonly string[];
}

/** How one image becomes another; `back` is the way back. */
export type NftChange =
  | { readonly kind: 'none' }
  /** Elements only: all else, its counters and what it learnt, stays. */
  | {
      readonly kind: 'patch';
      readonly changes: readonly ElementChange[];
      readonly unit: LoadUnit;
      readonly back: LoadUnit;
    }
  | {
      readonly kind: 'replace';
      /** The tables that are made anew; all others get their elements only. */
      readonly tables: readonly string[];
      readonly gone: readonly string[];
      readonly changes: readonly ElementChange[];
      readonly unit: LoadUnit;
      readonly back: LoadUnit;
    };

/**
 * The transaction from one image to another, and the one back. Both may be loaded again: an element is added before it is
 * deleted, so that deleting is no fault when it is gone already. `stale` tables are made anew whatever they hold;
 * `printed` gives the text of some of the tables that come.
 */
export function changeBetween(
  before: NftImage,
  after: NftImage,
  printed: (tables: ReadonlySet<string>) => LoadUnit,
  stale: ReadonlySet<string> = new Set(),
): NftChange {
  const names = [...new Set([...before.frames.keys(), ...after.frames.keys()])];
  const anew = names.filter((name) => stale.has(name) || before.frames.get(name) !== after.frames.get(name));
  const kept = names.filter((name) => !anew.includes(name));
  const changes = kept.flatMap((table) => elementChanges(table, before, after));
  if (anew.length === 0 && changes.length === 0) return { kind: 'none' };
  const intervals = intervalSets(after, kept);
  const patch = nftUnit(patchText(changes, before, after, intervals));
  const unpatch = patchText(inverse(changes), after, before, intervals);
  if (anew.length === 0) return { kind: 'patch', changes, unit: patch, back: nftUnit(unpatch) };
  const tables = anew.filter((name) => after.frames.has(name));
  const gone = anew.filter((name) => !after.frames.has(name));
  const unit = [nftUnit(removal(gone)), ...(tables.length > 0 ? [printed(new Set(tables))] : []), patch].reduce(joined);
  const back = nftUnit(removal(anew) + tablesText(before, anew) + unpatch);
  return { kind: 'replace', tables, gone, changes, unit, back };
}

/** The transaction that takes some elements away and brings others, in sets of single values, and the one back. */
export function patchBetween(before: readonly ElementTexts[], after: readonly ElementTexts[]) {
  const imageWith = (parts: readonly ElementTexts[]): NftImage => ({ frames: new Map(), elements: union(parts) });
  const [old, now] = [imageWith(before), imageWith(after)];
  const sets = new Set([...old.elements.keys(), ...now.elements.keys()]);
  const changes = [...sets].flatMap((set) => setChanges(set, old, now));
  return {
    changes,
    unit: nftUnit(patchText(changes, old, now, new Set())),
    back: nftUnit(patchText(inverse(changes), now, old, new Set())),
  };
}

function inverse(changes: readonly ElementChange[]): ElementChange[] {
  const opposite = { add: 'delete', delete: 'add' } as const;
  return changes.map((change) => ({ ...change, action: opposite[change.action] })).reverse();
}

/** Adding a table first makes deleting it safe when it is not there; nft 1.0.6 has no `destroy`. */
export function removal(tables: readonly string[]): string {
  return tables.map((name) => `table ${name}\ndelete table ${name}\n`).join('');
}

/** Tables and their elements, as text that makes them. */
export function tablesText({ frames, elements }: NftImage, tables: readonly string[]): string {
  const frame = tables.map((name) => frames.get(name) ?? '');
  const filled = [...elements]
    .filter(([set]) => tables.some((name) => set.startsWith(`${name} `)))
    .map(([set, members]) =>
      commandText(
        'add',
        set,
        [...members].map(([key, rest]) => key + rest),
      ),
    );
  return [...frame, ...filled].join('');
}

function elementChanges(table: string, before: NftImage, after: NftImage): ElementChange[] {
  const sets = new Set(
    [...before.elements.keys(), ...after.elements.keys()].filter((set) => set.startsWith(`${table} `)),
  );
  return [...sets].flatMap((set) => setChanges(set, before, after));
}

function setChanges(set: string, before: NftImage, after: NftImage): ElementChange[] {
  const old = before.elements.get(set) ?? new Map<string, string>();
  const now = after.elements.get(set) ?? new Map<string, string>();
  const gone = [...old].filter(([key, rest]) => now.get(key) !== rest);
  const come = [...now].filter(([key, rest]) => old.get(key) !== rest);
  return [
    ...(gone.length > 0 ? [{ set, action: 'delete' as const, elements: gone.map(([key, rest]) => key + rest) }] : []),
    ...(come.length > 0 ? [{ set, action: 'add' as const, elements: come.map(([key, rest]) => key + rest) }] : []),
  ];
}

/** Rules, by their text, that a table made anew has and had not, or had and has not. */
export interface RuleChange {
  readonly table: string;
  readonly chain: string;
  readonly action: 'add' | 'delete';
  readonly rule: string;
}

/** Only of tables that both images have: all of a table that comes or goes is new or gone. */
export function rulesBetween(before: NftImage, after: NftImage, tables: readonly string[]): RuleChange[] {
  return tables.flatMap((table) => {
    const [old, now] = [before.frames.get(table), after.frames.get(table)];
    if (old === undefined || now === undefined) return [];
    const [were, are] = [rulesOf(old), rulesOf(now)];
    return [...new Set([...were.keys(), ...are.keys()])].flatMap((chain) => {
      const [gone, come] = [were.get(chain) ?? [], are.get(chain) ?? []];
      const change = (action: RuleChange['action'], rules: readonly string[], others: readonly string[]) =>
        rules.filter((rule) => !others.includes(rule)).map((rule) => ({ table, chain, action, rule }));
      return [...change('delete', gone, come), ...change('add', come, gone)];
    });
  });
}

/** The elements that come and go in tables that both images have, for people: a table made anew gets all of them. */
export function elementsBetween(before: NftImage, after: NftImage, tables: readonly string[]): ElementChange[] {
  return tables
    .filter((table) => before.frames.has(table) && after.frames.has(table))
    .flatMap((table) => elementChanges(table, before, after));
}

function rulesOf(frame: string): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  for (const [, name = '', body = ''] of frame.matchAll(/^\tchain (\S+) \{\n((?:\t\t.*\n)*)/gm))
    chains.set(
      name,
      body
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    );
  return chains;
}

/** The names of sets of intervals: what is added there must not overlap what is deleted. */
function intervalSets({ frames }: NftImage, tables: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const table of tables)
    for (const [, name, body = ''] of (frames.get(table) ?? '').matchAll(/^\t(?:set|map) (\S+) \{\n((?:\t\t.*\n)*)/gm))
      if (/^\t\tflags .*interval/m.test(body)) found.add(`${table} ${name}`);
  return found;
}

function patchText(
  changes: readonly ElementChange[],
  before: NftImage,
  after: NftImage,
  intervals: ReadonlySet<string>,
): string {
  const refilled = new Set(
    changes
      .filter(({ set, action }) => intervals.has(set) && action === 'delete')
      .map(({ set }) => set)
      .filter((set) => changes.some((other) => other.set === set && other.action === 'add')),
  );
  const refill = [...refilled].map((set) => {
    const members = [...(after.elements.get(set) ?? [])].map(([key, rest]) => key + rest);
    return `flush set ${set}\n${members.length > 0 ? commandText('add', set, members) : ''}`;
  });
  const rest = changes.filter(({ set }) => !refilled.has(set));
  const deletions = rest.filter(({ action }) => action === 'delete');
  const additions = rest.filter(({ action }) => action === 'add');
  return [
    ...deletions.flatMap(({ set, elements }) => [
      commandText('add', set, elements),
      commandText('delete', set, elements.map(keyOnly(set, before))),
    ]),
    ...additions.map(({ set, elements }) => commandText('add', set, elements)),
    ...refill,
  ].join('');
}

/** An element is deleted by its key alone. */
function keyOnly(set: string, { elements }: NftImage): (element: string) => string {
  const keys = new Map([...(elements.get(set) ?? [])].map(([key, rest]) => [key + rest, key]));
  return (element) => keys.get(element) ?? element;
}

function commandText(action: 'add' | 'delete', set: string, elements: readonly string[]): string {
  return `${action} element ${set} {\n${elements.map((element) => `\t${element},\n`).join('')}}\n`;
}

/** A text with the origin of no line known. */
export function nftUnit(text: string): LoadUnit {
  const writer = new LineWriter();
  for (const line of text.split('\n').slice(0, -1)) writer.push(line);
  return writer.finish('nft');
}

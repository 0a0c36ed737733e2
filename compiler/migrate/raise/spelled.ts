import { positionOf } from '../../../dsl/core/source';
import type { IntentDocument } from '../../../dsl/intent/model';
import type { Rule } from '../../../dsl/ruleset/tree';
import { formatText } from '../../format';
import { spell } from '../../frontend/spell';
import type { Told } from './document';

type Item<List extends 'networks' | 'containers' | 'policies'> = NonNullable<IntentDocument[List]>[number];

/** What was raised, with where it was read from. */
export interface Parts {
  readonly networks: readonly Told<Item<'networks'>>[];
  readonly containers: readonly Told<Item<'containers'>>[];
  readonly policies: readonly Told<Item<'policies'>>[];
}

export const NOTHING: Parts = { networks: [], containers: [], policies: [] };

/** Said at the top of a document. */
export const HEAD = [
  'Raised from rules of iptables. A comment says which lines a part was read from.',
  'Rules do not tell the names of containers, nor of those that publish nothing: rename, and add what is missing.',
];

export function documentOf(parts: Parts, tables: readonly string[]): IntentDocument {
  return {
    networks: parts.networks.map(({ item }) => item),
    containers: parts.containers.map(({ item }) => item),
    policies: parts.policies.map(({ item }) => item),
    tables: [...tables],
  };
}

/** A document's text in canonical form, with comments that say which lines each part was read from. */
export function spelled(parts: Parts, tables: readonly string[]): string {
  const { networks, containers, policies } = parts;
  const blocks = [
    ...networks.map((told) => commented(told, spell({ networks: [told.item] }))),
    ...containers.map((told) => commented(told, spell({ containers: [told.item] }))),
    policies.map((told) => commented(told, spell({ policies: [told.item] }))).join('\n'),
    ...tables.map((table) => `${table.trimEnd()}`),
  ];
  const lead = networks.length === 0 ? '' : HEAD.map((line) => `# ${line}`).join('\n');
  const text = `${[lead, ...blocks].filter((part) => part !== '').join('\n\n')}\n`;
  return formatText({ name: 'raised.tsnet', text });
}

function commented(told: Told<unknown>, text: string): string {
  return [...remarksOn(told).map((line) => `# ${line}`), text.trimEnd()].join('\n');
}

/** Where a part was read from, and what was chosen for it. */
export function remarksOn({ rules, guessed }: Told<unknown>): string[] {
  return [
    ...(rules.length > 0 ? [`from ${linesOf(rules)}`] : []),
    ...guessed.map((what) => `not in the rules, taken from the addresses: ${what}`),
  ];
}

/** `rules.v4:17-19,31`: where rules stand in their files. */
export function linesOf(rules: readonly Rule[]): string {
  const files = new Map<string, Set<number>>();
  for (const { origin } of rules) {
    if (origin.kind !== 'source') continue;
    const { source, start } = origin.span;
    const name = source.name.replace(/^.*\//, '');
    const lines = files.get(name) ?? new Set<number>();
    files.set(name, lines.add(positionOf(source, start).line));
  }
  return [...files].map(([name, lines]) => `${name}:${rangesOf([...lines].sort((a, b) => a - b))}`).join(' ');
}

function rangesOf(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

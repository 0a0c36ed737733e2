import { positionOf } from '../../../dsl/core/source';
import type { IntentDocument } from '../../../dsl/intent/model';
import type { Rule } from '../../../dsl/ruleset/tree';
import { spell } from '../../frontend/spell';
import type { Told } from './document';

/** A document's text, with comments that say which lines each part was read from. */
export function spelled(
  parts: {
    readonly networks: readonly Told<NonNullable<IntentDocument['networks']>[number]>[];
    readonly containers: readonly Told<NonNullable<IntentDocument['containers']>[number]>[];
    readonly policies: readonly Told<NonNullable<IntentDocument['policies']>[number]>[];
  },
  tables: readonly string[],
  head: readonly string[],
): string {
  const { networks, containers, policies } = parts;
  const blocks = [
    ...networks.map((told) => commented(told, spell({ networks: [told.item] }))),
    ...containers.map((told) => commented(told, spell({ containers: [told.item] }))),
    policies.map((told) => commented(told, spell({ policies: [told.item] }))).join('\n'),
    ...tables.map((table) => `${table.trimEnd()}`),
  ];
  const lead = head.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${[lead, ...blocks].filter((part) => part !== '').join('\n\n')}\n`;
}

function commented({ rules, guessed }: Told<unknown>, text: string): string {
  const lines = [
    ...(rules.length > 0 ? [`# from ${linesOf(rules)}`] : []),
    ...guessed.map((what) => `# not in the rules, taken from the addresses: ${what}`),
  ];
  return [...lines, text.trimEnd()].join('\n');
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

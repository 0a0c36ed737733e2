import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svgOf } from './plot';
import type { Line, Result } from './result';
import { ROWS } from './rows';

const DOCS = join(__dirname, '..', 'docs');
const KEPT = join(DOCS, 'benchmarks', 'results.json');

/** What a row found, when, and on what machine. */
export interface Kept {
  readonly result: Result;
  readonly date: string;
  readonly command: string;
  readonly machine: string;
}

export function kept(): Record<string, Kept> {
  try {
    return JSON.parse(readFileSync(KEPT, 'utf8'));
  } catch {
    return {};
  }
}

/** Writes down what was found, beside what was found before of the rows that were not measured now. */
export function report(all: Readonly<Record<string, Kept>>): void {
  mkdirSync(join(DOCS, 'benchmarks'), { recursive: true });
  const known = Object.fromEntries(Object.keys(ROWS).flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
  writeFileSync(KEPT, `${JSON.stringify(known, null, 1)}\n`);
  const plots = Object.values(known).flatMap(({ result }) => result.plots ?? []);
  for (const plot of plots) writeFileSync(join(DOCS, 'benchmarks', plot.file), svgOf(plot));
  writeFileSync(join(DOCS, 'benchmarks.md'), pageOf(known));
}

function pageOf(known: Readonly<Record<string, Kept>>): string {
  const missed = Object.values(known).flatMap(({ result }) => result.lines.filter(({ met }) => met === false));
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench`: change bench/, not this page. -->',
    '',
    '`npm run bench` measures each line beside the programs that do the same job today, in one run, in turn, in namespaces of their',
    'own, and writes this page; `--quick` does less of it, `--row NAME` only some. Times are medians, ratios are medians of the',
    'ratios of the rounds. Wall times are those of a machine that may be doing other things; processor time (user and system, of',
    'the process and those that it waits for) and ratios are what to compare with. Where the load average is above the number of',
    'cores, part of a wall time is spent waiting for others, though the run takes the greatest share of the machine that it is',
    'given (`/proc/self/autogroup`, -10). No figure says more than its line.',
    '',
    missed.length === 0 ? 'Every target is met.' : 'Not met:',
    '',
    ...missed.map(
      ({ what, ours, others, target }) =>
        `- ${what}: ${ours}${others ? `, against ${others}` : ''}; to reach: ${target}`,
    ),
    ...(missed.length > 0 ? [''] : []),
    ...Object.entries(known).flatMap(([name, one]) => sectionOf(name, one)),
  ].join('\n');
}

function sectionOf(name: string, { result, date, command, machine }: Kept): string[] {
  const { lines, plots = [], notes = [] } = result;
  const title = ROWS[name]?.title ?? name;
  return [
    `## ${title[0]?.toUpperCase()}${title.slice(1)}`,
    '',
    `\`${command}\`, ${date}, ${machine}`,
    '',
    ...(notes.length > 0 ? [...notes.map((note) => `- ${note}`), ''] : []),
    ...table(lines),
    '',
    ...plots.flatMap(({ file, title: caption }) => [`![${caption}](benchmarks/${file})`, '']),
  ];
}

function table(lines: readonly Line[]): string[] {
  const rows = lines.map(({ what, ours, others, ratio, target, met }) => [
    what,
    ours,
    others,
    ratio,
    target,
    met === undefined ? '' : met ? 'met' : '**not met**',
  ]);
  return [['what', 'ours', 'beside it', 'ratio', 'target', ''], Array(6).fill('---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
}

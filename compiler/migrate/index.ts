import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { Origin } from '../../dsl/core/origin';
import type { Source, Span } from '../../dsl/core/source';
import type { Rule, Ruleset, Table } from '../../dsl/ruleset/tree';
import type { Proof } from '../prove';
import { type Dumps, readDumps } from '../targets/iptables/read';
import type { XtFamily } from '../targets/iptables/tables';
import type { LoadUnit } from '../targets/load-unit';
import { type PrintStyle, printNft } from '../targets/nft/print';
import { readRulesetText } from '../targets/nft/read/tables';
import { accountOf, type Entry, lineOf, Notes, spansOf } from './account';
import { isTooDeep, withoutDeepJumps } from './depth';
import { express } from './express';
import { lossOf } from './lost';
import { PASSES, type Pass } from './passes';
import { proofOf } from './verify';

export { type Entry, lineOf } from './account';
export { PASSES, type Pass } from './passes';

export interface MigrateOptions {
  /** A rule for a rule, chains by their names: nothing merged, nothing left out. */
  readonly literal?: boolean;
  /** Those to make, instead of all. */
  readonly passes?: readonly Pass[];
  /** Of texts that do not tell theirs. */
  readonly family?: XtFamily | undefined;
  /** What names of tables begin with; see `PREFIX`. */
  readonly prefix?: string;
}

/**
 * `filter`, `nat` and so on of the families ip and ip6 are iptables-nft's own: it would take the tables for its own, and the
 * text, which replaces its tables whole, would delete its rules. `inet filter` is in Debian's /etc/nftables.conf.
 */
const PREFIX = 'migrated-';

export interface Migration {
  readonly families: Dumps['families'];
  /** As they were read. */
  readonly read: readonly Table[];
  /** As they are printed; lost rules stand in their places. */
  readonly ruleset: Ruleset;
  readonly unit: LoadUnit;
  readonly entries: readonly Entry[];
  /** Errors for what is lost or could not be read, and warnings for what is to be known. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether every rule of every text is in the ruleset. */
  readonly whole: boolean;
}

/** Each pass is sound by construction. That is checked, too, unless there are more rules than this: then `--prove` does. */
const CHECKED = 2_000;

/** Rules of iptables as a ruleset of nftables. */
export function migrate(sources: readonly Source[], options: MigrateOptions = {}): Migration {
  const { family, prefix = PREFIX } = options;
  const dumps = readDumps(sources.map((source) => ({ source, ...(family ? { otherwise: family } : {}) })));
  const { tables: given, families } = dumps;
  const wrong = [
    ...dumps.diagnostics.filter(({ code }) => code !== 'TN4001' && code !== 'TN4002'),
    ...givenTwice(given),
  ];
  const made = (read: readonly Table[]) => {
    const notes = new Notes();
    for (const { code, message, primary } of dumps.diagnostics)
      if (code === 'TN4002' && primary?.span) notes.add(message, { kind: 'source', span: primary.span });
    const expressed = read.map((table) =>
      express(table, { hookNames: !options.literal }, (text, origin) => notes.add(text, origin)),
    );
    return { read, notes, ...rewritten(expressed, read, options, families, notes) };
  };
  const all = made(given);
  const { read, notes, tables, doubts } = all.tables.some(isTooDeep) ? made(given.map(withoutDeepJumps)) : all;
  const ruleset: Ruleset = {
    tables: tables.map((table) => ({ ...table, name: `${prefix}${table.name.replace(/[^\w-]/g, '_')}` })),
  };
  const unit = printNft(ruleset, () => undefined, STYLE);
  const entries = accountOf(read, unit, notes);
  const diagnostics = [...wrong, ...lostIn(entries, wrong), ...toBeKnown(entries), ...doubts];
  const whole = !diagnostics.some(({ severity }) => severity === 'error');
  return { families, read, ruleset, unit, entries, diagnostics, whole };
}

/** Compares what was read with the printed text, read back: all that lies between is part of the proof. */
export function proveMigration({ read, unit, families }: Migration, name: string, cap: number): readonly Proof[] {
  const source: Source = { name, text: unit.text };
  const again = readRulesetText(source);
  if (!again.ok) throw new Error(`the printed ruleset cannot be read: ${again.diagnostics[0].message}`);
  return proofOf(read, again.value, families, cap);
}

/** Tables with passes made that are proven to change nothing, or not refuted to. */
export function rewritten(
  expressed: readonly Table[],
  read: readonly Table[],
  { literal, passes = PASSES }: MigrateOptions,
  families: Dumps['families'],
  notes: Notes,
): { readonly tables: readonly Table[]; readonly doubts: readonly Diagnostic[] } {
  if (literal || passes.length === 0) return { tables: expressed, doubts: [] };
  const after = (of: readonly Pass[], report = (origin: Origin, text: string) => notes.addIfGone(text, origin)) =>
    of.reduce((tables, pass) => pass.run(tables, report), expressed);
  const many =
    read.reduce((sum, { chains }) => sum + chains.reduce((all, { rules }) => all + rules.length, 0), 0) > CHECKED;
  const refuted = (tables: readonly Table[]) =>
    !many && proofOf(read, tables, families).some(({ comparison }) => comparison.kind === 'different');
  const all = after(passes);
  if (!refuted(all)) return { tables: all, doubts: [] };
  const kept: Pass[] = [];
  for (const pass of passes) if (!refuted(after([...kept, pass], () => undefined))) kept.push(pass);
  const left = passes.filter((pass) => !kept.includes(pass)).map(({ name }) => name);
  const doubt: Diagnostic = {
    code: 'TN4011',
    severity: 'warning',
    message: `rules are left as they were where \`${left.join('`, `')}\` would have changed what they do`,
    secondary: [],
  };
  return { tables: after(kept), doubts: [doubt] };
}

/** A rule that is lost stands as a comment where it was. */
export function withheld(rule: Rule): readonly string[] | undefined {
  const loss = lossOf(rule);
  if (!loss) return undefined;
  return spansOf(rule.origin).flatMap((span) => {
    const { line, text } = lineOf(span);
    return [`LOST ${span.source.name}:${line} ${printable(text)}`, `  ${loss.reason}`, `  ${loss.effect}`].map(
      printable,
    );
  });
}

/** How rulesets are laid out for people to keep. */
export const STYLE: PrintStyle = { namedPriorities: true, width: 110, withheld };

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

function lostIn(entries: readonly Entry[], wrong: readonly Diagnostic[]): Diagnostic[] {
  const told = wrong.filter(({ severity }) => severity === 'error').flatMap(({ primary }) => primary?.span ?? []);
  const isTold = (span: Span) =>
    told.some(({ source, start }) => source === span.source && lineOf({ ...span, start }).line === lineOf(span).line);
  return entries.flatMap(({ span, loss }): Diagnostic[] => {
    if (!loss || isTold(span)) return [];
    return [
      {
        code: loss.mend === undefined ? 'TN4001' : 'TN4004',
        severity: 'error',
        message: loss.reason,
        primary: { span },
        secondary: [],
        hint: { text: loss.mend ?? `--partial leaves the rule out, as a comment: ${loss.effect}` },
      },
    ];
  });
}

function toBeKnown(entries: readonly Entry[]): Diagnostic[] {
  return entries.flatMap(({ span, notes, became }) =>
    became === 'nothing'
      ? []
      : notes.map(
          (message): Diagnostic => ({ code: 'TN4002', severity: 'warning', message, primary: { span }, secondary: [] }),
        ),
  );
}

function givenTwice(tables: readonly Table[]): Diagnostic[] {
  const seen = new Map<string, Table>();
  return tables.flatMap((table): Diagnostic[] => {
    const key = `${table.family} ${table.name}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, table);
      return [];
    }
    const [span, other] = [spansOf(table.origin)[0], spansOf(first.origin)[0]];
    return [
      {
        code: 'TN4010',
        severity: 'error',
        message: `table \`${table.name}\` of ${table.family === 'ip' ? 'IPv4' : 'IPv6'} is given twice`,
        ...(span ? { primary: { span } } : {}),
        secondary: other ? [{ span: other, text: 'first here' }] : [],
        hint: { text: 'give one dump for each family; `--family ip6` says of which one is that does not tell' },
      },
    ];
  });
}

import { describeOrigin } from '../../compiler';
import { type Entry, lineOf, type Migration, migrate, proveMigration } from '../../compiler/migrate';
import type { Described, Proof } from '../../compiler/prove';
import { diagnosticToJson } from '../../dsl/core/render';
import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { readInput } from '../input';
import { writeResult } from '../output';
import { proofText, type SideText } from '../proof';
import { printJson, reportDiagnostics } from '../report';

/** Decisions that a proof may need; what needs more is said to be not proven. */
const CAP = 4_000_000;

/** What says how a host is switched. */
const LIVE = ['dry-run', 'confirm', 'force', 'unproven'];
/** What says how files are turned. */
const OF_FILES = ['prove', 'literal', 'partial'];

export async function execute({ flags, words }: Invocation): Promise<number> {
  const live = flags.has('apply');
  if (live && words.length > 0) throw new UsageError('--apply takes no files: it reads what iptables holds here');
  if (!live && words.length === 0) throw new UsageError('`migrate` takes files, or --apply');
  const stray = (live ? OF_FILES : LIVE).find((name) => flags.has(name) || flags.text(name) !== undefined);
  if (stray !== undefined)
    throw new UsageError(live ? `--${stray} goes with files, not with --apply` : `--${stray} goes with --apply`);
  if (live) return (await import('../migrate-live')).applyMigration(flags);
  return migrateFiles(flags, words);
}

async function migrateFiles(flags: Flags, words: readonly string[]): Promise<number> {
  const { sources, diagnostics: unread } = await readInput(words);
  if (unread.length > 0) {
    reportDiagnostics(unread, flags);
    return EXIT.input;
  }
  const migration = migrate(sources, { literal: flags.has('literal') });
  const { diagnostics, whole } = migration;
  const output = flags.text('output');
  const printed = whole || flags.has('partial');
  const sides = [words.join(','), output ?? 'the ruleset'];
  const proofs = printed && flags.has('prove') ? proveMigration(migration, output ?? 'migrated', CAP) : [];
  const proven = proofs.every(({ comparison }) => comparison.kind === 'equal');
  const refuted = proofs.some(({ comparison }) => comparison.kind === 'different');
  if (flags.has('json')) printJson(asJson(migration, printed && !refuted, proofs));
  else if (diagnostics.length > 0) reportDiagnostics(diagnostics, flags);
  const proofLines = proofs.map((proof) => proofText(proof, sides, sideText, false)).join('');
  if (printed && !refuted) {
    const comments = proofLines.replace(/^(?=.)/gm, '# ');
    const text = `${comments}${comments === '' ? '' : '\n'}${migration.unit.text}`;
    if (output !== undefined) {
      const problem = await writeResult(output, text);
      if (problem) {
        reportDiagnostics([problem], flags);
        return EXIT.input;
      }
    } else if (!flags.has('json')) process.stdout.write(text);
  }
  if (!flags.has('json')) (output !== undefined || refuted ? process.stdout : process.stderr).write(proofLines);
  if (!whole) {
    if (!flags.has('json')) process.stderr.write(summary(migration, printed));
    return EXIT.input;
  }
  return proven ? EXIT.done : EXIT.difference;
}

function sideText({ verdict, seen, chain, decidedBy }: Described['first']): SideText {
  const rule = decidedBy && describeOrigin(decidedBy, () => ({}));
  return { verdict, seen, chain: chain ?? null, rule: rule ?? null };
}

function summary({ entries }: Migration, printed: boolean): string {
  const lost = entries.filter(({ became }) => became === 'lost').length;
  const what = lost === 0 ? 'not every line could be read' : `${lost} of ${entries.length} rules cannot be said in nft`;
  return printed
    ? `${what}: they stand in the ruleset as comments (LOST)\n`
    : `${what}: nothing is written; --partial writes the rest, with these as comments\n`;
}

function asJson({ entries, unit, diagnostics, whole }: Migration, printed: boolean, proofs: readonly Proof[]): object {
  const lines = unit.text.split('\n');
  return {
    whole,
    ruleset: printed ? unit.text : null,
    rules: entries.map((entry) => entryJson(entry, lines)),
    proof: proofs.map(({ plane, comparison, differences }) => ({
      plane,
      result: comparison.kind,
      differences: differences.map(({ journey, packet, first, second }) => ({
        journey,
        packet,
        first: sideText(first),
        second: sideText(second),
      })),
    })),
    diagnostics: diagnostics.map(diagnosticToJson),
  };
}

function entryJson({ span, became, lines, notes, loss }: Entry, printed: readonly string[]): object {
  const { line, text } = lineOf(span);
  return {
    file: span.source.name,
    line,
    text,
    became,
    nft: lines.map((at) => ({ line: at, text: (printed[at - 1] ?? '').trim() })),
    notes,
    reason: loss?.reason ?? null,
    effect: loss?.effect ?? null,
  };
}

import { type Migration, migrate } from '../../compiler/migrate';
import { diagnosticToJson } from '../../dsl/core/render';
import { EXIT, type Flags, type Invocation, UsageError } from '../command';
import { readInput } from '../input';
import { type Form, formOf } from '../migration/form';
import { nftResult } from '../migration/nft';
import { fateJson, type Result } from '../migration/result';
import { writeResult } from '../output';
import { printJson, reportDiagnostics } from '../report';

/** What says how a host is switched. */
const LIVE = ['dry-run', 'confirm', 'force', 'unproven'];
/** What says how files are turned. */
const OF_FILES = ['to', 'prove', 'literal', 'partial', 'family'];

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
  const form = formOf(flags);
  const family = flags.text('family');
  if (family !== undefined && family !== 'ip' && family !== 'ip6') throw new UsageError('--family takes ip or ip6');
  const { sources, diagnostics: unread } = await readInput(words);
  if (unread.length > 0) {
    reportDiagnostics(unread, flags);
    return EXIT.input;
  }
  const migration = migrate(sources, { literal: flags.has('literal'), family });
  const { diagnostics, whole } = migration;
  const written = whole || flags.has('partial');
  const result = written ? await resultOf(migration, form, flags, words) : undefined;
  const output = flags.text('output');
  const text = result && !result.refuted ? headed(result, form) : undefined;
  const unwritten = text !== undefined && output !== undefined ? await writeResult(output, text) : undefined;
  if (unwritten) {
    reportDiagnostics([...diagnostics, unwritten], flags);
    return EXIT.refused;
  }
  if (flags.has('json')) printJson(asJson(migration, result));
  else if (diagnostics.length > 0) reportDiagnostics(diagnostics, flags);
  if (text !== undefined && output === undefined && !flags.has('json')) process.stdout.write(text);
  if (!flags.has('json')) {
    for (const remark of result?.remarks ?? []) process.stderr.write(`${remark}\n`);
    (output !== undefined || result?.refuted ? process.stdout : process.stderr).write(result?.proof ?? '');
  }
  if (!whole) {
    if (!flags.has('json')) process.stderr.write(summary(migration, written));
    return EXIT.input;
  }
  return result?.proven ? EXIT.done : EXIT.difference;
}

async function resultOf(migration: Migration, form: Form, flags: Flags, words: readonly string[]): Promise<Result> {
  const output = flags.text('output');
  if (form.notation === 'nft') return nftResult(migration, flags, [words.join(','), output ?? 'the ruleset']);
  const { intentResult } = await import('../migration/intent');
  return intentResult(migration, form, flags, output ?? 'the intent');
}

const COMMENT_MARKS = { nft: '# ', tsnet: '# ', ts: '// ', json: undefined } as const;

/** The text, below what was proven of it. */
function headed({ text, proof }: Result, { notation }: Form): string {
  const mark = COMMENT_MARKS[notation];
  return mark === undefined || proof === '' ? text : `${proof.replace(/^(?=.)/gm, mark)}\n${text}`;
}

function summary({ entries }: Migration, written: boolean): string {
  const lost = entries.filter(({ became }) => became === 'lost').length;
  const what = lost === 0 ? 'not every line could be read' : `${lost} of ${entries.length} rules cannot be said in nft`;
  return written
    ? `${what}: they stand in the ruleset as comments (LOST)\n`
    : `${what}: nothing is written; --partial writes the rest, with these as comments\n`;
}

function asJson({ entries, diagnostics, whole }: Migration, result: Result | undefined): object {
  return {
    whole,
    ...(result?.json ?? { ruleset: null, proof: [] }),
    rules: entries.map(result?.entryJson ?? fateJson),
    diagnostics: diagnostics.map(diagnosticToJson),
  };
}

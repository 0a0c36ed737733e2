import { describeOrigin } from '../compiler';
import type { Described, Proof } from '../compiler/prove';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { diagnosticToJson, renderDiagnostics } from '../dsl/core/render';
import { dumpName, type Step, type Study, studyMigration, tablesOfDump } from '../runtime';
import { EXIT, type Flags, UsageError } from './command';
import { readSeconds } from './duration';
import { writeResult } from './output';
import { progress } from './progress';
import { proofText, type SideText } from './proof';
import { printJson, reportDiagnostics } from './report';
import { openSession, reportFaults, reportResponse, whatOf } from './session';

type Ready = Extract<Study, { kind: 'ready' }>;

/** `tsnet migrate --apply`: the rules that iptables holds on this host become nft's, all or none. */
export async function applyMigration(flags: Flags): Promise<number> {
  const dryRun = flags.has('dry-run');
  const seconds = flags.text('confirm');
  if (seconds !== undefined && dryRun) throw new UsageError('--confirm makes no sense with --dry-run');
  const confirm = seconds === undefined ? undefined : readSeconds('--confirm', seconds);
  const session = await openSession(flags);
  if (typeof session === 'number') return session;
  const study = await studyMigration();
  if (study.kind === 'refused') return reportFaults([study.fault], flags);
  if (study.kind === 'lost') {
    reportDiagnostics(study.diagnostics, flags);
    process.stderr.write('Nothing was changed: what cannot be said in nft would be lost.\n');
    return EXIT.input;
  }
  if (study.kind === 'nothing') {
    if (flags.has('json')) printJson({ read: [], changes: [] });
    else process.stdout.write(`iptables holds no rules here${strangeText(study)}\n`);
    return EXIT.done;
  }
  if (!flags.has('json')) {
    process.stdout.write(overview(study));
    if (study.notes.length > 0) process.stderr.write(renderDiagnostics(study.notes, { color: false }));
  }
  const refusal = refusalOf(study, flags);
  if (refusal !== undefined) return refusal;
  const response = await session.fulfil(
    { kind: 'migrate', migration: study.record },
    { dryRun, what: whatOf('migrate', ['--apply']), confirm, progress: progress() },
  );
  const output = flags.text('output');
  const isDone = response.kind === 'applied' || response.kind === 'planned';
  const unwritten = isDone && output !== undefined ? await writeResult(output, study.record.text) : undefined;
  const code = reportResponse(response, flags, ({ kind, steps }) => {
    if (flags.has('json')) printJson(jsonOf(study, steps, kind === 'applied', unwritten));
    else process.stdout.write(outcome(steps, kind === 'applied') + remains(study));
  });
  if (code !== EXIT.done) return code;
  if (unwritten && !flags.has('json')) reportDiagnostics([unwritten], flags);
  const pending = confirm === undefined ? undefined : session.pending();
  if (pending?.ok && pending.value)
    process.stderr.write(`tsnet: taken back in ${Math.round(pending.value.left)} seconds unless: tsnet confirm\n`);
  return unwritten ? EXIT.input : code;
}

/** Programs that would make their rules again, and proofs that failed, need a word of the administrator's. */
function refusalOf({ managers, proofs }: Ready, flags: Flags): number | undefined {
  const insisting = managers.filter(({ insists }) => insists);
  if (insisting.length > 0 && !flags.has('force'))
    return reportFaults(
      insisting.map(({ name, because, advice }) => ({
        code: 'TN5013' as const,
        message: `${name} makes rules of its own, and makes them again when they are gone (${because})`,
        hint: `${advice}; then migrate what is left. With \`--force\` its rules of now are migrated all the same`,
      })),
      flags,
    );
  if (proofs.every(({ comparison }) => comparison.kind === 'equal') || flags.has('unproven')) return undefined;
  if (flags.has('json')) printJson({ proof: proofsOf(proofs) });
  process.stderr.write(
    'Nothing was changed: the new rules are not proven to do the same. With `--unproven` they are loaded all the same.\n',
  );
  return EXIT.difference;
}

function overview(study: Ready): string {
  const { live, record, rules, proofs, managers } = study;
  const read = live.dumps.map((dump) => {
    const tables = tablesOfDump(dump.text).filter((table) => table.rules.length > 0);
    const parts = tables.map((table) => `${table.name} ${counted(table.rules.length, 'rule')}`);
    return `read   ${dumpName(dump)}: ${parts.join(', ') || 'policies alone'}`;
  });
  const sets = setNames(live.sets);
  return lines([
    ...read,
    ...(sets.length > 0 ? [`read   ipset save: ${counted(sets.length, 'set')} (${shortList(sets)})`] : []),
    ...(live.strange.length > 0 ? [`stays  ${live.strange.join(', ')}: made with nft, and not iptables' own`] : []),
    `makes  ${record.tables.map((name) => `table ${name}`).join(', ')}: ${counted(rules, 'rule')}`,
    ...proofs.map((proof) => `proof  ${proofText(proof, ['old', 'new'], sideText, false).trim()}`),
    ...(record.gate
      ? ['gate   asked twice, some rules would do something else: nothing passes while both are in force']
      : []),
    ...managers
      .filter(({ insists }) => !insists)
      .map(({ name, because, advice }) => `note   rules of ${name} (${because}): ${advice}`),
  ]);
}

function sideText({ verdict, seen, chain, decidedBy }: Described['first']): SideText {
  const rule = decidedBy && describeOrigin(decidedBy, () => ({}), { alone: true });
  return { verdict, seen, chain: chain ?? null, rule: rule ?? null };
}

function outcome(steps: readonly Step[], applied: boolean): string {
  const shown = steps.filter(({ phase }) => phase !== 'record' && phase !== 'retire');
  if (shown.length === 0) return 'nothing to do\n';
  return lines(shown.map(({ title }) => `${applied ? 'done  ' : 'would '} ${title}`));
}

/** What is left to the administrator. */
function remains(study: Ready): string {
  const { restorers, live } = study;
  const sets = setNames(live.sets);
  return lines([
    ...restorers.map(({ name, path, mend }) => `remains  a boot brings the old rules back: ${name}, ${path}: ${mend}`),
    'remains  save the new rules for the next boot: `-o FILE`, and `include "FILE"` in /etc/nftables.conf; systemctl enable nftables',
    ...(sets.length > 0
      ? [
          `remains  the sets of ipset stay, and nothing asks them any more; who fills them has to fill the sets of nft: ${shortList(sets)}`,
        ]
      : []),
  ]);
}

function jsonOf(study: Ready, steps: readonly Step[], applied: boolean, unwritten: Diagnostic | undefined) {
  const { live, record, rules, proofs, managers, restorers, notes } = study;
  return {
    applied,
    read: live.dumps.map((dump) => ({
      by: dumpName(dump),
      tables: tablesOfDump(dump.text).map((table) => ({ name: table.name, rules: table.rules.length })),
    })),
    sets: setNames(live.sets),
    stays: live.strange,
    makes: { tables: record.tables, rules },
    proof: proofsOf(proofs),
    gate: record.gate,
    managers,
    restorers,
    notes: [...notes, ...(unwritten ? [unwritten] : [])].map(diagnosticToJson),
    changes: steps.filter(({ phase }) => phase !== 'record').map(({ phase, title }) => ({ phase, title })),
  };
}

function proofsOf(proofs: readonly Proof[]) {
  return proofs.map(({ plane, comparison, differences }) => ({
    plane,
    result: comparison.kind,
    differences: differences.map(({ journey, packet, first, second }) => ({
      journey,
      packet,
      first: sideText(first),
      second: sideText(second),
    })),
  }));
}

function strangeText({ live }: Extract<Study, { kind: 'nothing' }>): string {
  return live.strange.length > 0 ? `; ${live.strange.join(', ')} was made with nft` : '';
}

function setNames(sets: string): string[] {
  return [...sets.matchAll(/^create (\S+)/gm)].map(([, name = '']) => name);
}

function shortList(names: readonly string[]): string {
  const SHOWN = 5;
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

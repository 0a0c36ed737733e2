import { done, type HostFault, type Result } from '../host/fault';
import type { Host, HostOp } from '../host/port';
import { decodeEntry, type Entry } from '../journal/entry';
import type { JournalStore } from '../journal/store';
import type { Phase, Step } from '../plan/step';
import { filesOf, goOn, undosOf, written } from './interpreter';

/** Which of the two states a transaction that was cut short is led to. */
export type Direction = 'finished' | 'undone';

/**
 * Finishes a transaction whose process died after the ruleset was switched, or undoes one that died before. Steps may have
 * been taken already, or never: what that makes fail is put right by `restore`, which makes the host match the records,
 * and only then is the journal let go. Undefined when there was nothing to do.
 */
export async function recover(
  host: Host,
  journal: JournalStore,
  restore: () => Promise<readonly HostFault[]>,
): Promise<Result<Direction | undefined, HostFault>> {
  const text = journal.read();
  if (text === undefined) return done(undefined);
  const entry = decodeEntry(text, journal.path);
  if (!entry.ok) return entry;
  const { steps, marks } = entry.value;
  const forward = marks.has('switched') && !marks.has('undoing');
  const ops = forward ? rest(steps) : back(entry.value);
  const [undone] = await goOn(host, ops.filter(isVital));
  if (undone) return { ok: false, fault: undone };
  await goOn(
    host,
    ops.filter((op) => !isVital(op)),
  );
  const [left] = await restore();
  if (left) return { ok: false, fault: left };
  const unended = await written(() => journal.end(filesOf(steps)));
  return unended ? { ok: false, fault: unended } : done(forward ? 'finished' : 'undone');
}

function rest(steps: readonly Step[]): HostOp[] {
  return steps
    .filter(({ phase }) => phase === 'activate' || phase === 'record' || phase === 'retire')
    .map((step) => step.do);
}

function back({ steps, marks }: Entry): HostOp[] {
  const reached: Readonly<Record<Phase, boolean>> = {
    prepare: true,
    switch: marks.has('switching'),
    activate: marks.has('switched'),
    record: marks.has('switched'),
    retire: false,
  };
  return undosOf(steps.filter(({ phase }) => reached[phase]));
}

/** What no look at the host can put right later: the records themselves, and rules that are written nowhere else. */
function isVital({ op }: HostOp): boolean {
  return op === 'file.write' || op === 'file.remove' || op === 'sequence';
}

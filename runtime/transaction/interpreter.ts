import { done, type HostFault, type Result, refused } from '../host/fault';
import { fileFault } from '../host/files';
import type { Host, HostOp } from '../host/port';
import { encodeEntry, type Mark } from '../journal/entry';
import type { JournalStore } from '../journal/store';
import { PHASES, type Phase, type Step } from '../plan/step';

export interface TransactionFault {
  readonly fault: HostFault;
  /** Undefined when it was the journal that could not be written. */
  readonly step: Step | undefined;
  /** What could not be taken back, in the order it was tried; empty when the host is as it was before. */
  readonly left: readonly HostFault[];
}

/** Hears of each phase before it begins. */
export type Progress = (phase: Phase, steps: number) => void;

/**
 * Performs a plan phase by phase, written down before it begins so that another process can finish or undo it. When a step
 * fails, all before it are undone, last first; a step without an undo comes only when nothing can fail the transaction any
 * more, so a fault there is reported and the rest goes on.
 */
export async function transact(
  host: Host,
  steps: readonly Step[],
  journal: JournalStore,
  progress: Progress = () => undefined,
): Promise<Result<readonly HostFault[], TransactionFault>> {
  const unwritten = await written(() => journal.begin(encodeEntry(steps)));
  if (unwritten) return { ok: false, fault: { fault: unwritten, step: undefined, left: [] } };
  const undos: Step[] = [];
  for (const phase of PHASES.filter((one) => one !== 'retire')) {
    const group = steps.filter((step) => step.phase === phase);
    const mark = markBefore(phase);
    const unmarked = mark && (group.length > 0 || mark === 'switched') && (await written(() => journal.mark(mark)));
    if (unmarked) return giveUp(host, steps, undos, unmarked, undefined, journal);
    if (group.length > 0) progress(phase, group.length);
    const result = await host.perform(group.map((step) => step.do));
    const performed = result.ok ? group.length : result.fault.performed;
    undos.push(...group.slice(0, performed));
    if (!result.ok) {
      const failed = group[performed];
      if (!failed) throw new Error(`no step ${performed} in phase ${phase}`);
      const taken = [...undos, ...group.slice(performed, performed + result.fault.doubtful)];
      return giveUp(host, steps, taken, result.fault.fault, failed, journal);
    }
  }
  const retiring = steps.filter((step) => step.phase === 'retire');
  if (retiring.length > 0) progress('retire', retiring.length);
  const leftovers = await goOn(
    host,
    retiring.map((step) => step.do),
  );
  // What could not be taken away stays written down, for the next to try.
  const unended = leftovers.length > 0 ? undefined : await written(() => journal.end(filesOf(steps)));
  return done(unended ? [...leftovers, unended] : leftovers);
}

function markBefore(phase: Phase): Mark | undefined {
  return phase === 'switch' ? 'switching' : phase === 'activate' ? 'switched' : undefined;
}

async function giveUp(
  host: Host,
  steps: readonly Step[],
  undos: readonly Step[],
  fault: HostFault,
  step: Step | undefined,
  journal: JournalStore,
): Promise<{ ok: false; fault: TransactionFault }> {
  // Where even this cannot be written, another process would go on instead of back; either ends well.
  await written(() => journal.mark('undoing'));
  const left = await goOn(host, undosOf(undos));
  // What is left undone stays written down, for the next to try.
  if (left.length === 0) await written(() => journal.end(filesOf(steps)));
  return { ok: false, fault: { fault, step, left } };
}

/** What takes steps back, last first. */
export function undosOf(steps: readonly Step[]): HostOp[] {
  return [...steps].reverse().flatMap((step) => (step.undo === 'irreversible' ? [] : [...step.undo]));
}

/** The files that are there after the steps, taken or taken back. */
export function filesOf(steps: readonly Step[]): string[] {
  return steps.flatMap(({ do: op }) => (op.op === 'file.write' || op.op === 'file.remove' ? [op.path] : []));
}

/** Performs what it can; a fault does not keep the rest from being done. */
export async function goOn(host: Host, ops: readonly HostOp[]): Promise<HostFault[]> {
  const faults: HostFault[] = [];
  for (let from = 0; from < ops.length; ) {
    const result = await host.perform(ops.slice(from));
    if (result.ok) break;
    faults.push(result.fault.fault);
    from += result.fault.performed + 1;
  }
  return faults;
}

/** The fault, when a write to the journal had one. */
export async function written(write: () => Promise<void>): Promise<HostFault | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    const fault = fileFault(error as NodeJS.ErrnoException, 'the journal');
    if (fault) return refused(...fault).fault;
    throw error;
  }
}

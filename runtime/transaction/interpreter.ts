import { done, type HostFault, type Result } from '../host/fault';
import type { Host, HostOp } from '../host/port';
import { PHASES, type Step } from '../plan/step';
import type { Journal } from './journal';

export interface TransactionFault {
  readonly fault: HostFault;
  readonly step: Step;
  /** What could not be taken back, in the order it was tried; empty when the host is as it was before. */
  readonly left: readonly HostFault[];
}

/**
 * Performs a plan, which is in order, phase by phase. When a step fails, all before it are undone, last first; a step without an undo comes
 * only when nothing can fail the transaction any more, so a fault there is reported and the rest goes on.
 */
export async function transact(
  host: Host,
  steps: readonly Step[],
  journal: Journal,
): Promise<Result<readonly HostFault[], TransactionFault>> {
  await journal.begin(steps);
  const undos: Step[] = [];
  let index = 0;
  for (const phase of PHASES.filter((one) => one !== 'retire')) {
    const group = steps.filter((step) => step.phase === phase);
    await journal.reached(index);
    const result = await host.perform(group.map((step) => step.do));
    const performed = result.ok ? group.length : result.fault.performed;
    undos.push(...group.slice(0, performed));
    if (!result.ok) {
      const failed = group[performed];
      if (!failed) throw new Error(`no step ${performed} in phase ${phase}`);
      // It may have taken effect in part.
      const left = await undo(host, [...undos, failed]);
      await journal.end('undone');
      return { ok: false, fault: { fault: result.fault.fault, step: failed, left } };
    }
    index += group.length;
  }
  const leftovers = await retire(
    host,
    steps.filter((step) => step.phase === 'retire'),
  );
  await journal.end('applied');
  return done(leftovers);
}

async function undo(host: Host, steps: readonly Step[]): Promise<HostFault[]> {
  const ops = [...steps]
    .reverse()
    .flatMap((step): readonly HostOp[] => (step.undo === 'irreversible' ? [] : step.undo));
  return goOn(host, ops);
}

function retire(host: Host, steps: readonly Step[]): Promise<HostFault[]> {
  return goOn(
    host,
    steps.map((step) => step.do),
  );
}

/** Performs what it can; a fault does not keep the rest from being done. */
async function goOn(host: Host, ops: readonly HostOp[]): Promise<HostFault[]> {
  const faults: HostFault[] = [];
  for (let from = 0; from < ops.length; ) {
    const result = await host.perform(ops.slice(from));
    if (result.ok) break;
    faults.push(result.fault.fault);
    from += result.fault.performed + 1;
  }
  return faults;
}

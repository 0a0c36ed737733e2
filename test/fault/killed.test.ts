import { fulfil } from '../../runtime/engine';
import type { HostFault } from '../../runtime/host/fault';
import { MemoryHost } from '../../runtime/host/memory';
import type { JournalStore } from '../../runtime/journal/store';
import type { Request } from '../../runtime/request';
import { recover } from '../../runtime/transaction/recovery';
import { Executioner, Killed, MemoryJournal, mortal } from '../support/crash';
import { snapshotWithHistory as snapshot } from '../support/memory';
import { moments, PAIRS, STATES, type Target } from '../support/states';

const DIRECTORY = '/state';
const now = () => new Date(0);

const apply = (text: string, target: Target): Request =>
  text === ''
    ? { kind: 'down' }
    : { kind: 'apply', sources: [{ name: 'test.tsnet', text }], target, ipset: text.includes('publish') };

async function hostWith(text: string, target: Target): Promise<MemoryHost> {
  const host = new MemoryHost();
  if (text === '') return host;
  const response = await fulfil(apply(text, target), { host, directory: DIRECTORY, now }, { dryRun: false });
  expect(response).toMatchObject({ kind: 'applied', leftovers: [] });
  return host;
}

/** What the next process does first. */
async function recovered(host: MemoryHost, journal: MemoryJournal, executioner = new Executioner()) {
  const world = mortal(host, executioner);
  return recover(world, journal.under(executioner), () => restore(world, journal));
}

async function restore(host: ReturnType<typeof mortal>, _: JournalStore): Promise<readonly HostFault[]> {
  const response = await fulfil({ kind: 'restore' }, { host, directory: DIRECTORY, now }, { dryRun: false });
  return response.kind === 'refused' ? response.faults : [];
}

/** Carries a request out under an executioner; whether it was killed. */
async function killed(request: Request, host: MemoryHost, journal: MemoryJournal, executioner: Executioner) {
  try {
    await fulfil(
      request,
      { host: mortal(host, executioner), directory: DIRECTORY, journal: journal.under(executioner), now },
      { dryRun: false },
    );
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

describe.each(PAIRS)('from %s with %s to %s with %s', (from, before, to, after) => {
  test('killed at any moment, and again while it recovers, the host ends as it was or as it should be', async () => {
    const request = apply(STATES[to] ?? '', after);
    const old = await hostWith(STATES[from] ?? '', before);
    const [was, whole] = [snapshot(old), await hostWith(STATES[from] ?? '', before)];
    const counting = new Executioner();
    await killed(request, whole, new MemoryJournal(), counting);
    const should = snapshot(whole);
    const ends = { old: 0, new: 0 };
    for (const at of [0, counting.counted - 1, ...moments(counting.counted, [from, before, to, after])])
      for (const when of ['before', 'after'] as const) {
        const host = await hostWith(STATES[from] ?? '', before);
        const journal = new MemoryJournal();
        expect(await killed(request, host, journal, new Executioner(at, when))).toBe(true);
        // The one who recovers is killed too, at some moment; then another one recovers in peace.
        await recovered(host, journal, new Executioner((at * 7) % 23, when)).catch((error) => {
          if (!(error instanceof Killed)) throw error;
        });
        expect(await recovered(host, journal)).toMatchObject({ ok: true });
        expect(journal.read()).toBeUndefined();
        const end = snapshot(host);
        const which = JSON.stringify(end) === JSON.stringify(was) ? 'old' : 'new';
        if (which === 'new') expect({ at, when, end }).toEqual({ at, when, end: should });
        ends[which]++;
      }
    expect(ends.old).toBeGreaterThan(0);
    expect(ends.new).toBeGreaterThan(0);
  });
});

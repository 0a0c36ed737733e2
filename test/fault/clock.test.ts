import { fulfil } from '../../runtime/engine';
import { MemoryHost } from '../../runtime/host/memory';
import type { Request } from '../../runtime/request';
import { generationNumbers, readGeneration } from '../../runtime/state/history';
import { readPending, secondsLeft } from '../../runtime/transaction/confirmation';
import { snapshot } from '../support/memory';
import { STATES } from '../support/states';

const DIRECTORY = '/state';
const apply = (text = ''): Request => ({ kind: 'apply', sources: [{ name: 'test.tsnet', text }] });

/** A clock that is set back, and far ahead, between one change and the next. */
const CLOCK = ['2026-06-01', '1970-01-01', '2099-12-31', '2026-05-01'].map((day) => () => new Date(day));

test('a clock that jumps changes neither the order of generations nor what is gone back to', async () => {
  const host = new MemoryHost();
  const environment = (at: number) => ({ host, directory: DIRECTORY, now: CLOCK[at] as () => Date });
  const seen: object[] = [];
  for (const [at, state] of [STATES.one, STATES.moved, STATES.more].entries()) {
    expect(await fulfil(apply(state), environment(at), { dryRun: false })).toMatchObject({ kind: 'applied' });
    seen.push(snapshot(host));
  }
  expect(generationNumbers(host, DIRECTORY)).toEqual([1, 2, 3]);
  for (const number of [2, 1])
    expect(readGeneration(host, DIRECTORY, number)).toMatchObject({ ok: true, value: { number } });
  expect(await fulfil({ kind: 'rollback' }, environment(3), { dryRun: false })).toMatchObject({ kind: 'applied' });
  expect(snapshot(host)).toEqual(seen[1]);
});

test('the deadline of a confirmation is counted by no clock that can be set', async () => {
  const host = new MemoryHost();
  const confirm = { seconds: 60, arm: async () => ({ ok: true, value: 'token' }) as const };
  await fulfil(apply(STATES.one), { host, directory: DIRECTORY }, { dryRun: false, confirm });
  const left = () => {
    const pending = readPending(host, DIRECTORY);
    return pending.ok && pending.value ? secondsLeft(pending.value, host) : undefined;
  };
  expect(left()).toBe(60);
  host.seconds += 59;
  expect(left()).toBe(1);
  for (const now of CLOCK)
    expect(await fulfil(apply(STATES.two), { host, directory: DIRECTORY, now }, { dryRun: false })).toMatchObject({
      kind: 'refused',
      faults: [{ code: 'TN5011' }],
    });
  host.seconds += 2;
  expect(left()).toBeLessThan(0);
});

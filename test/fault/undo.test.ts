import { fulfil } from '../../runtime/engine';
import { FaultyHost } from '../../runtime/host/faulty';
import { MemoryHost } from '../../runtime/host/memory';
import type { Request } from '../../runtime/request';
import { snapshot, snapshotWithHistory } from '../support/memory';
import { moments, PAIRS, STATES, type Target } from '../support/states';

const DIRECTORY = '/state';

const apply = (text: string, target: Target): Request => ({
  kind: 'apply',
  sources: [{ name: 'test.tsnet', text }],
  target,
  ipset: text.includes('publish'),
});

async function hostWith(text: string, target: Target): Promise<MemoryHost> {
  const host = new MemoryHost();
  if (text === '') return host;
  const response = await fulfil(apply(text, target), { host, directory: DIRECTORY }, { dryRun: false });
  expect(response).toMatchObject({ kind: 'applied', leftovers: [] });
  return host;
}

describe.each(PAIRS)('from %s with %s to %s with %s', (from, before, to, after) => {
  const request = to === 'nothing' ? ({ kind: 'down' } as const) : apply(STATES[to] ?? '', after);
  const hostBefore = () => hostWith(STATES[from] ?? '', before);

  test('leads to what the same intent gives on an empty host, and back to nothing', async () => {
    const host = await hostBefore();
    await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false });
    const fresh = await hostWith(STATES[to] ?? '', after);
    if (from === 'nothing' || to === 'nothing') expect(snapshot(host)).toEqual(snapshot(fresh));
    else expect(Object.keys(snapshot(host))).toEqual(Object.keys(snapshot(fresh)));
    await fulfil({ kind: 'down' }, { host, directory: DIRECTORY }, { dryRun: false });
    expect(snapshot(host)).toEqual(snapshot(new MemoryHost()));
  });

  test.each(['before', 'after'] as const)(
    'a fault %s any step that can be undone leaves the host as it was',
    async (when) => {
      const planned = await fulfil(request, { host: await hostBefore(), directory: DIRECTORY }, { dryRun: true });
      if (planned.kind !== 'planned') throw new Error(planned.kind);
      const reversible = planned.steps.filter(({ phase }) => phase !== 'retire').length;
      for (const at of moments(reversible, [from, before, to, after, when])) {
        const host = await hostBefore();
        const untouched = snapshotWithHistory(host);
        const response = await fulfil(
          request,
          { host: new FaultyHost(host, at, when), directory: DIRECTORY },
          { dryRun: false },
        );
        expect(response).toMatchObject({ kind: 'refused', left: [] });
        expect({ step: planned.steps[at]?.title, host: snapshotWithHistory(host) }).toEqual({
          step: planned.steps[at]?.title,
          host: untouched,
        });
      }
    },
  );

  test('applied again, it has nothing to do', async () => {
    if (to === 'nothing') return;
    const host = await hostBefore();
    await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false });
    expect(await fulfil(request, { host, directory: DIRECTORY }, { dryRun: true })).toMatchObject({
      kind: 'planned',
      steps: [],
    });
  });
});

test('a link is never up before its rules are loaded', async () => {
  const planned = await fulfil(
    apply(STATES.two ?? '', 'nft'),
    { host: new MemoryHost(), directory: DIRECTORY },
    { dryRun: true },
  );
  if (planned.kind !== 'planned') throw new Error(planned.kind);
  const at = (op: string) => planned.steps.findIndex((step) => step.do.op === op);
  expect(at('ruleset.load')).toBeGreaterThan(0);
  for (const op of ['link.up', 'sandbox.up']) expect(at(op)).toBeGreaterThan(at('ruleset.load'));
});

test("what is somebody else's is refused, and stays", async () => {
  const host = new MemoryHost();
  host.nft.load('table inet tsnet\n');
  const response = await fulfil(apply(STATES.one ?? '', 'nft'), { host, directory: DIRECTORY }, { dryRun: false });
  expect(response).toMatchObject({ kind: 'refused', faults: [{ code: 'TN5005' }] });
  expect(host.nft.tables.get('inet tsnet')?.frame).toBe('');
});

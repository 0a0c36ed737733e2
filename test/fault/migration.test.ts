import { fulfil } from '../../runtime/engine';
import { FaultyHost } from '../../runtime/host/faulty';
import { MemoryHost } from '../../runtime/host/memory';
import { type Host, partsOf } from '../../runtime/host/port';
import type { Dump } from '../../runtime/migration/dumps';
import { readDumps } from '../../runtime/migration/live';
import type { MigrationRecord } from '../../runtime/migration/record';
import { studyMigration } from '../../runtime/migration/study';
import type { Request } from '../../runtime/request';
import { recover } from '../../runtime/transaction/recovery';
import { Executioner, Killed, MemoryJournal, mortal } from '../support/crash';
import { snapshotWithHistory as snapshot } from '../support/memory';

const DIRECTORY = '/state';
const now = () => new Date(0);

const FILTER = `*filter
:INPUT DROP [7:420]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [9:540]
:local - [0:0]
[1:60] -A INPUT -i lo -j ACCEPT
[2:120] -A INPUT -j local
[0:0] -A local -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`;
const NAT = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
[0:0] -A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80
COMMIT
`;
const FLIPPED = `*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
[0:0] -A PREROUTING -s 10.0.0.0/8 -j MARK --set-xmark 0x1/0x0
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
[0:0] -A INPUT -m mark --mark 0x1 -j ACCEPT
COMMIT
`;
const SETS = 'create friends hash:ip family inet hashsize 1024 maxelem 65536\nadd friends 192.0.2.7\n';

const dump = (variant: Dump['variant'], family: Dump['family'], text: string): Dump => ({ variant, family, text });

/** Hosts by what their iptables holds. */
const HOSTS: Readonly<Record<string, readonly Dump[]>> = {
  'rules in nf_tables': [dump('nf_tables', 'ip', NAT + FILTER), dump('nf_tables', 'ip6', FILTER)],
  'legacy rules': [dump('legacy', 'ip', FILTER + NAT), dump('legacy', 'ip6', FILTER)],
  'rules of both kinds': [dump('legacy', 'ip', FILTER), dump('nf_tables', 'ip', NAT), dump('nf_tables', 'ip6', FILTER)],
  'legacy rules that flip a mark': [dump('legacy', 'ip', FLIPPED)],
  'rules in nf_tables that flip a mark': [dump('nf_tables', 'ip', FLIPPED)],
};

async function hostWith(dumps: readonly Dump[]): Promise<MemoryHost> {
  const host = new MemoryHost();
  host.rules.sets = SETS;
  for (const one of dumps) await host.perform([{ op: 'rules.replace', ...one }]);
  return host;
}

const known = new Map<string, MigrationRecord>();

async function migrationOf(host: Host): Promise<MigrationRecord> {
  const dumps = await readDumps(host);
  const key = JSON.stringify(dumps);
  const record = known.get(key) ?? (await studied(host));
  known.set(key, record);
  return record;
}

async function studied(host: Host): Promise<MigrationRecord> {
  const study = await studyMigration(host);
  if (study.kind !== 'ready') throw new Error(JSON.stringify(study));
  return { ...study.record, sets: SETS };
}

async function recovered(host: MemoryHost, journal: MemoryJournal, executioner = new Executioner()) {
  const world = mortal(host, executioner);
  return recover(world, journal.under(executioner), async () => {
    const response = await fulfil({ kind: 'restore' }, { host: world, directory: DIRECTORY, now }, { dryRun: false });
    return response.kind === 'refused' ? response.faults : [];
  });
}

async function carriedOut(request: Request, host: Host, journal?: MemoryJournal) {
  const environment = { host, directory: DIRECTORY, now, ...(journal ? { journal } : {}) };
  return fulfil(request, environment, { dryRun: false });
}

async function killed(request: Request, host: MemoryHost, journal: MemoryJournal, executioner: Executioner) {
  try {
    await carriedOut(request, mortal(host, executioner), journal.under(executioner));
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

/** Whether all old rules are in force, or all new ones: at no moment may neither be. */
function isGuarded(host: MemoryHost, { tables, dumps }: MigrationRecord): boolean {
  const old = dumps.every(({ variant, family, text }) => rulesIn(host.rules.dump(variant, family)) === rulesIn(text));
  return old || tables.every((name) => host.nft.tables.has(name));
}

function rulesIn(text: string): string {
  return [...text.matchAll(/^(?:\[\d+:\d+\] )?(-A .*|:\S+ DROP)/gm)]
    .map(([, rule]) => rule)
    .sort()
    .join('\n');
}

describe.each(Object.keys(HOSTS))('on a host with %s', (name) => {
  const dumps = HOSTS[name] ?? [];
  const back: Request = { kind: 'rollback' };

  async function stage(direction: string) {
    const host = await hostWith(dumps);
    const migration = await migrationOf(host);
    if (direction === 'forth') return { host, migration, request: { kind: 'migrate', migration } as const };
    expect(await carriedOut({ kind: 'migrate', migration }, host)).toMatchObject({ kind: 'applied', leftovers: [] });
    return { host, migration, request: back };
  }

  test('there and back, nothing is different', async () => {
    const { host, migration } = await stage('back');
    expect(migration.gate).toBe(name.includes('flip'));
    expect(migration.dumps.every(({ variant, family }) => rulesIn(host.rules.dump(variant, family)) === '')).toBe(true);
    expect([...host.nft.tables.keys()].sort()).toEqual([...migration.tables].sort());
    expect(await carriedOut(back, host)).toMatchObject({ kind: 'applied', leftovers: [] });
    expect([...host.nft.tables.keys()].filter((table) => table.includes('migrated') || /gate/.test(table))).toEqual([]);
    const was = await hostWith(dumps);
    for (const { variant, family } of dumps)
      expect(host.rules.dump(variant, family)).toBe(was.rules.dump(variant, family));
    // And forth again, from what was written down.
    expect(await carriedOut({ kind: 'rollback', to: 1 }, host)).toMatchObject({ kind: 'applied', leftovers: [] });
    expect([...host.nft.tables.keys()].sort()).toEqual([...migration.tables].sort());
  });

  test.each(['forth', 'back'])('killed at any moment on the way %s, and again while it recovers', async (direction) => {
    const whole = await stage(direction);
    const was = snapshot((await stage(direction)).host);
    const counting = new Executioner();
    await killed(whole.request, whole.host, new MemoryJournal(), counting);
    const should = snapshot(whole.host);
    const ends = { old: 0, new: 0 };
    for (let at = 0; at < counting.counted; at++)
      for (const when of ['before', 'after'] as const) {
        const { host, migration, request } = await stage(direction);
        const journal = new MemoryJournal();
        expect(await killed(request, host, journal, new Executioner(at, when))).toBe(true);
        expect({ at, when, guarded: isGuarded(host, migration) }).toEqual({ at, when, guarded: true });
        await recovered(host, journal, new Executioner((at * 7) % 11, when)).catch((error) => {
          if (!(error instanceof Killed)) throw error;
        });
        expect({ at, when, guarded: isGuarded(host, migration) }).toEqual({ at, when, guarded: true });
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

  test.each(['forth', 'back'])('a fault of any step on the way %s leaves the host as it was', async (direction) => {
    const { host: first, request: asked } = await stage(direction);
    const planned = await fulfil(asked, { host: first, directory: DIRECTORY }, { dryRun: true });
    if (planned.kind !== 'planned') throw new Error(planned.kind);
    const count = planned.steps.flatMap((step) => partsOf(step.do)).length;
    for (const when of ['before', 'after'] as const)
      for (let at = 0; at < count; at++) {
        const { host, request, migration } = await stage(direction);
        const was = snapshot(host);
        const response = await carriedOut(request, new FaultyHost(host, at, when));
        expect({ at, response }).toMatchObject({ at, response: { kind: 'refused', left: [] } });
        expect({ at, guarded: isGuarded(host, migration) }).toEqual({ at, guarded: true });
        expect({ at, host: snapshot(host) }).toEqual({ at, host: was });
      }
  });
});

test('rules that changed since they were read are not taken away', async () => {
  const host = await hostWith(HOSTS['legacy rules'] ?? []);
  const migration = await migrationOf(host);
  const text = FILTER.replace('COMMIT', '-A local -s 203.0.113.9/32 -j DROP\nCOMMIT');
  await host.perform([{ op: 'rules.replace', variant: 'legacy', family: 'ip6', text }]);
  const was = snapshot(host);
  expect(await carriedOut({ kind: 'migrate', migration }, host)).toMatchObject({
    kind: 'refused',
    faults: [{ code: 'TN5012' }],
  });
  expect(snapshot(host)).toEqual(was);
});

test('a table that has the name of a new one is left alone', async () => {
  const host = await hostWith(HOSTS['legacy rules'] ?? []);
  const migration = await migrationOf(host);
  host.nft.load(`table ${migration.tables[0]}\n`);
  const was = snapshot(host);
  expect(await carriedOut({ kind: 'migrate', migration }, host)).toMatchObject({
    kind: 'refused',
    faults: [{ code: 'TN5005' }],
  });
  expect(snapshot(host)).toEqual(was);
});

test('after a boot the migrated tables are loaded again, unless the old rules are in force', async () => {
  const host = await hostWith(HOSTS['rules in nf_tables'] ?? []);
  const migration = await migrationOf(host);
  await carriedOut({ kind: 'migrate', migration }, host);
  host.nft.tables.clear();
  await host.perform([{ op: 'rules.replace', variant: 'legacy', family: 'ip', text: FILTER }]);
  expect(await carriedOut({ kind: 'restore' }, host)).toMatchObject({ kind: 'applied', steps: [] });
  host.rules.legacy.clear();
  expect(await carriedOut({ kind: 'restore' }, host)).toMatchObject({ kind: 'applied', steps: [{ phase: 'switch' }] });
  expect([...host.nft.tables.keys()].sort()).toEqual([...migration.tables].sort());
});

test('a set of ipset that is gone comes back with the rules that ask it; one that is there keeps what it holds', async () => {
  const host = await hostWith(HOSTS['legacy rules'] ?? []);
  const migration = await migrationOf(host);
  await carriedOut({ kind: 'migrate', migration }, host);
  host.rules.sets = '';
  await carriedOut({ kind: 'rollback' }, host);
  expect(host.rules.sets).toBe(SETS);
});

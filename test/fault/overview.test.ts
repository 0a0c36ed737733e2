import { fulfil } from '../../runtime/engine';
import { FaultyHost } from '../../runtime/host/faulty';
import { MemoryHost } from '../../runtime/host/memory';
import type { Host } from '../../runtime/host/port';
import type { Request } from '../../runtime/request';
import { claimsPath } from '../../runtime/state/claims';
import { overviewPath, readOverview } from '../../runtime/state/overview';
import { snapshot } from '../support/memory';

const DIRECTORY = '/state';
const NETWORKS = 'network front { subnet 172.17.0.0/16 }\nnetwork back { subnet 172.18.0.0/16 }\n';
const FILE = `${NETWORKS}${Array.from({ length: 70 }, (_, at) => `container c${at} { network front; publish ${10000 + at}:80 }\n`).join('')}`;
const MORE = `${FILE}container new { network front; publish 9000:90 }\n`;
const OVERVIEW = overviewPath(DIRECTORY);

const apply = (text: string): Request => ({ kind: 'apply', sources: [{ name: 'base.tsnet', text }] });
const remove = (...containers: readonly string[]): Request => ({ kind: 'remove', containers });
const run = (name: string): Request => ({
  kind: 'add',
  where: 'test: ',
  document: { containers: [{ name, networks: [{ network: 'front' }] }] },
});

async function ask(request: Request, host: Host) {
  const response = await fulfil(request, { host, directory: DIRECTORY }, { dryRun: false });
  return 'steps' in response ? response.compiled.topology.containers.length : response.kind;
}

async function after(...requests: readonly Request[]): Promise<MemoryHost> {
  const host = new MemoryHost();
  for (const request of requests) expect(await ask(request, host)).toEqual(expect.any(Number));
  return host;
}

/** A host that says which files of it are read. */
function watched(host: MemoryHost): { readonly host: Host; readonly read: readonly string[] } {
  const read: string[] = [];
  const readFile = (path: string) => {
    read.push(path);
    return host.readFile(path);
  };
  const get = (target: MemoryHost, key: string | symbol) => {
    const value = Reflect.get(target, key) as unknown;
    return key === 'readFile' ? readFile : typeof value === 'function' ? value.bind(target) : value;
  };
  return { host: new Proxy(host, { get }), read };
}

/** The records that were read, and how many containers were compiled, by the short way; the long way leads there too. */
async function bothWays(request: Request, before: () => Promise<MemoryHost>) {
  const [short, long] = [await before(), await before()];
  long.files.delete(claimsPath(DIRECTORY));
  const { host, read } = watched(short);
  const compiled = await ask(request, host);
  await ask(request, long);
  expect(snapshot(short)).toEqual(snapshot(long));
  const folder = `${DIRECTORY}/containers/`;
  return {
    compiled,
    read: new Set(read.flatMap((path) => (path.startsWith(folder) ? [path.slice(folder.length)] : []))),
  };
}

const edit = (host: MemoryHost, path: string, change: (text: string) => string) => {
  host.files.set(path, change(host.files.get(path) ?? ''));
};

test('a file with one more reads the record of no other', async () => {
  const { compiled, read } = await bothWays(apply(MORE), () => after(apply(FILE)));
  expect(compiled).toBe(1);
  expect(read).toEqual(new Set(['new.json']));
});

test.each([
  ['one came', [run('other')], ['new.json', 'other.json']],
  ['one came and went', [run('other'), remove('other')], ['new.json']],
  ['the new one was there before', [apply(MORE), remove('new')], ['new.json']],
  ['one of the file was taken away', [remove('c3')], ['c3.json', 'new.json']],
] as const)('and of those alone that changed since: %s', async (_, requests, records) => {
  const { compiled, read } = await bothWays(apply(MORE), () => after(apply(FILE), ...requests));
  expect(compiled).toBeLessThan(5);
  expect(read).toEqual(new Set(records));
});

test.each<[string, (host: MemoryHost) => unknown]>([
  ['is not there, as in a state of the version before', (host) => host.files.delete(OVERVIEW)],
  ['is cut short', (host) => edit(host, OVERVIEW, (text) => text.slice(0, 900))],
  ['is of another version', (host) => edit(host, OVERVIEW, (text) => text.replace('"version":1', '"version":2'))],
  [
    'is of a generation to come',
    (host) => edit(host, OVERVIEW, (text) => text.replace('"generation":1', '"generation":2')),
  ],
  ['is of no generation', (host) => edit(host, OVERVIEW, (text) => text.replace('"generation":1', '"generation":{}'))],
  ['was changed', (host) => edit(host, OVERVIEW, (text) => text.replace('[["tv-c0-0","tn-front"]]', '"tv-c0-0"'))],
  ['names one whose record is gone', (host) => edit(host, OVERVIEW, (text) => text.replace('"c0"', '"c00"'))],
])('all are read where the overview %s, and it is written again', async (_, spoil) => {
  const host = await after(apply(FILE));
  const whole = host.files.get(OVERVIEW);
  spoil(host);
  const seen = watched(host);
  expect(await ask(apply(MORE), seen.host)).toBe(1);
  expect(seen.read).toContain('/state/containers/c69.json');
  expect(host.files.get(OVERVIEW)?.split('\n').sort()).toEqual(whole?.split('\n').sort());
});

async function expectTrue(host: MemoryHost) {
  const kept = await readOverview(host, DIRECTORY);
  host.files.delete(OVERVIEW);
  const made = await readOverview(host, DIRECTORY);
  expect([...(kept ?? [])].sort()).toEqual([...(made ?? [])].sort());
  expect(kept?.size).toBe([...host.files.keys()].filter((path) => path.startsWith('/state/containers/')).length);
}

test('it says what the records say, whatever was done', async () => {
  const host = await after(apply(FILE), run('a'), remove('c1', 'c2'), apply(MORE), run('b'), {
    kind: 'rollback',
    to: 2,
  });
  await expectTrue(host);
});

test('it says what the records say, wherever a change failed and was taken back', async () => {
  const change = apply(`${FILE.replace('10004:80', '20004:80')}allow front -> back`);
  for (let at = 0, struck = true; struck; at++) {
    const host = await after(apply(FILE));
    const faulty = new FaultyHost(host, at, 'after');
    await ask(change, faulty);
    struck = faulty.struck;
    await ask(run('other'), host);
    await expectTrue(host);
  }
});

test('a generation that changed a network, which only another version leaves after an overview, puts it in doubt', async () => {
  const host = await after(apply(FILE), run('a'));
  edit(host, '/state/history/00000002.json', (text) => text.replace('"networks": {}', '"networks": {"front": {}}'));
  const { host: seen, read } = watched(host);
  await readOverview(seen, DIRECTORY);
  expect(read).toContain('/state/containers/c69.json');
});

test('a record that was taken away by hand is missed', async () => {
  const spoil = (host: MemoryHost) => host.files.delete('/state/containers/c5.json');
  const host = await after(apply(FILE));
  spoil(host);
  expect(await ask(apply(MORE), host)).toBe('refused');
});

test('few containers have none, and nothing is left of it', async () => {
  const host = await after(apply(FILE), { kind: 'down' });
  expect([...host.files.keys()].filter((path) => path === OVERVIEW)).toEqual([]);
  expect((await after(apply(NETWORKS))).files.has(OVERVIEW)).toBe(false);
});

test('a plan writes nothing, not even an overview that is missing', async () => {
  const host = await after(apply(FILE));
  host.files.delete(OVERVIEW);
  const before = snapshot(host);
  const response = await fulfil(apply(MORE), { host, directory: DIRECTORY }, { dryRun: true });
  expect(response.kind).toBe('planned');
  expect(host.files.has(OVERVIEW)).toBe(false);
  expect(snapshot(host)).toEqual(before);
});

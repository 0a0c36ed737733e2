import { basename } from 'node:path';
import type { Compiled, NftShares } from '../../compiler';
import { formatAddress } from '../../dsl/core/address';
import type { HostOp } from '../host/port';
import { allClaims, type Claims, claimsPath, serializeClaims } from '../state/claims';
import { changeOf, DEPTH, type Generation, generationNumbers, historyPath, type Kept, keptOf } from '../state/history';
import { MANY, overviewOf, overviewOp, overviewPath } from '../state/overview';
import { type ContainerRecord, elementsTo, type HostRecord, type NetworkRecord, VERSION } from '../state/records';
import { paths, type State, serialize, writeOps } from '../state/store';
import type { PlanInput } from './input';
import { tablesOf, xtablesAfter } from './ruleset';
import type { Step } from './step';
import type { Wanted, WantedSandbox } from './wanted';

/** What the state says once a plan is carried out. */
export type Records = Pick<State, 'host' | 'networks' | 'containers' | 'migration'>;

export function recordsAfter(input: PlanInput, wanted: Wanted, mends: HostRecord['mends']): Records {
  return {
    host: hostAfter(input, wanted, mends),
    networks: networksAfter(input, wanted),
    containers: containersAfter(input, wanted),
    migration: input.migration,
  };
}

function networksAfter({ compiled, fromRun }: PlanInput, wanted: Wanted): Map<string, NetworkRecord> {
  const { networks } = compiled.document();
  return new Map(
    compiled.topology.networks.map(({ name }, index) => {
      const bridge = wanted.bridges[index];
      if (!bridge) throw new Error(`network without a bridge: ${name}`);
      const source = fromRun.has(name) ? 'run' : 'file';
      return [name, { version: VERSION, source, document: networks[index], bridge } as NetworkRecord];
    }),
  );
}

function containersAfter({ compiled, fromRun, ruleset }: PlanInput, wanted: Wanted): Map<string, ContainerRecord> {
  const shares = ruleset.target === 'nft' ? ruleset.shares.containers : undefined;
  return containerRecords(compiled, wanted.sandboxes, shares, (name) => (fromRun.has(name) ? 'run' : 'file'));
}

/** The records of all containers of a compilation. */
export function containerRecords(
  compiled: Compiled,
  wanted: readonly WantedSandbox[],
  shares: NftShares['containers'] | undefined,
  sourceOf: (name: string) => ContainerRecord['source'],
): Map<string, ContainerRecord> {
  const { topology } = compiled;
  const leases = compiled.leases();
  const { containers: documents } = compiled.document();
  const sandboxes = new Map(wanted.map((sandbox) => [sandbox.container, sandbox]));
  const addresses = byContainer(leases.addresses);
  const ports = byContainer(leases.ports);
  return new Map(
    topology.containers.map(({ name }, index) => [
      name,
      {
        version: VERSION,
        source: sourceOf(name),
        document: documents[index],
        sandbox: (sandboxes.get(name) as ContainerRecord['sandbox'] | undefined) ?? null,
        leases: {
          addresses: Object.fromEntries(
            (addresses.get(name) ?? []).map(([key, address]) => [key, formatAddress(address)]),
          ),
          ports: Object.fromEntries(ports.get(name) ?? []),
        },
        elements: elementsTo(shares?.get(index) ?? new Map()),
      },
    ]),
  );
}

/** Leases are named `container/...`. */
function byContainer<T>(leases: ReadonlyMap<string, T>): ReadonlyMap<string, [key: string, lease: T][]> {
  const found = new Map<string, [string, T][]>();
  for (const [key, lease] of [...leases].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const container = key.slice(0, key.indexOf('/'));
    const own = found.get(container);
    if (own) own.push([key, lease]);
    else found.set(container, [[key, lease]]);
  }
  return found;
}

function hostAfter(input: PlanInput, wanted: Wanted, mends: HostRecord['mends']): HostRecord | undefined {
  const { state, compiled, ruleset, sysctl } = input;
  const { defines, policies, expectations, tables } = compiled.document();
  if (compiled.topology.networks.length + compiled.topology.containers.length + tables.length === 0) return undefined;
  return {
    version: VERSION,
    document: { defines, policies, expectations, tables },
    target: ruleset.target,
    tables: [...tablesOf(ruleset)],
    xtables: xtablesAfter(state, ruleset, input.seen),
    mends: mends.map(({ network, title, back }) => ({ network, title, back })),
    sysctls: wanted.sysctls.map(({ key, value }) => ({
      key,
      value,
      before: state.host?.sysctls.find((one) => one.key === key)?.before ?? sysctl(key) ?? null,
    })),
  };
}

/** The steps that write down what changed, and a generation of the history when it is more than a repair. */
export function planRecords(input: PlanInput, after: Records): Step[] {
  const { state, directory } = input;
  const steps = [
    ...rewritten(paths.host(directory), 'the host', state.host, after.host),
    ...changed(state.networks, after.networks, 'network', (name) => paths.network(directory, name)),
    ...changed(state.containers, after.containers, 'container', (name) => paths.container(directory, name)),
    ...rewritten(paths.migration(directory), 'what was migrated', state.migration, after.migration),
    ...planClaims(input, after),
  ];
  const history = planHistory(input, keptOf(state), keptOf({ ...state, ...after }));
  if (steps.length + history.length === 0) return [];
  const generation = (generationNumbers(input, directory).at(-1) ?? 0) + (history.length > 0 ? 1 : 0);
  return [...steps, ...history, ...planOverview(input, generation, after)];
}

/** The overview of what is applied then; where it is taken back, whoever needs one makes it anew. */
function planOverview({ directory, listDirectory }: PlanInput, generation: number, { containers }: Records): Step[] {
  const path = overviewPath(directory);
  if (containers.size >= MANY) {
    const write = overviewOp(directory, generation, overviewOf(containers));
    return [{ phase: 'record', title: 'write down an overview', do: write, undo: [{ op: 'file.remove', path }] }];
  }
  if (!listDirectory(directory).includes(basename(path))) return [];
  return [{ phase: 'record', title: 'forget the overview', do: { op: 'file.remove', path }, undo: [] }];
}

function changed<T extends object>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  kind: string,
  pathOf: (name: string) => string,
): Step[] {
  const gone = [...before].filter(([name]) => !after.has(name));
  return [
    ...[...after].flatMap(([name, record]) => rewritten(pathOf(name), `${kind} ${name}`, before.get(name), record)),
    ...gone.flatMap(([name, record]) => rewritten(pathOf(name), `${kind} ${name}`, record, undefined)),
  ];
}

export function rewritten(path: string, what: string, before: object | undefined, after: object | undefined): Step[] {
  return textSteps(path, what, before && serialize(before), after && serialize(after));
}

function textSteps(path: string, what: string, old: string | undefined, after: string | undefined): Step[] {
  if (after !== undefined) {
    const ops = writeOps(path, old, after);
    return ops ? [{ phase: 'record', title: `write down ${what}`, do: ops.do, undo: [ops.undo] }] : [];
  }
  if (old === undefined) return [];
  const back: HostOp = { op: 'file.write', path, text: old, mode: 0o600 };
  return [{ phase: 'record', title: `forget ${what}`, do: { op: 'file.remove', path }, undo: [back] }];
}

function planClaims({ directory, readFile, compiled }: PlanInput, after: Records): Step[] {
  const claims = after.host && allClaims(compiled.topology, compiled.document().containers);
  return claimSteps(directory, readFile, claims);
}

/** Undefined: nothing is left that could hold anything. */
export function claimSteps(
  directory: string,
  readFile: (path: string) => string | undefined,
  claims: Claims | undefined,
): Step[] {
  const path = claimsPath(directory);
  return textSteps(path, 'what is taken', readFile(path), claims && serializeClaims(claims));
}

export function planHistory(
  {
    directory,
    listDirectory,
    readFile,
    what,
    time,
  }: Pick<PlanInput, 'directory' | 'listDirectory' | 'readFile' | 'what' | 'time'>,
  before: Kept,
  after: Kept,
): Step[] {
  const change = changeOf(before, after);
  if (!change) return [];
  const numbers = generationNumbers({ listDirectory, readFile }, directory);
  const number = (numbers.at(-1) ?? 0) + 1;
  const record: Generation = { version: VERSION, number, time, what, ...change };
  const forgotten = numbers.slice(0, Math.max(0, numbers.length + 1 - DEPTH));
  return [
    ...rewritten(historyPath(directory, number), `generation ${number}`, undefined, record),
    ...forgotten.map(
      (old): Step => ({
        phase: 'retire',
        title: `forget generation ${old}`,
        do: { op: 'file.remove', path: historyPath(directory, old) },
        undo: 'irreversible',
      }),
    ),
  ];
}

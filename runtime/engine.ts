import { type Compiled, compile, type LoadUnit, type NamedDocument } from '../compiler';
import type { Diagnostic } from '../dsl/core/diagnostic';
import type { Source } from '../dsl/core/source';
import type { HostFault } from './host/fault';
import type { Host, Observation, XtVariant } from './host/port';
import { type Obstacle, obstaclesOf } from './observe/foreign/obstacles';
import { takenPorts } from './observe/ports';
import { conflicts, makePlan } from './plan/plan';
import { tablesOf } from './plan/ruleset';
import type { Step } from './plan/step';
import type { Target } from './plan/wanted';
import { leasesOf } from './state/records';
import { readState, type State } from './state/store';
import { variantOf, wantedRuleset } from './target';
import { transact } from './transaction/interpreter';
import { type Journal, NO_JOURNAL } from './transaction/journal';

export interface Environment {
  readonly host: Host;
  /** The state directory, opened. */
  readonly directory: string;
  readonly journal?: Journal;
}

/** What should be on the host from now on. */
export type Request =
  | {
      readonly kind: 'apply';
      readonly sources: readonly Source[];
      readonly documents?: readonly NamedDocument[];
      /** What applied before, when nothing is said. */
      readonly target?: Target | undefined;
      readonly ipset?: boolean | undefined;
      /** Whether other tools may be told to let the networks pass. */
      readonly mend?: boolean;
    }
  /** One container more, as `tsnet run` says it, and the network made for it if there is none. */
  | { readonly kind: 'add'; readonly document: Readonly<Record<string, readonly unknown[]>>; readonly where: string }
  | { readonly kind: 'remove'; readonly containers: readonly string[] }
  | { readonly kind: 'down' };

/** The input is wrong, the host refused (and is as it was, but for `left`), or there is a plan, carried out or not. */
export type Response =
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'refused';
      readonly faults: readonly HostFault[];
      readonly compiled?: Compiled;
      readonly unit?: LoadUnit;
      readonly left: readonly HostFault[];
    }
  | {
      readonly kind: 'planned' | 'applied';
      readonly steps: readonly Step[];
      readonly compiled: Compiled;
      readonly leftovers: readonly HostFault[];
      /** What others drop, whatever we accept. */
      readonly warnings: readonly HostFault[];
    };

/** Compiles what is asked for together with what stays, plans the way there, and goes it unless only a plan is wanted. */
export async function fulfil(
  request: Request,
  environment: Environment,
  options: { readonly dryRun: boolean },
): Promise<Response> {
  const { host, directory, journal = NO_JOURNAL } = environment;
  const read = readState(host, directory);
  if (!read.ok) return refusal([read.fault]);
  const state = read.value;
  const unknown = unknownContainers(request, state);
  if (unknown.length > 0) return refusal(unknown);
  const { sources, documents, fromRun } = inputOf(request, state);
  const outcome = compile(sources, { documents, leases: leasesOf(state.containers.values()) });
  if (!outcome.ok) return { kind: 'wrong', diagnostics: outcome.diagnostics };
  const compiled = outcome.value;
  const asked = request.kind === 'apply' ? request : undefined;
  const variant = await variantOf(asked?.target, state, host);
  if (variant && !variant.ok) return refusal([variant.fault]);
  const printed = wantedRuleset(compiled, variant?.value, asked?.ipset ?? state.host?.xtables?.ipset ?? false);
  if (!printed.ok) return { kind: 'wrong', diagnostics: printed.diagnostics };
  const ruleset = printed.value;
  const seen = await host.observe(state.host?.xtables?.variant ?? variant?.value);
  if (!seen.ok) return refusal([seen.fault]);
  const inOurWay = await othersInTheWay(request, state, compiled, host, variant?.value);
  const mends = asked?.mend ? inOurWay.flatMap(({ mend }) => mend ?? []) : [];
  const warnings = inOurWay.filter(({ mend }) => !mend || !mends.includes(mend)).map(({ fault }) => fault);
  const steps = makePlan({
    state,
    directory,
    compiled,
    ruleset,
    mends,
    seen: seen.value,
    fromRun,
    resolvConf: host.readFile('/etc/resolv.conf') ?? '',
    sysctl: (key) => host.sysctl(key),
    readFile: (path) => host.readFile(path),
  });
  if (steps.length === 0)
    return { kind: options.dryRun ? 'planned' : 'applied', steps, compiled, leftovers: [], warnings };
  const inTheWay = await obstacles(steps, state, compiled, tablesOf(ruleset), host, seen.value);
  if (inTheWay.length > 0) return refusal(inTheWay);
  if (options.dryRun) return { kind: 'planned', steps, compiled, leftovers: [], warnings };
  const result = await transact(host, steps, journal);
  if (!result.ok) {
    const { fault, step, left } = result.fault;
    const refused = step.do.op === 'ruleset.load' ? { compiled, unit: step.do.unit } : {};
    return { kind: 'refused', faults: [fault], ...refused, left };
  }
  return { kind: 'applied', steps, compiled, leftovers: result.value, warnings };
}

/** Asked for when a file is applied, or a network is new: one container more changes nothing about others' rules. */
async function othersInTheWay(
  request: Request,
  { networks }: State,
  { topology }: Compiled,
  host: Host,
  variant: XtVariant | undefined,
): Promise<readonly Obstacle[]> {
  const asked = request.kind === 'apply' || topology.networks.some(({ name }) => !networks.has(name));
  if (!asked || topology.networks.length === 0) return [];
  const tables = await host.foreignTables();
  return tables.ok ? obstaclesOf(topology.networks, tables.value, variant) : [];
}

function refusal(faults: readonly HostFault[]): Response {
  return { kind: 'refused', faults, left: [] };
}

function unknownContainers(request: Request, { containers }: State): HostFault[] {
  if (request.kind !== 'remove') return [];
  return request.containers
    .filter((name) => !containers.has(name))
    .map((name) => ({ code: 'TN5006', message: `there is no container \`${name}\`` }));
}

interface Input {
  readonly sources: readonly Source[];
  readonly documents: readonly NamedDocument[];
  readonly fromRun: ReadonlySet<string>;
}

function inputOf(request: Request, state: State): Input {
  const running = new Set(
    [...state.networks, ...state.containers].flatMap(([name, { source }]) => (source === 'run' ? [name] : [])),
  );
  switch (request.kind) {
    case 'down':
      return { sources: [], documents: [], fromRun: new Set() };
    case 'apply':
      return {
        sources: request.sources,
        documents: [...(request.documents ?? []), documentOf(state, (name) => running.has(name), false)],
        fromRun: running,
      };
    case 'add': {
      const added = ['networks', 'containers'].flatMap((list) =>
        (request.document[list] ?? []).map((item) => (item as { name: string }).name),
      );
      return {
        sources: [],
        documents: [documentOf(state, () => true, true), { where: request.where, document: request.document }],
        fromRun: new Set([...running, ...added]),
      };
    }
    case 'remove': {
      const leaving = new Set(request.containers);
      return { sources: [], documents: [documentOf(state, (name) => !leaving.has(name), true)], fromRun: running };
    }
  }
}

/** What the state says was asked for, as a document. */
function documentOf(
  { networks, containers, host }: State,
  stays: (name: string) => boolean,
  withHost: boolean,
): NamedDocument {
  const documents = (records: ReadonlyMap<string, { document?: unknown }>) =>
    [...records].filter(([name]) => stays(name)).map(([, { document }]) => document);
  return {
    where: 'applied before: ',
    document: { ...(withHost ? host?.document : {}), networks: documents(networks), containers: documents(containers) },
  };
}

async function obstacles(
  steps: readonly Step[],
  state: State,
  compiled: Compiled,
  tables: readonly string[],
  host: Host,
  seen: Observation,
): Promise<readonly HostFault[]> {
  const isNew = ({ name }: { readonly name: string }, index: number) =>
    JSON.stringify(state.containers.get(name)?.document) !== JSON.stringify(compiled.document.containers[index]);
  const fresh = new Set<string>(compiled.topology.containers.filter(isNew).map(({ name }) => name));
  return [
    ...conflicts(steps, state.host ?? {}, tables, seen),
    ...(fresh.size > 0 ? takenPorts(compiled.topology, fresh, await host.listeners()) : []),
  ];
}

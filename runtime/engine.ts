import { basename } from 'node:path';
import { type Compiled, compile, type LoadUnit } from '../compiler';
import type { Diagnostic } from '../dsl/core/diagnostic';
import { additionOf } from './addition';
import { done, type HostFault, type Result, refused } from './host/fault';
import type { Host, Observation, XtVariant } from './host/port';
import { type JournalStore, NO_JOURNAL } from './journal/store';
import { isLeftBare, notReadyFor } from './migration/ready';
import { type Obstacle, obstaclesOf } from './observe/foreign/obstacles';
import { publishedPorts, takenPorts } from './observe/ports';
import { isKnown, remember, tableDrift } from './observe/tables';
import { conflicts, makePlan } from './plan/plan';
import { tablesOf } from './plan/ruleset';
import { inOrder, type Step } from './plan/step';
import { type Input, inputOf, type Request } from './request';
import { planSlice } from './slice';
import { isHistory } from './state/history';
import { readState, type State } from './state/store';
import { variantOf, wantedRuleset } from './target';
import { armStep, disarmStep, type Pending, pendingFrom, readPending, secondsLeft } from './transaction/confirmation';
import { type Progress, transact } from './transaction/interpreter';

export interface Environment {
  readonly host: Host;
  /** The state directory, opened. */
  readonly directory: string;
  readonly journal?: JournalStore;
  readonly now?: () => Date;
}

export interface Options {
  readonly dryRun: boolean;
  /** The command, for the history. */
  readonly what?: string;
  /** A change that is to take itself back: `arm` starts what does that, and gives its token. */
  readonly confirm?: { readonly seconds: number; arm(): Promise<Result<string, HostFault>> } | undefined;
  readonly progress?: Progress;
  /** Hears that much is to be planned, before it is. */
  readonly beforeMuch?: () => Promise<void>;
}

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
export async function fulfil(request: Request, environment: Environment, options: Options): Promise<Response> {
  const { host, directory } = environment;
  const pending = readPending(host, directory);
  if (!pending.ok) return refusal([pending.fault]);
  if (pending.value && waitsFor(request, options)) return refusal([unconfirmed(pending.value, host)]);
  const small = await fulfilSmall(request, environment, options);
  if (small) return small;
  const read = readState(host, directory);
  if (!read.ok) return refusal([read.fault]);
  const input = inputOf(request, read.value, host, directory);
  if (!input.ok) return refusal([input.fault]);
  const unready = request.kind === 'migrate' && (await notReadyFor(request.migration, read.value, host));
  if (unready) return refusal([unready]);
  // An earlier migration whose tables are gone is nothing to go back from.
  const state = request.kind === 'migrate' ? { ...read.value, migration: undefined } : read.value;
  const planned = await plan(request, input.value, state, environment, options);
  if (planned.kind !== 'planned' || options.dryRun) return planned;
  const disarmed = request.kind === 'rollback' ? pending.value : undefined;
  if (planned.steps.length === 0 && !disarmed) return { ...planned, kind: 'applied' };
  const armed = await arm(planned.steps, disarmed, environment, options);
  return armed.ok ? carryOut({ ...planned, steps: armed.value }, environment, options, true) : refusal([armed.fault]);
}

/** Containers that come or go, where that can be done without a look at the others; if the host objects, it cannot. */
async function fulfilSmall(
  request: Request,
  environment: Environment,
  options: Options,
): Promise<Response | undefined> {
  const { host, directory, now = () => new Date() } = environment;
  const { what = request.kind, confirm } = options;
  if (confirm) return undefined;
  const small = request.kind === 'apply' ? await additionOf(request, host, directory, options) : request;
  const plan = small && (await planSlice(small, { host, directory, what, time: now().toISOString() }));
  if (!plan) return undefined;
  const { steps, compiled, inTheWay } = plan;
  if (inTheWay.length > 0) return refusal(inTheWay);
  const planned: Planned = { kind: 'planned', steps, compiled, leftovers: [], warnings: [] };
  if (options.dryRun) return planned;
  const response = await carryOut(planned, environment, options, false);
  return response.kind === 'refused' ? undefined : response;
}

/** Nothing slips into a change that may yet be taken back. */
function waitsFor({ kind }: Request, { dryRun }: Options): boolean {
  return !dryRun && kind !== 'rollback' && kind !== 'restore';
}

function unconfirmed(pending: Pending, host: Host): HostFault {
  const left = Math.max(0, Math.round(secondsLeft(pending, host)));
  const message = `generation ${pending.generation} waits for its confirmation, ${left} seconds more`;
  return refused('TN5011', message, { hint: 'keep it with `tsnet confirm`, or take it back with `tsnet rollback`' })
    .fault;
}

/** Fewer containers, and what shorter texts say, take no more memory than V8 begins with. */
const MANY = 2000;
const LONG = 200_000;

type Planned = Extract<Response, { kind: 'planned' | 'applied' }>;

async function plan(
  request: Request,
  { sources, documents, leases, fromRun, target, ipset, migration }: Input,
  state: State,
  { host, directory, now = () => new Date() }: Environment,
  { what = request.kind, beforeMuch }: Options,
): Promise<Response> {
  if (state.containers.size > MANY || sources.some(({ text }) => text.length > LONG)) await beforeMuch?.();
  const outcome = compile(sources, { documents, leases, keep: true });
  if (!outcome.ok) return { kind: 'wrong', diagnostics: outcome.diagnostics };
  const compiled = outcome.value;
  const variant = await variantOf(target, state, host);
  if (variant && !variant.ok) return refusal([variant.fault]);
  const printed = wantedRuleset(compiled, variant?.value, ipset ?? state.host?.xtables?.ipset ?? false);
  if (!printed.ok) return { kind: 'wrong', diagnostics: printed.diagnostics };
  const ruleset = printed.value;
  const seen = await host.observe(state.host?.xtables?.variant ?? variant?.value);
  if (!seen.ok) return refusal([seen.fault]);
  const insides = await host.insides(fewNamespaces(state));
  if (!insides.ok) return refusal([insides.fault]);
  const drift = await tableDrift(state, host, directory);
  if (!drift.ok) return refusal([drift.fault]);
  const inOurWay = await othersInTheWay(request, state, compiled, host, variant?.value);
  const mends = request.kind === 'apply' && request.mend ? inOurWay.flatMap(({ mend }) => mend ?? []) : [];
  const warnings = inOurWay.filter(({ mend }) => !mend || !mends.includes(mend)).map(({ fault }) => fault);
  const steps = makePlan({
    state,
    directory,
    compiled,
    ruleset,
    migration,
    bare: await isLeftBare(migration, state, seen.value, host),
    mends,
    seen: seen.value,
    insides: insides.value,
    stale: new Set(drift.value.map(({ table }) => table)),
    what,
    time: now().toISOString(),
    fromRun,
    resolvConf: host.readFile('/etc/resolv.conf') ?? '',
    sysctl: (key) => host.sysctl(key),
    readFile: (path) => host.readFile(path),
    listDirectory: (path) => host.listDirectory(path),
  });
  const inTheWay = steps.length > 0 ? await obstacles(steps, state, compiled, tablesOf(ruleset), host, seen.value) : [];
  if (inTheWay.length > 0) return refusal(inTheWay);
  return { kind: 'planned', steps, compiled, leftovers: [], warnings };
}

/** To look into a sandbox is a process each: where there are many, `tsnet status` does it, and not every change. */
const FEW = 64;

function fewNamespaces({ containers }: State): string[] {
  const names = [...containers.values()].flatMap(({ sandbox }) =>
    sandbox?.endpoints.length ? [sandbox.namespace] : [],
  );
  return names.length > FEW ? [] : names;
}

/** The steps together with what arms or disarms them. */
async function arm(
  steps: readonly Step[],
  disarmed: Pending | undefined,
  { host, directory }: Environment,
  { confirm }: Options,
): Promise<Result<readonly Step[], HostFault>> {
  if (disarmed) return done(inOrder([...steps, disarmStep(directory, disarmed)]));
  const generation = generationOf(steps, directory);
  if (!confirm || generation === undefined) return done(steps);
  const token = await confirm.arm();
  if (!token.ok) return token;
  return done(inOrder([armStep(directory, pendingFrom(token.value, generation, confirm.seconds, host)), ...steps]));
}

/** The generation that steps write down, if they do. */
function generationOf(steps: readonly Step[], directory: string): number | undefined {
  const next = steps.find(({ do: op }) => op.op === 'file.write' && isHistory(op.path, directory));
  return next?.do.op === 'file.write' ? Number.parseInt(basename(next.do.path), 10) : undefined;
}

/** `looked`: whether the ruleset was compared with what we applied, or the plan makes it so. */
async function carryOut(
  planned: Planned,
  environment: Environment,
  options: Options,
  looked: boolean,
): Promise<Response> {
  const { host, directory, journal = NO_JOURNAL } = environment;
  const { steps, compiled } = planned;
  const loads = steps.filter(({ do: op }) => op.op === 'ruleset.load').length;
  const before = loads === 0 ? undefined : await host.generation();
  const known = before !== undefined && (looked || isKnown(host, directory, before));
  const result = await transact(host, steps, journal, options.progress);
  if (known) {
    // Where nobody but us changed the ruleset, it is what we applied.
    const after = await host.generation();
    await remember(host, directory, result.ok && after === before + loads ? after : undefined);
  }
  if (result.ok) return { ...planned, kind: 'applied', leftovers: result.value };
  const { fault, step, left } = result.fault;
  const refused = step?.do.op === 'ruleset.load' ? { compiled, unit: step.do.unit } : {};
  return { kind: 'refused', faults: [fault], ...refused, left };
}

/** Asked for when a file is applied, or a network is new: one container more changes nothing about others' rules. */
async function othersInTheWay(
  request: Request,
  { networks }: State,
  { topology }: Compiled,
  host: Host,
  variant: XtVariant | undefined,
): Promise<readonly Obstacle[]> {
  const asked =
    (request.kind !== 'restore' && request.kind !== 'remove' && request.kind !== 'add') ||
    topology.networks.some(({ name }) => !networks.has(name));
  if (!asked || topology.networks.length === 0) return [];
  const tables = await host.foreignTables();
  return tables.ok ? obstaclesOf(topology.networks, tables.value, variant) : [];
}

function refusal(faults: readonly HostFault[]): Response {
  return { kind: 'refused', faults, left: [] };
}

async function obstacles(
  steps: readonly Step[],
  state: State,
  compiled: Compiled,
  tables: readonly string[],
  host: Host,
  seen: Observation,
): Promise<readonly HostFault[]> {
  const { containers: documents } = compiled.document();
  const isNew = ({ name }: { readonly name: string }, index: number) =>
    JSON.stringify(state.containers.get(name)?.document) !== JSON.stringify(documents[index]);
  const fresh = new Set<string>(compiled.topology.containers.filter(isNew).map(({ name }) => name));
  return [
    ...conflicts(steps, state.host ?? {}, tables, seen),
    ...(fresh.size > 0
      ? takenPorts(compiled.topology, fresh, await host.listeners(publishedPorts(compiled.topology, fresh)))
      : []),
  ];
}

import { type Resolved, resolveSources } from '../compiler';
import { type Environment, fulfil, type Options, type Response } from './engine';
import { done, type HostFault, type Result, refused } from './host/fault';
import { writeFileAtomic } from './host/files';
import type { LinuxHost } from './host/linux';
import { openHost } from './host/open';
import { JournalFile, NO_JOURNAL } from './journal/store';
import { driftOf } from './observe/drift';
import { obstaclesOf } from './observe/foreign/obstacles';
import { insideDrift } from './observe/insides';
import { isKnown, tableDrift } from './observe/tables';
import { recorded } from './plan/plan';
import { documentOf, inputOf, type Request } from './request';
import { type Place, runningProcess, stopProcess } from './sandbox/process';
import { openStateDirectory, sweep } from './state/directory';
import { type Generation, generationNumbers, keptOf, readGeneration } from './state/history';
import { leasesOf } from './state/records';
import { type Base, paths, readBase, readContainer, readState, type State } from './state/store';
import {
  type Pending,
  pendingFrom,
  pendingOp,
  pendingPath,
  readPending,
  secondsLeft,
} from './transaction/confirmation';
import type { Progress } from './transaction/interpreter';
import { withLock } from './transaction/lock';
import { type Direction, recover } from './transaction/recovery';
import { armWatchdog } from './transaction/watchdog';

export type FulfilOptions = Omit<Options, 'confirm'> & {
  /** Seconds after which the change takes itself back unless it is confirmed. */
  readonly confirm?: number | undefined;
};

/** What a recovery found and did. */
export interface Recovered {
  /** What became of a transaction that was cut short. */
  readonly direction: Direction | undefined;
  /** The generation that was taken back because nobody confirmed it. */
  readonly takenBack: number | undefined;
  /** Whether the host did not match the records. */
  readonly restored: boolean;
}

/** What is applied is read from our own records: they were compiled before. */
const BROKEN: HostFault = {
  code: 'TN5007',
  message: 'what the state says was applied does not compile any more',
  hint: 'tsnet status says more; tsnet down takes all away',
};

/** What a command works with: the host it runs on and the state directory it was given. */
export class Session {
  private readonly environment: Environment & { readonly journal: JournalFile };

  private constructor(
    readonly directory: string,
    private readonly host: LinuxHost,
    /** Says what we wait for. */
    private readonly notice: (text: string) => void,
  ) {
    this.environment = { host, directory, journal: new JournalFile(paths.journal(directory)) };
  }

  static open(stateDirectory: string, notice: (text: string) => void = () => undefined): Result<Session, HostFault> {
    const directory = openStateDirectory(stateDirectory);
    return directory.ok ? done(new Session(directory.value, openHost(), notice)) : directory;
  }

  /** Carries a request out under the lock. Containers that leave have their detached processes ended first. */
  async fulfil(
    request: Request | ((base: Base) => Promise<Request | HostFault>),
    options: FulfilOptions,
  ): Promise<Response> {
    const result = await this.alone(async (): Promise<Result<Response, HostFault>> => {
      const actual = typeof request === 'function' ? await this.ask(request) : done(request);
      if (!actual.ok) return actual;
      const { confirm, ...others } = options;
      const armed = confirm === undefined ? undefined : { seconds: confirm, arm: () => armWatchdog(this.directory) };
      const response = await this.carryOut(actual.value, { ...others, confirm: armed });
      if (confirm !== undefined && response.kind === 'applied') this.restartClock();
      return done(response);
    });
    return result.ok ? result.value : { kind: 'refused', faults: [result.fault], left: [] };
  }

  private async ask(request: (base: Base) => Promise<Request | HostFault>): Promise<Result<Request, HostFault>> {
    const base = readBase(this.host, this.directory);
    if (!base.ok) return base;
    const asked = await request(base.value);
    return 'code' in asked ? { ok: false, fault: asked } : done(asked);
  }

  private async carryOut(request: Request, options: Options): Promise<Response> {
    if (!options.dryRun) for (const name of this.leaving(request)) await stopProcess(this.directory, name);
    return fulfil(request, this.environment, options);
  }

  /** Finishes or undoes what was cut short, then makes the host match the records: after a crash, or a boot. */
  async recover(progress?: Progress): Promise<Result<Recovered, HostFault>> {
    return withLock(this.directory, this.notice, async () => {
      const settled = await this.settle();
      if (!settled.ok) return settled;
      const response = await fulfil({ kind: 'restore' }, this.environment, {
        dryRun: false,
        ...(progress ? { progress } : {}),
      });
      if (response.kind === 'refused') return { ok: false, fault: response.faults[0] ?? BROKEN };
      if (response.kind === 'wrong') return { ok: false, fault: BROKEN };
      return done({ ...settled.value, restored: response.steps.length > 0 });
    });
  }

  /** Keeps the change that waits; its generation. */
  async confirm(): Promise<Result<number, HostFault>> {
    return this.alone(async () => {
      const pending = readPending(this.host, this.directory);
      if (!pending.ok) return pending;
      if (!pending.value)
        return refused('TN5006', 'no change waits for a confirmation', { hint: 'see: tsnet history' });
      const removed = await this.host.perform([{ op: 'file.remove', path: pendingPath(this.directory) }]);
      return removed.ok ? done(pending.value.generation) : { ok: false, fault: removed.fault.fault };
    });
  }

  /** How many seconds an armed change has left; undefined when it is confirmed, taken back, or never came to be. */
  timeLeft(token: string): number | undefined {
    const pending = readPending(this.host, this.directory);
    if (!pending.ok || pending.value?.token !== token) return undefined;
    return secondsLeft(pending.value, this.host);
  }

  history(): Result<readonly Generation[], HostFault> {
    const generations: Generation[] = [];
    for (const number of generationNumbers(this.host, this.directory)) {
      const one = readGeneration(this.host, this.directory, number);
      if (!one.ok) return one;
      generations.push(one.value);
    }
    return done(generations);
  }

  pending(): Result<(Pending & { readonly left: number }) | undefined, HostFault> {
    const pending = readPending(this.host, this.directory);
    if (!pending.ok || !pending.value) return pending.ok ? done(undefined) : pending;
    return done({ ...pending.value, left: secondsLeft(pending.value, this.host) });
  }

  /** Brings what was cut short to an end, when there is such a thing. */
  async ready(): Promise<Result<void, HostFault>> {
    const pending = readPending(this.host, this.directory);
    const overdue = pending.ok && pending.value !== undefined && secondsLeft(pending.value, this.host) <= 0;
    if (this.environment.journal.read() === undefined && !overdue) return done(undefined);
    return this.settled();
  }

  /** Waits for whoever is at work, and brings what was cut short or is overdue to an end. */
  settled(): Promise<Result<void, HostFault>> {
    return this.alone(async () => done(undefined));
  }

  /** Under the lock, when what was cut short before has come to an end. */
  private async alone<T>(action: () => Promise<Result<T, HostFault>>): Promise<Result<T, HostFault>> {
    return withLock(this.directory, this.notice, async () => {
      const settled = await this.settle();
      return settled.ok ? action() : settled;
    });
  }

  private async settle(): Promise<Result<Omit<Recovered, 'restored'>, HostFault>> {
    const swept = sweep(this.directory, this.environment.journal.read() !== undefined);
    if (!swept.ok) return swept;
    const recovered = await recover(this.host, this.environment.journal, async () => {
      const response = await fulfil(
        { kind: 'restore' },
        { ...this.environment, journal: NO_JOURNAL },
        { dryRun: false },
      );
      if (response.kind === 'refused') return response.faults;
      return response.kind === 'wrong' ? [BROKEN] : [];
    });
    if (!recovered.ok) return recovered;
    const pending = readPending(this.host, this.directory);
    if (!pending.ok) return pending;
    if (!pending.value || secondsLeft(pending.value, this.host) > 0)
      return done({ direction: recovered.value, takenBack: undefined });
    const { generation } = pending.value;
    const what = `rollback: generation ${generation} was not confirmed`;
    const response = await this.carryOut({ kind: 'rollback', to: generation - 1 }, { dryRun: false, what });
    if (response.kind === 'refused') return { ok: false, fault: response.faults[0] ?? BROKEN };
    if (response.kind === 'wrong') return { ok: false, fault: BROKEN };
    return done({ direction: recovered.value, takenBack: generation });
  }

  /** The time to confirm begins when the change is there to be looked at. */
  private restartClock(): void {
    const pending = readPending(this.host, this.directory);
    if (!pending.ok || !pending.value) return;
    const { token, generation, seconds } = pending.value;
    const op = pendingOp(this.directory, pendingFrom(token, generation, seconds, this.host));
    if (op.op === 'file.write') writeFileAtomic(op.path, op.text, op.mode);
  }

  state(): Result<State, HostFault> {
    return readState(this.host, this.directory);
  }

  /** What is applied, read again from the state's own words. */
  applied(state: State): Result<Resolved, HostFault> {
    const documents = [documentOf(keptOf(state), () => true, true)];
    const outcome = resolveSources([], { documents, leases: leasesOf(state.containers.values()) });
    if (outcome.ok) return done(outcome.value);
    return refused('TN5007', `what the state says was applied is wrong: ${outcome.diagnostics[0].message}`, {
      hint: 'it was changed by hand: tsnet rollback, or tsnet down',
    });
  }

  /** Whether the tables of nft's are known to be as they were applied, without a look at them. */
  async isUntouched(state: State): Promise<boolean> {
    const generation = state.ruleset?.target === 'nft' ? await this.host.generation() : undefined;
    return generation !== undefined && isKnown(this.host, this.directory, generation);
  }

  /** What others drop of what the applied networks forward. */
  async inTheWay(state: State): Promise<readonly HostFault[]> {
    const tables = await this.host.foreignTables();
    if (!tables.ok) return [tables.fault];
    const applied = this.applied(state);
    if (!applied.ok) return [applied.fault];
    const { networks } = applied.value.topology;
    return obstaclesOf(networks, tables.value, state.host?.xtables?.variant).map(({ fault }) => fault);
  }

  async observe() {
    return this.host.observe();
  }

  async drift(state: State): Promise<Result<readonly string[], HostFault>> {
    const seen = await this.host.observe(state.host?.xtables?.variant);
    if (!seen.ok) return seen;
    const tables = await tableDrift(state, this.host, this.directory);
    if (!tables.ok) return tables;
    const wanted = recorded(state);
    const insides = await this.host.insides(wanted.sandboxes.map(({ namespace }) => namespace));
    if (!insides.ok) return insides;
    const inside = insideDrift(wanted, insides.value).map(({ what }) => what);
    const words = [...driftOf(state, seen.value, (key) => this.host.sysctl(key)), ...inside];
    return done([...words, ...tables.value.map(({ what }) => what).filter((what) => !words.includes(what))]);
  }

  /** Where a container's commands run. */
  place(name: string): Result<Place, HostFault> {
    const record = readContainer(this.host, this.directory, name);
    if (!record) return refused('TN5006', `there is no container \`${name}\``);
    const networks = (record.document as { networks?: unknown }).networks;
    if (networks === 'host') return done({ namespace: undefined, files: undefined });
    const owner =
      typeof networks === 'object' && networks !== null && 'container' in networks ? String(networks.container) : name;
    const namespace = readContainer(this.host, this.directory, owner)?.sandbox?.namespace;
    if (namespace === undefined) return refused('TN5006', `the container \`${owner}\` has no network namespace`);
    return done({ namespace, files: paths.files(this.directory, owner) });
  }

  running(name: string): number | undefined {
    return runningProcess(this.directory, name);
  }

  private leaving(request: Request): readonly string[] {
    switch (request.kind) {
      case 'remove':
        return request.containers;
      case 'down':
      case 'rollback': {
        const state = readState(this.host, this.directory);
        if (!state.ok) return [];
        const present = [...state.value.containers.keys()];
        if (request.kind === 'down') return present;
        const then = inputOf(request, state.value, this.host, this.directory);
        const stay = new Set(then.ok ? then.value.containers : present);
        return present.filter((name) => !stay.has(name));
      }
      case 'apply':
      case 'add':
      case 'migrate':
      case 'restore':
        return [];
    }
  }
}

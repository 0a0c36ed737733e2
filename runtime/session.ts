import { type Compiled, compile } from '../compiler';
import { fulfil, type Request, type Response } from './engine';
import { done, type HostFault, type Result, refused } from './host/fault';
import { LinuxHost } from './host/linux';
import { driftOf } from './observe/drift';
import { obstaclesOf } from './observe/foreign/obstacles';
import { type Place, runningProcess, stopProcess } from './sandbox/process';
import { openStateDirectory } from './state/directory';
import { leasesOf } from './state/records';
import { paths, readState, type State } from './state/store';
import { withLock } from './transaction/lock';

/** What a command works with: the host it runs on and the state directory it was given. */
export class Session {
  private constructor(
    readonly directory: string,
    private readonly host: LinuxHost,
  ) {}

  static open(stateDirectory: string): Result<Session, HostFault> {
    const directory = openStateDirectory(stateDirectory);
    return directory.ok ? done(new Session(directory.value, new LinuxHost())) : directory;
  }

  /** Carries a request out under the lock. Containers that leave have their detached processes ended first. */
  async fulfil(
    request: Request | ((state: State) => Promise<Request | HostFault>),
    options: { readonly dryRun: boolean },
  ): Promise<Response> {
    const result = await withLock(this.directory, async (): Promise<Result<Response, HostFault>> => {
      const state = readState(this.host, this.directory);
      if (!state.ok) return state;
      const actual = typeof request === 'function' ? await request(state.value) : request;
      if ('code' in actual) return { ok: false, fault: actual };
      if (!options.dryRun) for (const name of leaving(actual, state.value)) await stopProcess(this.directory, name);
      return done(await fulfil(actual, { host: this.host, directory: this.directory }, options));
    });
    return result.ok ? result.value : { kind: 'refused', faults: [result.fault], left: [] };
  }

  state(): Result<State, HostFault> {
    return readState(this.host, this.directory);
  }

  /** What is applied, compiled again from the state's own words. */
  applied(state: State): Compiled {
    const documents = [
      {
        where: 'applied before: ',
        document: {
          ...state.host?.document,
          networks: [...state.networks.values()].map(({ document }) => document),
          containers: [...state.containers.values()].map(({ document }) => document),
        },
      },
    ];
    const outcome = compile([], { documents, leases: leasesOf(state.containers.values()) });
    if (!outcome.ok) throw new Error(`what is applied does not compile: ${outcome.diagnostics[0].message}`);
    return outcome.value;
  }

  /** What others drop of what the applied networks forward. */
  async inTheWay(state: State): Promise<readonly HostFault[]> {
    const tables = await this.host.foreignTables();
    if (!tables.ok) return [tables.fault];
    const { networks } = this.applied(state).topology;
    return obstaclesOf(networks, tables.value, state.host?.xtables?.variant).map(({ fault }) => fault);
  }

  async observe() {
    return this.host.observe();
  }

  async drift(state: State): Promise<Result<readonly string[], HostFault>> {
    const seen = await this.host.observe(state.host?.xtables?.variant);
    return seen.ok ? done(driftOf(state, seen.value, (key) => this.host.sysctl(key))) : seen;
  }

  /** Where a container's commands run. */
  place(state: State, name: string): Result<Place, HostFault> {
    const record = state.containers.get(name);
    if (!record) return refused('TN5006', `there is no container \`${name}\``);
    const networks = (record.document as { networks?: unknown }).networks;
    if (networks === 'host') return done({ namespace: undefined, files: undefined });
    const owner =
      typeof networks === 'object' && networks !== null && 'container' in networks ? String(networks.container) : name;
    const namespace = state.containers.get(owner)?.sandbox?.namespace;
    if (namespace === undefined) return refused('TN5006', `the container \`${owner}\` has no network namespace`);
    return done({ namespace, files: paths.files(this.directory, owner) });
  }

  running(name: string): number | undefined {
    return runningProcess(this.directory, name);
  }
}

function leaving(request: Request, { containers }: State): readonly string[] {
  switch (request.kind) {
    case 'down':
      return [...containers.keys()];
    case 'remove':
      return request.containers;
    case 'apply':
    case 'add':
      return [];
  }
}

import type { NamedDocument } from '../compiler';
import type { Source } from '../dsl/core/source';
import type { Leases } from '../dsl/intent/topology';
import { done, type HostFault, type Result, refused } from './host/fault';
import type { Host } from './host/port';
import type { MigrationRecord } from './migration/record';
import type { Target } from './plan/wanted';
import { generationNumbers, type Kept, keptAt, keptOf } from './state/history';
import { leasesOf } from './state/records';
import type { State } from './state/store';

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
  | ({
      readonly kind: 'add';
      readonly document: Readonly<Record<string, readonly unknown[]>>;
      /** `run` unless said. */
      readonly source?: 'file' | 'run';
    } & Pick<NamedDocument, 'where' | 'sites' | 'sources'>)
  | { readonly kind: 'remove'; readonly containers: readonly string[] }
  | { readonly kind: 'down' }
  /** Rules of nft in the place of those that iptables holds. */
  | { readonly kind: 'migrate'; readonly migration: MigrationRecord }
  /** What the records say, whatever has become of it. */
  | { readonly kind: 'restore' }
  /** What was applied after an earlier generation; the one before the last when none is named. */
  | { readonly kind: 'rollback'; readonly to?: number | undefined };

/** A request together with what stays. */
export interface Input {
  readonly sources: readonly Source[];
  readonly documents: readonly NamedDocument[];
  readonly leases: Leases;
  readonly fromRun: ReadonlySet<string>;
  readonly target: Target | undefined;
  readonly ipset: boolean | undefined;
  readonly migration: MigrationRecord | undefined;
  /** The containers that were there before and stay. */
  readonly containers: readonly string[];
}

export function inputOf(
  request: Request,
  state: State,
  host: Pick<Host, 'readFile' | 'listDirectory'>,
  directory: string,
): Result<Input, HostFault> {
  const now = keptOf(state);
  const running = fromRun(now);
  const common = {
    sources: [],
    leases: leasesOf(now.containers.values()),
    fromRun: running,
    target: undefined,
    ipset: undefined,
    migration: state.migration,
    containers: [...now.containers.keys()],
  };
  switch (request.kind) {
    case 'down':
      return done({ ...common, documents: [] });
    case 'apply': {
      const { sources, documents = [], target, ipset } = request;
      const stays = documentOf(now, (name) => running.has(name), false);
      return done({ ...common, sources, documents: [...documents, stays], target, ipset });
    }
    case 'add': {
      const added = ['networks', 'containers'].flatMap((list) =>
        (request.document[list] ?? []).map((item) => (item as { name: string }).name),
      );
      const { where, document } = request;
      const documents = [documentOf(now, () => true, true), { where, document }];
      return done({ ...common, documents, fromRun: new Set([...running, ...added]) });
    }
    case 'remove': {
      const unknown = request.containers.find((name) => !state.containers.has(name));
      if (unknown !== undefined) return refused('TN5006', `there is no container \`${unknown}\``);
      const leaving = new Set(request.containers);
      return done({ ...common, documents: [documentOf(now, (name) => !leaving.has(name), true)] });
    }
    case 'migrate':
      return done({ ...common, documents: [documentOf(now, () => true, true)], migration: request.migration });
    case 'restore':
      return done({ ...common, documents: [documentOf(now, () => true, true)] });
    case 'rollback': {
      const to = request.to ?? (generationNumbers(host, directory).at(-1) ?? 0) - 1;
      const then = keptAt(host, directory, state, to);
      if (!then.ok) return then;
      return done({
        sources: [],
        documents: [documentOf(then.value, () => true, true)],
        leases: leasesOf(then.value.containers.values()),
        fromRun: fromRun(then.value),
        target: then.value.host?.target,
        ipset: then.value.host?.ipset,
        migration: then.value.migration,
        containers: [...then.value.containers.keys()],
      });
    }
  }
}

function fromRun({ networks, containers }: Kept): ReadonlySet<string> {
  return new Set([...networks, ...containers].flatMap(([name, { source }]) => (source === 'run' ? [name] : [])));
}

/** What was asked for, as a document. */
export function documentOf(
  { networks, containers, host }: Kept,
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

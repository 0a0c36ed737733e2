import { join } from 'node:path';
import type { Host, HostOp } from '../host/port';
import { type Generation, generationNumbers, historyPath } from './history';
import { type ContainerRecord, VERSION } from './records';
import { paths } from './store';

/** What of a container is looked at when others come: enough to tell whether it is asked for as before, and still there. */
export interface Overseen {
  readonly source: ContainerRecord['source'];
  /** The document, as JSON. */
  readonly document: string;
  /** Null where it has none of its own. */
  readonly namespace: string | null;
  /** Its host ends, each with the bridge that it is a port of. */
  readonly ports: readonly (readonly [veth: string, bridge: string])[];
}

/** All containers that are applied, by name. */
export type Overview = ReadonlyMap<string, Overseen>;

/** Where there are fewer containers, nobody needs an overview. */
export const MANY = 64;
/** Containers and generations that may have changed since one was written. */
const FEW = 32;

type Files = Pick<Host, 'readFile' | 'listDirectory'>;
type Recorded = Pick<ContainerRecord, 'source' | 'document' | 'sandbox'>;

/** A container as the file holds it. */
type Line = readonly [
  name: string,
  source: Overseen['source'],
  document: string,
  namespace: string | null,
  ports: Overseen['ports'],
];

export function overviewPath(directory: string): string {
  return join(directory, 'overview.json');
}

/** Writes the overview of a generation. It follows from the records, and is made anew wherever it is in doubt. */
export function overviewOp(directory: string, generation: number, overview: Overview): HostOp {
  const lines = [...overview].map(([name, { source, document, namespace, ports }]) =>
    JSON.stringify([name, source, document, namespace, ports] satisfies Line),
  );
  const text = `{"version":${VERSION},"generation":${generation},"containers":[\n${lines.join(',\n')}\n]}\n`;
  return { op: 'file.write', path: overviewPath(directory), text, mode: 0o600 };
}

export function overviewOf(records: Iterable<readonly [string, Recorded]>): Overview {
  return new Map([...records].map(([name, record]) => [name, overseen(record)]));
}

function overseen({ source, document, sandbox }: Recorded): Overseen {
  return {
    source,
    document: JSON.stringify(document),
    namespace: sandbox?.namespace ?? null,
    ports: sandbox?.endpoints.map(({ veth, bridge }) => [veth, bridge] as const) ?? [],
  };
}

/**
 * The containers that are applied, where they are many: from the file and the records of the few that have changed since, or
 * from all records, and the file is made anew where it may be. Undefined where they are few, or a record cannot be read.
 */
export async function readOverview(
  host: Host,
  directory: string,
  { dryRun = false } = {},
): Promise<Overview | undefined> {
  const names = recordNames(host, directory);
  if (names.length < MANY) return undefined;
  const generation = generationNumbers(host, directory).at(-1) ?? 0;
  const kept = unchanged(host, directory, generation);
  const others = names.filter((name) => !kept.has(name));
  // Records that came or went without a word in the history are no tsnet's doing.
  if (kept.size + others.length === names.length && others.length <= FEW) {
    const read = readRecords(host, directory, others);
    return read && new Map([...kept, ...read]);
  }
  const all = readRecords(host, directory, names);
  if (all && !dryRun) await host.perform([overviewOp(directory, generation, all)]);
  return all;
}

function recordNames(host: Files, directory: string): string[] {
  return host
    .listDirectory(join(directory, 'containers'))
    .filter((file) => file.endsWith('.json') && !file.startsWith('.'))
    .map((file) => file.slice(0, -'.json'.length));
}

/** What the file says of those that have not changed since; nothing where it is older than the history tells of. */
function unchanged(host: Files, directory: string, newest: number): Overview {
  const file = readFile(host, directory);
  if (!file || file.generation > newest || file.generation < newest - FEW) return new Map();
  const overview = new Map(
    file.containers.map(([name, source, document, namespace, ports]) => [name, { source, document, namespace, ports }]),
  );
  for (let number = file.generation + 1; number <= newest; number++) {
    const changed = changedIn(host, directory, number);
    if (!changed) return new Map();
    for (const name of changed) overview.delete(name);
  }
  return overview;
}

interface OverviewFile {
  readonly version: number;
  readonly generation: number;
  readonly containers: readonly Line[];
}

function readFile(host: Files, directory: string): OverviewFile | undefined {
  const file = parsed(host.readFile(overviewPath(directory))) as OverviewFile | undefined;
  if (file?.version !== VERSION || !Number.isInteger(file.generation)) return undefined;
  return Array.isArray(file.containers) && file.containers.every(isLine) ? file : undefined;
}

function isLine(line: unknown): line is Line {
  return Array.isArray(line) && typeof line[2] === 'string' && Array.isArray(line[4]) && line[4].every(Array.isArray);
}

/** The containers of a generation that changed nothing but them; undefined where it did, or cannot be read. */
function changedIn(host: Files, directory: string, generation: number): readonly string[] | undefined {
  const change = parsed(host.readFile(historyPath(directory, generation))) as Partial<Generation> | undefined;
  if (!change?.containers || change.host || Object.keys(change.networks ?? {}).length > 0) return undefined;
  return Object.keys(change.containers);
}

/** The records as they stand there: what is compared with them is either the same, or looked at by the general way. */
function readRecords(host: Files, directory: string, names: readonly string[]): Overview | undefined {
  const records = names.map((name) => [name, parsed(host.readFile(paths.container(directory, name)))] as const);
  return records.every(isRecorded) ? overviewOf(records) : undefined;
}

function isRecorded(entry: readonly [string, unknown]): entry is readonly [string, Recorded] {
  const { sandbox } = (entry[1] ?? {}) as Partial<Recorded>;
  return sandbox === null || Array.isArray(sandbox?.endpoints);
}

/** Undefined where it is cut short, or not there. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

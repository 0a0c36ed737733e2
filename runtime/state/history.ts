import { join } from 'node:path';
import * as z from 'zod/mini';
import { done, type HostFault, type Result, refused } from '../host/fault';
import type { Host } from '../host/port';
import { type MigrationRecord, migrationRecord } from '../migration/record';
import { containerRecord, type HostRecord, hostRecord, VERSION } from './records';
import type { State } from './store';

/** What of a record is worth keeping: the rest follows from it, and is left out where a version before kept it too. */
const keptNetwork = z.object({ source: z.enum(['file', 'run']), document: z.unknown() });
const keptContainer = z.extend(keptNetwork, { leases: containerRecord.shape.leases });
const keptHost = z.strictObject({
  document: hostRecord.shape.document,
  target: hostRecord.shape.target,
  ipset: z.boolean(),
});

const changed = <T extends z.ZodMiniType>(kept: T) =>
  z.strictObject({ before: z.nullable(kept), after: z.nullable(kept) });

/** One generation: what it changed, so that its size is that of the change. */
export const generationRecord = z.strictObject({
  version: z.literal(VERSION),
  number: z.number(),
  /** When, in UTC; for people only. */
  time: z.string(),
  /** The command that made it: `apply shop.tsnet`. */
  what: z.string(),
  networks: z.record(z.string(), changed(keptNetwork)),
  containers: z.record(z.string(), changed(keptContainer)),
  host: z.nullable(changed(keptHost)),
  migration: z._default(z.nullable(changed(migrationRecord)), null),
});

export type Generation = z.infer<typeof generationRecord>;
export type KeptNetwork = z.infer<typeof keptNetwork>;
export type KeptContainer = z.infer<typeof keptContainer>;
export type KeptHost = z.infer<typeof keptHost>;

/** All that an intent needs to be applied as it was. */
export interface Kept {
  readonly networks: ReadonlyMap<string, KeptNetwork>;
  readonly containers: ReadonlyMap<string, KeptContainer>;
  readonly host: KeptHost | undefined;
  readonly migration: MigrationRecord | undefined;
}

/** How many generations are kept. */
export const DEPTH = 100;

export function historyPath(directory: string, number: number): string {
  return join(directory, 'history', `${String(number).padStart(8, '0')}.json`);
}

export function isHistory(path: string, directory: string): boolean {
  return path.startsWith(`${join(directory, 'history')}/`);
}

type Files = Pick<Host, 'readFile' | 'listDirectory'>;

/** The numbers of the generations that are kept, the oldest first. */
export function generationNumbers(host: Files, directory: string): number[] {
  return host
    .listDirectory(join(directory, 'history'))
    .flatMap((file) => (/^\d{8}\.json$/.test(file) ? [Number.parseInt(file, 10)] : []))
    .sort((a, b) => a - b);
}

export function readGeneration(host: Files, directory: string, number: number): Result<Generation, HostFault> {
  const path = historyPath(directory, number);
  try {
    const parsed = generationRecord.safeParse(JSON.parse(host.readFile(path) ?? ''));
    if (parsed.success) return done(parsed.data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refused('TN5007', `the state file ${path} is cut short or was changed`, {
    hint: 'generations after it can still be gone back to',
  });
}

export function keptOf({ networks, containers, host, migration }: State): Kept {
  return {
    networks: new Map([...networks].map(([name, { source, document }]) => [name, { source, document }])),
    containers: new Map(
      [...containers].map(([name, { source, document, leases }]) => [name, { source, document, leases }]),
    ),
    host: host && keptHostOf(host),
    migration,
  };
}

export function keptHostOf({ document, target, xtables }: HostRecord): KeptHost {
  return { document, target, ipset: xtables?.ipset ?? false };
}

/** What was applied after generation `number`, by taking back what the ones after it changed. */
export function keptAt(host: Files, directory: string, state: State, number: number): Result<Kept, HostFault> {
  const numbers = generationNumbers(host, directory);
  const oldest = (numbers[0] ?? 1) - 1;
  const newest = numbers.at(-1) ?? 0;
  if (number < oldest || number > newest)
    return refused('TN5006', `there is no generation ${number}`, {
      hint: newest === 0 ? 'nothing was applied yet' : `kept are ${oldest} to ${newest}: tsnet history`,
    });
  const now = keptOf(state);
  const networks = new Map(now.networks);
  const containers = new Map(now.containers);
  let { host: kept, migration } = now;
  for (const one of numbers.filter((candidate) => candidate > number).reverse()) {
    const generation = readGeneration(host, directory, one);
    if (!generation.ok) return generation;
    takeBack(networks, generation.value.networks);
    takeBack(containers, generation.value.containers);
    if (generation.value.host) kept = generation.value.host.before ?? undefined;
    if (generation.value.migration) migration = generation.value.migration.before ?? undefined;
  }
  return done({ networks, containers, host: kept, migration });
}

function takeBack<T>(records: Map<string, T>, changes: Readonly<Record<string, { readonly before: T | null }>>): void {
  for (const [name, { before }] of Object.entries(changes))
    if (before === null) records.delete(name);
    else records.set(name, before);
}

/** What differs between two, or undefined when nothing does. */
export function changeOf(
  before: Kept,
  after: Kept,
): Pick<Generation, 'networks' | 'containers' | 'host' | 'migration'> | undefined {
  const networks = changedRecords(before.networks, after.networks);
  const containers = changedRecords(before.containers, after.containers);
  const host = changedOne(before.host, after.host);
  const migration = changedOne(before.migration, after.migration);
  if (Object.keys(networks).length + Object.keys(containers).length === 0 && !host && !migration) return undefined;
  return { networks, containers, host, migration };
}

function changedRecords<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>) {
  const changes: Record<string, { before: T | null; after: T | null }> = {};
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    if (!same(old, now)) changes[name] = { before: old ?? null, after: now ?? null };
  }
  return changes;
}

function changedOne<T>(before: T | undefined, after: T | undefined) {
  return same(before, after) ? null : { before: before ?? null, after: after ?? null };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

import { join } from 'node:path';
import type { z } from 'zod/mini';
import { type NftImage, union } from '../../compiler';
import { reasonFor } from '../../dsl/core/system-error';
import { done, type HostFault, type Result, refused } from '../host/fault';
import { mendFor } from '../host/files';
import type { Host, HostOp } from '../host/port';
import { type MigrationRecord, migrationRecord } from '../migration/record';
import {
  type ContainerRecord,
  containerRecord,
  elementsFrom,
  type HostRecord,
  hostRecord,
  type NetworkRecord,
  networkRecord,
  type RulesetRecord,
  rulesetRecord,
} from './records';

/** What tsnet has applied, as it was written down: one small file a network, a container and the host. */
export interface State {
  readonly host: HostRecord | undefined;
  readonly networks: ReadonlyMap<string, NetworkRecord>;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
  /** The ruleset that was loaded last, without what belongs to a container. */
  readonly ruleset: RulesetRecord | undefined;
  /** The rules of iptables that nft tables took the place of. */
  readonly migration: MigrationRecord | undefined;
}

/** Paths in a state directory. Names of networks and containers cannot hold a `/` or be `.` or `..`. */
export const paths = {
  journal: (directory: string) => join(directory, 'journal'),
  host: (directory: string) => join(directory, 'host.json'),
  ruleset: (directory: string) => join(directory, 'ruleset.json'),
  migration: (directory: string) => join(directory, 'migration.json'),
  network: (directory: string, name: string) => join(directory, 'networks', `${name}.json`),
  container: (directory: string, name: string) => join(directory, 'containers', `${name}.json`),
  /** Where a container's hosts, resolv.conf and hostname are. */
  files: (directory: string, name: string) => join(directory, 'files', name),
  log: (directory: string, name: string) => join(directory, 'files', name, 'log'),
};

/** What of the state is not about a single container. */
export type Base = Pick<State, 'host' | 'networks'>;

type Files = Pick<Host, 'readFile' | 'listDirectory'>;

export function readBase(host: Files, directory: string): Result<Base, HostFault> {
  return reading(directory, () => ({
    host: readOne(host, paths.host(directory), hostRecord),
    networks: readAll(host, join(directory, 'networks'), networkRecord),
  }));
}

/** Undefined when there is no such container, or its record cannot be read. */
export function readContainer(host: Files, directory: string, name: string): ContainerRecord | undefined {
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) return undefined;
  const record = reading(directory, () => readOne(host, paths.container(directory, name), containerRecord));
  return record.ok ? record.value : undefined;
}

export function readState(host: Files, directory: string): Result<State, HostFault> {
  return reading(directory, () => ({
    host: readOne(host, paths.host(directory), hostRecord),
    networks: readAll(host, join(directory, 'networks'), networkRecord),
    containers: readAll(host, join(directory, 'containers'), containerRecord),
    ruleset: readOne(host, paths.ruleset(directory), rulesetRecord),
    migration: readOne(host, paths.migration(directory), migrationRecord),
  }));
}

function reading<T>(directory: string, read: () => T): Result<T, HostFault> {
  try {
    return done(read());
  } catch (error) {
    if (error instanceof UnreadableRecord)
      return refused('TN5007', `the state file ${error.path} ${error.message}`, {
        hint: 'restore it, or remove what it describes by hand and delete it',
      });
    const { code = '', path = directory } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM')
      return refused('TN5002', `${path} cannot be read: ${reasonFor(code, 'file')}`, mendFor(code));
    throw error;
  }
}

class UnreadableRecord extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The nft ruleset that was loaded last, whole or with the elements of some containers alone; an empty one where another
 * target is in force.
 */
export function nftImage({ ruleset, containers }: State, only?: ReadonlySet<string>): NftImage {
  if (ruleset?.target !== 'nft') return { frames: new Map(), elements: new Map() };
  const named = [...containers].filter(([name]) => only?.has(name) !== false);
  const shares = named.map(([, { elements }]) => elementsFrom(elements));
  return {
    frames: new Map(Object.entries(ruleset.frames)),
    elements: union([elementsFrom(ruleset.elements), ...shares]),
  };
}

function readOne<T>(host: Pick<Host, 'readFile'>, path: string, schema: z.ZodMiniType<T>): T | undefined {
  const text = host.readFile(path);
  return text === undefined ? undefined : parse(path, text, schema, true);
}

function readAll<T>(
  host: Pick<Host, 'readFile' | 'listDirectory'>,
  directory: string,
  schema: z.ZodMiniType<T>,
): ReadonlyMap<string, T> {
  const files = host.listDirectory(directory).filter((file) => file.endsWith('.json') && !file.startsWith('.'));
  return new Map(
    files.sort().map((file) => {
      const path = join(directory, file);
      const record = parse(path, host.readFile(path) ?? '', schema, files.length < MANY);
      return [file.slice(0, -'.json'.length), record];
    }),
  );
}

/** Up to here, to make code for a schema takes longer than to go without. */
const MANY = 64;

function parse<T>(path: string, text: string, schema: z.ZodMiniType<T>, jitless: boolean): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableRecord(path, 'is cut short or not JSON');
  }
  const result = schema.safeParse(value, { jitless });
  if (!result.success)
    throw new UnreadableRecord(path, `was changed at ${result.error.issues[0]?.path.join('.') || 'its top'}`);
  return result.data;
}

/** A record as its file holds it. */
export function serialize(record: object): string {
  return `${JSON.stringify(record, null, 1)}\n`;
}

/** An operation that makes a state file say `text`, and the one that takes it back. */
export function writeOps(
  path: string,
  before: string | undefined,
  text: string,
  mode = 0o600,
): { do: HostOp; undo: HostOp } | undefined {
  if (before === text) return undefined;
  return {
    do: { op: 'file.write', path, text, mode },
    undo: before === undefined ? { op: 'file.remove', path } : { op: 'file.write', path, text: before, mode },
  };
}

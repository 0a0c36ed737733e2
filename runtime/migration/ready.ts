import { type HostFault, refused } from '../host/fault';
import type { Host, Observation } from '../host/port';
import type { State } from '../state/store';
import { isIdleDump } from './dumps';
import { readDumps } from './live';
import type { MigrationRecord } from './record';

/** What keeps a migration from being carried out: names that are taken, or rules that the kernel does not take. */
export async function notReadyFor(
  { tables, text }: MigrationRecord,
  { migration }: State,
  host: Host,
): Promise<HostFault | undefined> {
  const seen = await host.observe();
  if (!seen.ok) return seen.fault;
  const taken = tables.find((name) => seen.value.tables.includes(name));
  if (taken !== undefined)
    return refused('TN5005', `the nft table ${taken} is there already`, {
      hint: migration?.tables.includes(taken)
        ? 'rules were migrated before: take that back with `tsnet rollback`, or give its tables other names'
        : `give it another name, or: nft delete table ${taken}`,
    }).fault;
  const rehearsed = await host.rehearse(text);
  return rehearsed.ok ? undefined : rehearsed.fault;
}

/** Whether a boot took migrated rules away and brought nothing in their place. */
export async function isLeftBare(
  wanted: MigrationRecord | undefined,
  { migration }: State,
  { tables }: Observation,
  host: Host,
): Promise<boolean> {
  if (!wanted || JSON.stringify(wanted) !== JSON.stringify(migration)) return false;
  if (wanted.tables.some((name) => tables.includes(name))) return false;
  const now = await readDumps(host);
  return now.ok && now.value.every(isIdleDump);
}

import { join } from 'node:path';
import { tablesText } from '../../compiler';
import { done, type HostFault, type Result } from '../host/fault';
import type { Host } from '../host/port';
import { nftImage, type State } from '../state/store';
import { type Difference, differences } from './listing';

/**
 * The ruleset's generation when it was last known to be what was applied. Only a hint, never synced nor undone: one that
 * does not match makes us look, and one of another boot or network namespace matches nothing.
 */
interface Hint {
  readonly boot: string;
  readonly namespace: string;
  readonly generation: number;
}

function hintPath(directory: string): string {
  return join(directory, 'generation.json');
}

/** What others changed in our nft tables. Nothing is listed while the kernel says that nobody changed any table. */
export async function tableDrift(
  state: State,
  host: Host,
  directory: string,
): Promise<Result<readonly Difference[], HostFault>> {
  if (state.ruleset?.target !== 'nft') return done([]);
  const generation = await host.generation();
  if (generation !== undefined && isKnown(host, directory, generation)) return done([]);
  const image = nftImage(state);
  const names = [...image.frames.keys()];
  const found = await host.listTables(names);
  if (!found.ok) return found;
  const wanted = await host.rehearse(tablesText(image, names));
  if (!wanted.ok) return wanted;
  const different = differences(wanted.value, found.value);
  if (different.length === 0) await remember(host, directory, generation);
  return done(different);
}

/** Whether the ruleset with this generation is as it was applied. */
export function isKnown(host: Host, directory: string, generation: number): boolean {
  try {
    const hint = JSON.parse(host.readFile(hintPath(directory)) ?? 'null') as Hint | null;
    return hint !== null && JSON.stringify(hint) === JSON.stringify(hintOf(host, generation));
  } catch {
    return false;
  }
}

/** Says that the ruleset with this generation is as it was applied; undefined forgets it. */
export async function remember(host: Host, directory: string, generation: number | undefined): Promise<void> {
  const path = hintPath(directory);
  const text = generation === undefined ? undefined : JSON.stringify(hintOf(host, generation));
  await host.perform([
    text === undefined ? { op: 'file.remove', path } : { op: 'file.write', path, text, mode: 0o600 },
  ]);
}

function hintOf(host: Host, generation: number): Hint {
  return { boot: host.uptime().boot, namespace: host.networkNamespace(), generation };
}

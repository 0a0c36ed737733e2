import { type Migration, migrate } from '../../../compiler/migrate';
import { proofOf } from '../../../compiler/migrate/verify';
import { type Dumps, readDump } from '../../../compiler/targets/iptables/read';
import type { Family } from './cases';
import { type SavedHost, sourcesOf } from './hosts';
import { type Loaded, tablesOfListing } from './load';
import type { Restored } from './restore';

/** Decisions that a proof may need here: more is not worth waiting for in a test. */
const CAP = 200_000;

/** Whether what iptables-save then printed says the same as the dump that was restored. */
export function readBack(text: string, restored: Restored, family: Family): string {
  if (!restored.accepted) return `refused: ${oneLine(restored.message)}`;
  if (withoutCounts(text) === withoutCounts(restored.saved)) return 'taken';
  const xt = family === 4 ? 'ip' : 'ip6';
  const [given, saved] = [text, restored.saved].map((one) => readDump({ name: 'dump', text: one }, xt));
  if (!given?.ok) return 'taken, and not read by tsnet';
  if (!saved?.ok) return `taken, and tsnet cannot read what iptables saved: ${saved?.diagnostics[0].message}`;
  const [proof] = proofOf(given.value, saved.value, new Set([xt]), CAP);
  if (proof?.comparison.kind === 'equal') return 'taken';
  return `taken, and SAVED OTHERWISE (${proof?.comparison.kind})`;
}

/** Whether two texts say the same, of what nftables has words for, and lose as many rules. */
export function sameRules(first: Dumps, second: Dumps): boolean {
  const lost = ({ diagnostics }: Dumps) => diagnostics.filter(({ code }) => code !== 'TN4002').length;
  const proofs = proofOf(first.tables, second.tables, first.families, CAP);
  return lost(first) === lost(second) && proofs.every(({ comparison }) => comparison.kind === 'equal');
}

function withoutCounts(text: string): string {
  return text.replace(/^#.*\n|\[\d+:\d+\]/gm, '').trim();
}

/** Whether nft holds what the dumps said, after a load and as nft lists it. */
export function heldAs({ read, families }: Migration, loaded: Loaded): string {
  if (!loaded.loaded) return `REFUSED by nft: ${oneLine(loaded.message)}`;
  const tables = tablesOfListing(loaded.listing);
  if (typeof tables === 'string') return `LISTING not read: ${oneLine(tables.replace(/\bc\d+_/g, ''))}`;
  const proofs = proofOf(read, tables, families, CAP);
  const unequal = proofs.find(({ comparison }) => comparison.kind !== 'equal');
  if (!unequal) return 'equal';
  const [difference] = unequal.differences;
  return `${unequal.comparison.kind.toUpperCase()} in ${unequal.plane}${difference ? `: ${JSON.stringify(difference.packet)}` : ''}`;
}

/** Both forms of a host's rules. */
export function formsOf(host: SavedHost): { readonly plain: Migration; readonly literal: Migration } {
  const sources = sourcesOf(host);
  return { plain: migrate(sources), literal: migrate(sources, { literal: true }) };
}

export function ruleLines({ unit }: Migration): number {
  return new Set(unit.lines.flatMap((origin, at) => (origin ? [at] : []))).size;
}

/** Reasons of what was lost or could not be read, each with how many rules it concerns. */
export function lossesOf({ diagnostics }: Migration): readonly string[] {
  const counts = new Map<string, number>();
  for (const { severity, code, message } of diagnostics)
    if (severity === 'error') {
      const reason = `${code === 'TN4001' ? 'lost' : `WRONG ${code}`}: ${message}`;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  return [...counts].map(([reason, count]) => `${reason} (${count})`).sort();
}

export function oneLine(text: string): string {
  return text.trim().split('\n', 2).join(' ').replace(/\s+/g, ' ').slice(0, 200);
}

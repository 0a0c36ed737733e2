import { type Entry, type Migration, proveMigration } from '../../compiler/migrate';
import type { Flags } from '../command';
import { proofText } from '../proof';
import { CAP, differenceJson, fateJson, type Result, sideText } from './result';

/** A migration as nft takes it; `sides` name what was given and what is written. */
export function nftResult(migration: Migration, flags: Flags, sides: readonly [string, string]): Result {
  const { text } = migration.unit;
  const proofs = flags.has('prove') ? proveMigration(migration, flags.text('output') ?? 'migrated', CAP) : [];
  return {
    text,
    proof: proofs.map((proof) => proofText(proof, sides, sideText, false)).join(''),
    proven: proofs.every(({ comparison }) => comparison.kind === 'equal'),
    refuted: proofs.some(({ comparison }) => comparison.kind === 'different'),
    remarks: [],
    json: {
      ruleset: text,
      proof: proofs.map(({ plane, comparison, differences }) => ({
        plane,
        result: comparison.kind,
        differences: differences.map(differenceJson),
      })),
    },
    entryJson: (entry) => nftEntryJson(entry, text.split('\n')),
  };
}

/** What became of a rule, with the lines that it stands in. */
function nftEntryJson(entry: Entry, printed: readonly string[]): object {
  const nft = entry.lines.map((at) => ({ line: at, text: (printed[at - 1] ?? '').trim() }));
  return { ...fateJson(entry), nft };
}

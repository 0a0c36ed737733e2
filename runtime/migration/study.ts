import { type Proof, prove } from '../../compiler/prove';
import type { Diagnostic } from '../../dsl/core/diagnostic';
import type { HostFault } from '../host/fault';
import { LinuxHost } from '../host/linux';
import type { Host } from '../host/port';
import { VERSION } from '../state/version';
import { type Restorer, restorersOf } from './boot';
import { type LiveRules, readLive } from './live';
import { type Manager, managersOf } from './managers';
import { bearsOverlap } from './overlap';
import type { MigrationRecord } from './record';
import { translate } from './translate';

/** What is to be known before a host's rules are migrated. Nothing is changed by finding out. */
export type Study =
  | { readonly kind: 'refused'; readonly fault: HostFault }
  /** iptables holds nothing. */
  | { readonly kind: 'nothing'; readonly live: LiveRules }
  /** Something cannot be read, or would be lost. */
  | { readonly kind: 'lost'; readonly live: LiveRules; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'ready';
      readonly live: LiveRules;
      readonly record: MigrationRecord;
      /** How many rules the new tables have. */
      readonly rules: number;
      readonly notes: readonly Diagnostic[];
      /** The old rules against the new ones, for every packet. */
      readonly proofs: readonly Proof[];
      readonly managers: readonly Manager[];
      readonly restorers: readonly Restorer[];
    };

const CAP = 4_000_000;

export async function studyMigration(host: Host = new LinuxHost()): Promise<Study> {
  const read = await readLive(host);
  if (!read.ok) return { kind: 'refused', fault: read.fault };
  const live = read.value;
  if (live.dumps.length === 0) return { kind: 'nothing', live };
  const translated = translate(live);
  if (!translated.ok) return { kind: 'lost', live, diagnostics: translated.diagnostics };
  const { old, fresh, text, tables } = translated.value;
  const before = { tables: old.map(({ table }) => table) };
  const planes = (['ip', 'ip6'] as const).filter((plane) => live.dumps.some(({ family }) => family === plane));
  const proofs = prove(before, fresh, planes, { ignore: new Set(), cap: CAP, most: 1 });
  const equal = proofs.every(({ comparison }) => comparison.kind === 'equal');
  return {
    kind: 'ready',
    live,
    record: {
      version: VERSION,
      tables: [...tables],
      text,
      dumps: [...live.dumps],
      sets: live.sets,
      gate: !equal || !bearsOverlap(old, fresh, planes),
    },
    rules: fresh.tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules)).length,
    notes: translated.warnings,
    proofs,
    managers: managersOf(live.dumps),
    restorers: restorersOf(host),
  };
}

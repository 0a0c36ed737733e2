import type { LoadUnit } from '../../compiler';
import type { HostOp } from '../host/port';
import type { Step } from '../plan/step';
import { type Dump, dumpName, emptied } from './dumps';
import type { MigrationRecord } from './record';

/** The steps from one set of rules to another, forth or back. */
export function planMigration(before: MigrationRecord | undefined, after: MigrationRecord | undefined): Step[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [...(before ? [back(before)] : []), ...(after ? forth(after) : [])];
}

/** Loads the tables again that a boot took away. */
export function reloadStep({ tables, text }: MigrationRecord): Step {
  return {
    phase: 'switch',
    title: `load the migrated tables again: ${tables.join(', ')}`,
    do: load(text),
    undo: [load(anew(tables))],
  };
}

function forth(record: MigrationRecord): Step[] {
  const { tables, dumps } = record;
  const expected = dumps.map(
    (dump): Step => ({
      phase: 'switch',
      title: `make sure that ${dumpName(dump)} still prints what was read`,
      do: { op: 'rules.expect', ...dump },
      undo: [],
    }),
  );
  const title = `switch from iptables to nft (${tables.join(', ')})`;
  return [...expected, { phase: 'switch', title, do: toNft(record), undo: [toIptables(record)] }];
}

function back(record: MigrationRecord): Step {
  const title = `switch from nft (${record.tables.join(', ')}) back to iptables`;
  return { phase: 'switch', title, do: toIptables(record), undo: [toNft(record)] };
}

/**
 * The rules in nf_tables leave in the same transaction in which the new ones come; legacy ones are emptied after it, so that
 * both are in force for a moment. Nothing is emptied when what comes before it failed.
 */
function toNft({ text, dumps, gate }: MigrationRecord): HostOp {
  const legacy = dumps.filter(({ variant }) => variant === 'legacy');
  const gone = dumps.filter(({ variant }) => variant === 'nf_tables').flatMap(nftTablesOf);
  const switched = text + anew(gone);
  if (legacy.length === 0) return load(switched + (gate ? anew([GATE_TABLE]) : ''));
  return {
    op: 'sequence',
    ops: [
      load((gate ? GATE : '') + switched),
      ...[...legacy].reverse().map((dump) => replace({ ...dump, text: emptied(dump.text) })),
      ...(gate ? [load(anew([GATE_TABLE]))] : []),
    ],
  };
}

/** The new tables leave only when all that was there before them is in force again. */
function toIptables({ tables, dumps, sets, gate }: MigrationRecord): HostOp {
  return {
    op: 'sequence',
    ops: [
      { op: 'sets.ensure', text: sets },
      ...(gate ? [load(GATE)] : []),
      ...dumps.map(replace),
      load(anew([...tables, ...(gate ? [GATE_TABLE] : [])])),
    ],
  };
}

/** The tables that iptables over nf_tables made for a dump. */
function nftTablesOf({ family, text }: Dump): string[] {
  return [...text.matchAll(/^\*(\S+)/gm)].map(([, name]) => `${family} ${name}`);
}

function replace(dump: Dump): HostOp {
  return { op: 'rules.replace', ...dump };
}

/** Tables that are not there, whether they were or not. */
function anew(tables: readonly string[]): string {
  return tables.map((name) => `table ${name}\ndelete table ${name}\n`).join('');
}

function load(text: string): HostOp {
  const unit: LoadUnit = { tool: 'nft', text, lines: [] };
  return { op: 'ruleset.load', unit };
}

/** Lets nothing pass, before anything else is asked: where asking both old and new rules could let too much pass. */
const GATE_TABLE = 'inet tsnet-gate';
const GATE = `table ${GATE_TABLE}
delete table ${GATE_TABLE}
table ${GATE_TABLE} {
	chain arriving {
		type filter hook prerouting priority -500; policy drop;
	}
	chain leaving {
		type filter hook output priority -500; policy drop;
	}
}
`;

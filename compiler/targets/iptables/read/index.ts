import { type Diagnostic, inOrder, type Outcome, settle } from '../../../../dsl/core/diagnostic';
import type { Source } from '../../../../dsl/core/source';
import type { Table } from '../../../../dsl/ruleset/tree';
import type { IpSet } from '../extensions/module';
import type { XtFamily } from '../tables';
import { DumpReader } from './dump';
import { readIpSets } from './ipset';
import { xtTextFamily, xtTextKind } from './kind';
import { usesOf } from './uses';

export { dumpFamily, type XtTextKind, xtTextFamily, xtTextKind } from './kind';

/**
 * All that several texts say: each table of each dump is one of nft's, its built-in chains at their hooks. What nftables
 * has no words for, and what could not be read, stands in the tables as `opaque` with the reason.
 */
export interface Dumps {
  readonly tables: readonly Table[];
  readonly families: ReadonlySet<XtFamily>;
  /** Errors for lines that cannot be read; warnings for what is lost (TN4001) and what is to be known (TN4002). */
  readonly diagnostics: readonly Diagnostic[];
}

export interface DumpInput {
  readonly source: Source;
  /** Of a text that does not tell. */
  readonly family?: XtFamily;
}

/** Reads what iptables-save, ip6tables-save, `iptables -S` and `ipset save` print, in any number and order. */
export function readDumps(inputs: readonly DumpInput[]): Dumps {
  const diagnostics: Diagnostic[] = [];
  const ipsets = new Map<string, IpSet>();
  for (const { source } of inputs) {
    if (xtTextKind(source.text) !== 'ipset') continue;
    for (const set of readIpSets(source, diagnostics)) ipsets.set(set.name, set);
  }
  const tables: Table[] = [];
  const families = new Set<XtFamily>();
  const known = inputs.map(({ source, family = xtTextFamily(source.text) }) => ({ source, family }));
  const uses = usesOf(known);
  for (const { source, family } of known) {
    const kind = xtTextKind(source.text);
    if (kind === 'ipset') continue;
    if (kind === 'listing' || kind === 'script' || kind === undefined) {
      diagnostics.push(unreadable(source, kind));
      continue;
    }
    const reader = new DumpReader(source, family, ipsets, uses);
    reader.read();
    families.add(family);
    tables.push(...reader.tables);
    diagnostics.push(...reader.diagnostics);
  }
  return { tables, families, diagnostics: inOrder(diagnostics) };
}

/** One dump of a known family; what nftables has no words for is part of it. */
export function readDump(source: Source, family: XtFamily): Outcome<readonly Table[]> {
  const reader = new DumpReader(source, family, new Map(), usesOf([{ source, family }]));
  reader.read();
  return settle(reader.diagnostics, () => reader.tables);
}

const WHY = {
  listing: {
    message: 'this is a listing of `iptables -L`, which hides interfaces, modules and more',
    hint: 'give what `iptables-save` (or `ip6tables-save`) prints',
  },
  script: {
    message: 'this is a script that runs iptables, not what iptables-save prints',
    hint: 'run it on a host (or in `unshare -n`), then give what `iptables-save` prints there',
  },
  unknown: {
    message: 'this is neither what iptables-save, `iptables -S` nor `ipset save` prints',
    hint: 'give what `iptables-save` (or `ip6tables-save`) prints',
  },
} as const;

function unreadable(source: Source, kind: 'listing' | 'script' | undefined): Diagnostic {
  const { message, hint } = WHY[kind ?? 'unknown'];
  const end = source.text.indexOf('\n');
  return {
    code: 'TN4003',
    severity: 'error',
    message,
    primary: { span: { source, start: 0, end: end < 0 ? source.text.length : end } },
    secondary: [],
    hint: { text: hint },
  };
}

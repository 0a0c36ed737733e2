import { type Diagnostic, inOrder, type Outcome, settle } from '../../../../dsl/core/diagnostic';
import type { Source } from '../../../../dsl/core/source';
import type { Table } from '../../../../dsl/ruleset/tree';
import type { Around, IpSet } from '../extensions/module';
import type { XtFamily } from '../tables';
import { DumpReader } from './dump';
import { readHosts } from './hosts';
import { readIpSets } from './ipset';
import { type XtTextKind, xtTextKind } from './kind';
import { sharingOf, together } from './sharing';
import { namesInUse } from './table-state';
import { usesOf } from './uses';

export { type XtTextKind, xtTextKind } from './kind';

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
  /** Known from elsewhere. */
  readonly family?: XtFamily;
  /** Where the text does not tell. */
  readonly otherwise?: XtFamily;
}

/**
 * Reads dumps, rules of `iptables -S`, scripts of calls, sets of `ipset save` and hosts' addresses, in
 * any number and order.
 */
export function readDumps(inputs: readonly DumpInput[]): Dumps {
  const diagnostics: Diagnostic[] = [];
  const ipsets = new Map<string, IpSet>();
  for (const { source } of inputs) {
    if (xtTextKind(source.text) !== 'ipset') continue;
    for (const set of readIpSets(source, diagnostics)) ipsets.set(set.name, set);
  }
  const hosts = readHosts(inputs.flatMap(({ source }) => (xtTextKind(source.text) === 'hosts' ? [source.text] : [])));
  const readers: DumpReader[] = [];
  for (const { source, ...known } of inputs) {
    const kind = xtTextKind(source.text);
    if (kind === 'ipset' || kind === 'hosts') continue;
    if (kind === 'nothing') {
      diagnostics.push(empty(source));
      continue;
    }
    const reader = new DumpReader(source, known, { ipsets, hosts });
    readers.push(reader);
    if (kind === 'dump' || kind === 'rules') reader.readDump();
    else if (kind === 'script') reader.readScript();
    else diagnostics.push(unreadable(source, kind));
  }
  const tables = tablesOf(readers);
  const families = new Set(readers.flatMap((reader) => [...reader.families]));
  diagnostics.push(...readers.flatMap((reader) => reader.diagnostics));
  return { tables, families, diagnostics: inOrder(diagnostics) };
}

/** One dump of a known family; what nftables has no words for is part of it. */
export function readDump(source: Source, family: XtFamily): Outcome<readonly Table[]> {
  const reader = new DumpReader(source, { family }, { ipsets: new Map(), hosts: new Map() });
  reader.readDump();
  const tables = tablesOf([reader]);
  return settle(reader.diagnostics, () => tables);
}

function tablesOf(readers: readonly DumpReader[]): readonly Table[] {
  const uses = usesOf(readers.flatMap((reader) => reader.rules()));
  const sharing = sharingOf(uses);
  const names = new Map<string, Around['nameFor']>();
  const nameFor = (table: string) => {
    const group = sharing.get(table);
    if (group === undefined) return namesInUse();
    const key = `${table.slice(0, table.indexOf(' '))} ${group}`;
    const known = names.get(key) ?? namesInUse();
    names.set(key, known);
    return known;
  };
  return together(
    readers.flatMap((reader) => reader.tables(uses, nameFor)),
    sharing,
  );
}

const WHY = {
  listing: {
    message: 'this is a listing of `iptables -L`, which hides interfaces, modules and more',
    hint: 'give what `iptables-save` (or `ip6tables-save`) prints',
  },
  nft: {
    message: 'this is a ruleset of nft already',
    hint: 'nothing is to be migrated; `tsnet prove` compares it with what iptables-save prints',
  },
  frames: {
    message: 'these are rules for frames, of ebtables or arptables',
    hint: 'give what `iptables-save` and `ip6tables-save` print',
  },
  unknown: {
    message:
      'this is neither what iptables-save, `iptables -S` nor `ipset save` prints, nor a script that calls iptables',
    hint: 'give what `iptables-save` (or `ip6tables-save`) prints',
  },
} as const;

/** A host may have no rules; a file may also be empty because what should have written it failed. */
function empty({ name }: Source): Diagnostic {
  return {
    code: 'TN4003',
    severity: 'warning',
    message: `there are no rules in ${name}`,
    secondary: [],
    hint: {
      text: 'iptables-save prints nothing as long as no table was used, and where it may not read them: is it run as root?',
    },
  };
}

function unreadable(
  source: Source,
  kind: Exclude<XtTextKind, 'nothing' | 'hosts' | 'dump' | 'rules' | 'ipset' | 'script'> | undefined,
): Diagnostic {
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

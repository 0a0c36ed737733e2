import { printNft, type Ruleset } from '../../compiler';
import { migrate } from '../../compiler/migrate';
import { readRulesetText } from '../../compiler/targets/nft/read/tables';
import { type Diagnostic, failure, type Outcome, success } from '../../dsl/core/diagnostic';
import type { Source } from '../../dsl/core/source';
import type { Table } from '../../dsl/ruleset/tree';
import type { XtVariant } from '../host/port';
import { type Dump, dumpName } from './dumps';
import type { LiveRules } from './live';

/** Rules of iptables in nft's words. */
export interface Translation {
  /** What there is, as the prover reads it: one ruleset for each kind of iptables. */
  readonly old: readonly OldTable[];
  readonly fresh: Ruleset;
  /** For `nft -f`: makes its tables anew, whether they are there or not. */
  readonly text: string;
  /** `ip migrated-filter` */
  readonly tables: readonly string[];
}

/** A table as it is, and which kind of iptables it is of. */
export interface OldTable {
  readonly variant: XtVariant;
  readonly table: Table;
}

const VARIANTS: readonly XtVariant[] = ['legacy', 'nf_tables'];

/** Fails where a rule cannot be read or would be lost: a host keeps the rules it has, or gets all of them. */
export function translate({ dumps, sets }: LiveRules): Outcome<Translation> {
  const diagnostics: Diagnostic[] = [];
  const old: OldTable[] = [];
  const fresh: Table[] = [];
  const several = new Set(dumps.map(({ variant }) => variant)).size > 1;
  for (const variant of VARIANTS) {
    const own = dumps.filter((dump) => dump.variant === variant);
    if (own.length === 0) continue;
    const saved = sets === '' ? [] : [{ name: 'ipset save', text: sets }];
    const prefix = several ? { prefix: `migrated-${variant === 'legacy' ? 'legacy' : 'nft'}-` } : {};
    const migration = migrate([...own.map(sourceOf), ...saved], prefix);
    diagnostics.push(...migration.diagnostics);
    old.push(...migration.read.filter(holds).map((table) => ({ variant, table })));
    fresh.push(...migration.ruleset.tables.filter(holds));
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) return failure(diagnostics);
  const style = { namedPriorities: true, width: WIDTH, withheld: () => undefined };
  const { text } = printNft({ tables: fresh }, () => undefined, style);
  const tables = fresh.map(({ family, name }) => `${family} ${name}`);
  return success({ old, fresh: { tables: readBack(text) }, text, tables }, diagnostics);
}

const WIDTH = 110;

/** Whether a table does anything. */
function holds({ chains }: Table): boolean {
  return chains.some(({ base, rules }) => rules.length > 0 || base?.policy === 'drop');
}

/** The text as nft will read it: all that lies between is part of a proof. */
function readBack(text: string): readonly Table[] {
  const source = { name: 'migrated', text };
  const again = readRulesetText(source);
  if (!again.ok) throw new Error(`the printed ruleset cannot be read: ${again.diagnostics[0].message}`);
  return again.value;
}

function sourceOf(dump: Dump): Source {
  return { name: dumpName(dump), text: dump.text };
}

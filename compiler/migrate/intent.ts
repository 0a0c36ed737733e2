import type { Span } from '../../dsl/core/source';
import type { Rule, Table } from '../../dsl/ruleset/tree';
import type { Compiled } from '../compile';
import type { Proof } from '../prove';
import { tableText } from '../targets/nft/print';
import { printTypeScript, type TypeScriptFile } from '../targets/typescript';
import { Notes, spansOf } from './account';
import { express } from './express';
import { type MigrateOptions, type Migration, rewritten, STYLE, withheld } from './index';
import { type Agreement, agreementWith, asRules, type Raised, raise } from './raise';
import type { Told } from './raise/document';
import { recognize } from './raise/recognize';
import { HEAD, remarksOn } from './raise/spelled';
import { planesOf, proofOf } from './verify';

export type { Agreement, Kept, Parts, Raised, Refusal } from './raise';

const print = (table: Table) => tableText(table, STYLE);

/** What a migration read as an intent; where nothing is recognised, its ruleset in `table` blocks. */
export function toIntent({ read, families, ruleset }: Migration, options: MigrateOptions = {}): Raised {
  const rewrite = (left: readonly Table[]) => {
    const expressed = left.map((table) => express(table, { hookNames: !options.literal }, () => undefined));
    return rewritten(expressed, left, options, families, new Notes()).tables;
  };
  return raise(read, { asRules: ruleset.tables, express: rewrite, print });
}

/** Its ruleset in `table` blocks, whatever could be recognised in it. */
export function toTables({ ruleset }: Migration): Raised {
  return asRules(ruleset.tables, { print });
}

/** A result in the typed DSL. */
export function toTypeScript({ parts, tables }: Raised): TypeScriptFile {
  const told = <T>(all: readonly Told<T>[]) => all.map((one) => ({ item: one.item, remarks: remarksOn(one) }));
  const { networks, containers, policies } = parts;
  return printTypeScript({ networks: told(networks), containers: told(containers), policies: told(policies) }, tables, {
    head: networks.length > 0 ? HEAD : [],
    withheld,
  });
}

/** Bridges and subnets of the networks that `toIntent` would look at. */
export function recognisable({ read }: Migration): readonly string[] {
  return [...recognize(read).networks.keys()];
}

/** What was found out of a result and the rules it was made of, for one family of packets. */
export type Verdict =
  | { readonly plane: 'ip' | 'ip6'; readonly result: 'equal' | 'equal but for promises' | 'too large' }
  | { readonly plane: 'ip' | 'ip6'; readonly result: 'different'; readonly difference: Proof['differences'][number] };

/** Compares what was read with a result that was compiled: all that lies between is part of the proof. */
export function proveResult(migration: Migration, raised: Raised, compiled: Compiled, cap: number): readonly Verdict[] {
  const planes = planesOf(migration.families) as readonly ('ip' | 'ip6')[];
  if (raised.parts.networks.length > 0) {
    const agreed = agreementWith(migration.read, compiled, new Set(raised.kept.map(({ network }) => network)));
    return planes.map((plane) => verdictOf(agreed, plane));
  }
  return proofOf(migration.read, compiled.ruleset.tables, migration.families, cap).map(
    ({ plane, comparison, differences: [difference] }): Verdict =>
      difference
        ? { plane: plane as 'ip', result: 'different', difference }
        : { plane: plane as 'ip', result: comparison.kind === 'equal' ? 'equal' : 'too large' },
  );
}

function verdictOf(agreed: Agreement, plane: 'ip' | 'ip6'): Verdict {
  if (agreed.kind === 'different' && agreed.plane === plane)
    return { plane, result: 'different', difference: agreed.difference };
  return { plane, result: agreed.kind === 'too large' ? 'too large' : 'equal but for promises' };
}

/** How much was recognised. */
export function tally(raised: Raised) {
  const { parts } = raised;
  return {
    networks: parts.networks.length,
    containers: parts.containers.length,
    publishes: parts.containers.flatMap(({ item }) => item.publish ?? []).length,
    policies: parts.policies.length,
    rulesKept: placesOf(rulesLeft(raised)).size,
  };
}

/** Rules of the tables that are left. */
export function rulesLeft({ tables }: Raised): readonly Rule[] {
  return tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules));
}

/** The places in the dumps that rules came from. */
export function placesOf(rules: readonly Rule[]): ReadonlySet<string> {
  return new Set(rules.flatMap(({ origin }) => spansOf(origin).map(placeOf)));
}

export function placeOf({ source, start }: Span): string {
  return `${start} ${source.name}`;
}

import { lowered, type Resolved, type Ruleset, resolveSources } from '../compiler';
import { PROVEN_PLANES, type ProvenPlane } from '../compiler/prove';
import { isDump } from '../compiler/targets/iptables/read/kind';
import { listingText } from '../compiler/targets/nft/read/json';
import { readRulesetText } from '../compiler/targets/nft/read/tables';
import { type Diagnostic, failure, type Outcome, success } from '../dsl/core/diagnostic';
import type { Source } from '../dsl/core/source';
import type { Table } from '../dsl/ruleset/tree';
import { includeFiles } from './includes';
import { type Input, readInput } from './input';

/** Rules of any kind, and the families of packets that they were given for. */
export interface Given {
  /** Those that stood there as rules. */
  readonly tables: readonly Table[];
  readonly families: ReadonlySet<ProvenPlane>;
  /** The intent that was given, if any. */
  readonly resolved?: Resolved;
}

/** Reads files of any kind: intents, what `nft list ruleset` prints (as JSON too), what iptables-save prints. */
export async function readRules(files: readonly string[]): Promise<Outcome<Given>> {
  const { sources, documents, diagnostics } = await readInput(files);
  return rulesOf(sources, documents, diagnostics);
}

/** The same from texts. */
export async function rulesOf(
  sources: readonly Source[],
  documents: Input['documents'],
  diagnostics: readonly Diagnostic[],
): Promise<Outcome<Given>> {
  const wrong: Diagnostic[] = [...diagnostics];
  const tables: Table[] = [];
  const families = new Set<ProvenPlane>();
  const intents: Source[] = [];
  for (const given of sources) {
    const listing = listingText(given);
    if (listing && !listing.ok) {
      wrong.push(...listing.diagnostics);
      continue;
    }
    const source = listing?.value ?? given;
    if (!listing && !source.name.endsWith('.tsnet') && isDump(source.text)) {
      const { readDumps } = await import('../compiler/targets/iptables/read');
      const dump = readDumps([{ source }]);
      wrong.push(...dump.diagnostics.filter(({ severity }) => severity === 'error'));
      tables.push(...dump.tables);
      for (const family of dump.families) families.add(family);
      continue;
    }
    if (!listing && !isNft(source)) {
      intents.push(source);
      continue;
    }
    const read = readRulesetText(source, includeFiles);
    if (!read.ok) wrong.push(...read.diagnostics);
    else tables.push(...read.value);
    addAll(families);
  }
  if (intents.length === 0 && documents.length === 0)
    return wrong.length > 0 ? failure(wrong) : success({ tables, families });
  const resolved = resolveSources(intents, { documents });
  if (!resolved.ok) return failure([...wrong, ...resolved.diagnostics]);
  if (wrong.length > 0) return failure(wrong);
  addAll(families);
  return success({ tables, families, resolved: resolved.value });
}

/** All of them as one ruleset. */
export function rulesetOf({ tables, resolved }: Given): Ruleset {
  return { tables: resolved ? [...lowered(resolved).ruleset.tables, ...tables] : tables };
}

/** What begins a file for `nft -f`, and never an intent. */
const COMMANDS =
  /^[ \t]*(flush[ \t]+ruleset|include[ \t]|(re|un)define[ \t]|(add|create|insert|delete|destroy|flush)[ \t]+(table|chain|rule|set|map|element|counter|quota|limit|ct)[ \t])/m;

function isNft({ name, text }: Source): boolean {
  if (name.endsWith('.nft') || /^#!.*\bnft\b/.test(text)) return true;
  if (name.endsWith('.tsnet') || name.endsWith('.json')) return false;
  return COMMANDS.test(text) || (/^[ \t]*table[ \t]/m.test(text) && !INTENT.test(text));
}

const INTENT = /^[ \t]*(network|container|allow|deny|expect|define)[ \t]/m;

function addAll(families: Set<ProvenPlane>): void {
  for (const plane of PROVEN_PLANES) families.add(plane);
}

import { lowered, type Resolved, type Ruleset, resolveSources } from '../compiler';
import { PROVEN_PLANES, type ProvenPlane } from '../compiler/prove';
import { xtTextKind } from '../compiler/targets/iptables/read/kind';
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

/** Reads files of any kind: intents, what `nft list ruleset` prints (as JSON too), and all that `migrate` reads. */
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
  const ofIptables: Source[] = [];
  for (const given of sources) {
    const listing = listingText(given);
    if (listing && !listing.ok) {
      wrong.push(...listing.diagnostics);
      continue;
    }
    const source = listing?.value ?? given;
    if (!listing && isOfIptables(source)) {
      ofIptables.push(source);
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
  if (ofIptables.length > 0) {
    const { readDumps } = await import('../compiler/targets/iptables/read');
    const dumps = readDumps(ofIptables.map((source) => ({ source })));
    wrong.push(...dumps.diagnostics.filter(({ severity }) => severity === 'error'));
    tables.push(...dumps.tables);
    for (const family of dumps.families) families.add(family);
  }
  const empty = intents.filter(({ text }) => text.trim() === '').map(noRules);
  if (intents.length === 0 && documents.length === 0)
    return wrong.length > 0 ? failure(wrong) : success({ tables, families });
  const resolved = resolveSources(intents, { documents });
  if (!resolved.ok) return failure([...wrong, ...resolved.diagnostics]);
  if (wrong.length > 0) return failure(wrong);
  addAll(families);
  return success({ tables, families, resolved: resolved.value }, empty);
}

/** All of them as one ruleset. */
export function rulesetOf({ tables, resolved }: Given): Ruleset {
  return { tables: resolved ? [...lowered(resolved).ruleset.tables, ...tables] : tables };
}

/** An intent may say nothing; a file may also be empty because what should have written it failed. */
function noRules(source: Source): Diagnostic {
  return {
    code: 'TN4003',
    severity: 'warning',
    message: `there are no rules in ${source.name}`,
    secondary: [],
    hint: {
      text: 'iptables-save and `nft list ruleset` print nothing where there are no rules, and where they may not read them: were they run as root?',
    },
  };
}

/** What `migrate` reads, and what it knows that it cannot. */
function isOfIptables({ name, text }: Source): boolean {
  if (/\.(tsnet|nft|json)$/.test(name)) return false;
  const kind = xtTextKind(text);
  return kind !== undefined && kind !== 'nothing' && kind !== 'nft';
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

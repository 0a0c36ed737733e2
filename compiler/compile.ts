import { isLoopback } from '../dsl/core/address';
import { assertNever } from '../dsl/core/brand';
import type { DiagnosticCode } from '../dsl/core/codes';
import {
  type Diagnostic,
  failure,
  inOrder,
  type Label,
  type Outcome,
  type Path,
  settle,
  success,
} from '../dsl/core/diagnostic';
import type { Origin } from '../dsl/core/origin';
import { positionOf, type Source, type Span } from '../dsl/core/source';
import { check } from '../dsl/intent/checks';
import { type LocatedProblem, problemAt } from '../dsl/intent/located-problem';
import type { Intent, IntentDocument } from '../dsl/intent/model';
import { NO_LEASES, NOTHING_TAKEN, resolve } from '../dsl/intent/resolve';
import type { Leases, Taken, Topology } from '../dsl/intent/topology';
import type { Ruleset, Table } from '../dsl/ruleset/tree';
import { type NamedDocument, type Read, read } from './frontend';
import { diagnostic } from './frontend/schema-problems';
import { spellStatement } from './frontend/spell';
import { lower } from './lower';
import { legalize } from './targets/iptables/legalize';
import { printRestore, printSets } from './targets/iptables/print';
import { PREFIX } from './targets/iptables/swap';
import type { XtFamily, XtRuleset } from './targets/iptables/tables';
import { type Explain, joined, type LoadUnit } from './targets/load-unit';
import { elementText } from './targets/nft/notation';
import { printNft } from './targets/nft/print';
import { readTables } from './targets/nft/read/tables';

/** An intent that was checked, with all that it leaves to choose chosen. */
export interface Resolved {
  readonly intent: Intent;
  /** What was read: a document that gives the same intent again. */
  document(): ReturnType<Read['document']>;
  readonly topology: Topology;
  /** What was chosen where the intent left a choice; given to the next compilation, the choices stay. */
  readonly leases: ReturnType<typeof resolve>['leases'];
  /** The tables of rules in it. */
  readonly tables: readonly Table[];
  /** Where a part of the intent stands in the input. */
  locate(path: Path): Label;
}

/** An intent with all that follows from it. */
export interface Compiled extends Resolved {
  readonly ruleset: Ruleset;
}

export interface CompileOptions {
  readonly leases?: Leases;
  /** Where not all containers are told of. */
  readonly taken?: Taken;
  /** Parts of the intent that need no reading. */
  readonly documents?: readonly NamedDocument[];
  /** Whether the document of what is compiled will be asked for: it is kept then, and not read again. */
  readonly keep?: boolean;
}

export const TARGETS = ['nft', 'iptables', 'ip6tables', 'ipset'] as const;
export type TargetName = (typeof TARGETS)[number];

/** From texts of the language, or JSON, to a ruleset; or everything that is wrong with them. Pure and deterministic. */
export function compile(sources: readonly Source[], options?: CompileOptions): Outcome<Compiled> {
  return settled(resolveSources(sources, options));
}

/** The same from an intent that is read already. */
export function compileIntent(read: Read, options?: CompileOptions): Outcome<Compiled> {
  return settled(resolveIntent(read, options));
}

function settled(outcome: Outcome<Resolved>): Outcome<Compiled> {
  return outcome.ok ? success(lowered(outcome.value)) : outcome;
}

/** With its rules made. */
export function lowered(resolved: Resolved): Compiled {
  return { ...resolved, ruleset: lower(resolved.topology, resolved.tables) };
}

/**
 * The rules as they are to packets that meet something of these containers alone: the elements of others are left out. Where
 * there are rules of the user's, which may lead a packet anywhere, nothing is.
 */
export function rulesAbout(names: ReadonlySet<string>, { topology, tables }: Resolved): Ruleset {
  if (tables.length > 0) return lower(topology, tables);
  return lower(
    topology,
    tables,
    topology.containers.filter(({ name }) => names.has(name)),
  );
}

/** As far as everything that can be wrong goes; the rules are left to make. */
export function resolveSources(sources: readonly Source[], options: CompileOptions = {}): Outcome<Resolved> {
  const result = read(sources, options.documents, options);
  if (result.ok) return resolveIntent(result.value, options);
  const others = examine(result.rest).diagnostics.filter(({ code }) => !MISSING_NAMES.includes(code));
  return failure(inOrder([...result.diagnostics, ...others]));
}

/** Not said of a rest: what could not be read may be what is missing. */
const MISSING_NAMES: readonly DiagnosticCode[] = ['TN2102', 'TN3102'];

function resolveIntent(
  read: Read,
  { leases = NO_LEASES, taken = NOTHING_TAKEN }: CompileOptions = {},
): Outcome<Resolved> {
  const { intent, document, locate } = read;
  const { tables, diagnostics } = examine(read);
  if (diagnostics.length > 0) return failure(inOrder(diagnostics));
  const { topology, leases: chosen, problems } = resolve(intent, leases, taken);
  const beyond = [...problems, ...beyondTheKernel(topology)];
  if (beyond.length > 0) return failure(inOrder(located(beyond, locate)));
  return success({ intent, document, topology, leases: chosen, tables, locate });
}

export interface PrintOptions {
  /** Says in comments which line of the input each line came from. */
  readonly explain?: boolean;
  /** For iptables: sets stay sets, printed before the rules that look into them. */
  readonly ipset?: boolean;
}

/** The text of a target. */
export function print(compiled: Compiled, target: TargetName, options: PrintOptions = {}): Outcome<LoadUnit> {
  const explain = explanation(compiled, options);
  switch (target) {
    case 'nft':
      return success(printNft(compiled.ruleset, explain));
    case 'iptables':
    case 'ip6tables': {
      const family = target === 'iptables' ? 'ip' : 'ip6';
      const outcome = toIptables(compiled, family, { prefix: PREFIX, gates: false, ipset: options.ipset === true });
      if (!outcome.ok) return outcome;
      const rules = printRestore(outcome.value, explain);
      return success(options.ipset ? joined(printSets(outcome.value.sets), rules) : rules);
    }
    case 'ipset': {
      const families = (['ip', 'ip6'] as const).map((family) =>
        toIptables(compiled, family, { prefix: PREFIX, gates: false, ipset: true }),
      );
      const sets = families.flatMap((outcome) => (outcome.ok ? outcome.value.sets : []));
      const wrong = families.flatMap((outcome) => (outcome.ok ? [] : outcome.diagnostics));
      return settle(wrong, () => printSets(sets));
    }
    default:
      return assertNever(target);
  }
}

function explanation(compiled: Compiled, { explain }: PrintOptions): Explain {
  return explain ? (origin) => describeOrigin(origin, compiled.locate) : () => undefined;
}

/**
 * One family's chains. iptables sees no frames: what the table for bridges does, the runtime has the ports themselves do,
 * and a table for bridges that the intent brings is refused.
 */
export function toIptables(
  { ruleset: { tables }, locate }: Compiled,
  family: XtFamily,
  options: { readonly prefix: string; readonly gates: boolean; readonly ipset: boolean },
): Outcome<XtRuleset> {
  const packets = tables.filter((table) => table.family !== 'bridge' || table.origin.kind !== 'program');
  const { ruleset, problems } = legalize(packets, { family, ...options });
  return settle(
    problems.map(({ origin, what }) => notInIptables(what, labelOf(origin, locate))),
    () => ruleset,
  );
}

/** The place in the input that a node of the ruleset came from. */
export function labelOf(origin: Origin, locate: (path: Path) => Label): Label | undefined {
  switch (origin.kind) {
    case 'intent':
      return locate(origin.path);
    case 'source':
      return { span: origin.span };
    case 'program':
      return undefined;
    case 'merged':
      return origin.of.map((one) => labelOf(one, locate)).find((label) => label !== undefined);
    default:
      return assertNever(origin);
  }
}

/** As many letters of a statement as fit beside a rule. */
const SHORT = 60;
/** As many as stand on a line of their own: a rule of iptables says what it does at its end. */
const LONG = 200;

/** `shop.tsnet:12 publish 8080:80`, for a comment; undefined for the program's own rules. */
export function describeOrigin(
  origin: Origin,
  locate: (path: Path) => Label,
  { alone = false }: { readonly alone?: boolean } = {},
): string | undefined {
  const label = labelOf(origin, locate);
  if (!label?.span) return label?.where;
  const { source, start, end } = label.span;
  const text = `${wordsBefore(source.text, start)}${source.text.slice(start, end).split('\n', 1)[0]}`;
  const most = alone ? LONG : SHORT;
  const words = text.length > most ? `${text.slice(0, most)}...` : text;
  return `${source.name}:${positionOf(source, start).line} ${words}`.replace(/[\u0000-\u001f\u007f]/g, ' ');
}

/** The words of a statement that stand before the part which is meant, on a line of any length: `publish ` before `8080:80`. */
function wordsBefore(text: string, start: number): string {
  const before = text.slice(Math.max(0, start - LONG), start);
  const [, words = ''] = /(?:^|[;{])[ \t]*((?:[\w.-]+[ \t]+)+)$/.exec(before.slice(before.lastIndexOf('\n') + 1)) ?? [];
  return words;
}

/** The same for an intent that was not read from a file: the statement itself. */
export function spellApplied({ document }: Resolved, path: Path): string | undefined {
  return spellStatement(document() as IntentDocument, path);
}

/** The parts of the intent that elements of the program's sets came from, by set and element as an `ElementChange` has them. */
export function elementOrigins({ ruleset }: Compiled): ReadonlyMap<string, Origin> {
  return new Map(
    ruleset.tables
      .filter(({ origin }) => origin.kind === 'program')
      .flatMap(({ family, name, sets }) =>
        sets.flatMap((set) =>
          set.elements.map((element): [string, Origin] => [
            `${family} ${name} ${set.name} ${elementText(element)}`,
            element.origin,
          ]),
        ),
      ),
  );
}

/** What is wrong with an intent, and the tables of rules in it. */
function examine({ intent, locate }: Read): { tables: readonly Table[]; diagnostics: readonly Diagnostic[] } {
  const tables = readIntentTables(intent, locate);
  const wrong = located(check(intent), locate);
  if (tables.ok) return { tables: tables.value, diagnostics: wrong };
  return { tables: [], diagnostics: [...wrong, ...tables.diagnostics] };
}

function located(problems: readonly LocatedProblem[], locate: (path: Path) => Label): Diagnostic[] {
  return problems.map(({ problem, path, related }) =>
    diagnostic(
      problem,
      locate(path),
      related.map((place) => ({ ...locate(place.path), text: place.text })),
    ),
  );
}

function beyondTheKernel({ containers }: Topology): LocatedProblem[] {
  return containers
    .flatMap(({ publishes }) => publishes)
    .filter(({ hostAddress }) => hostAddress?.family === 6 && isLoopback(hostAddress))
    .map(({ path }) =>
      problemAt(path, 'TN3002', 'the kernel has no NAT path for the IPv6 loopback address', {
        hint: 'publish on 127.0.0.1, or on every address: `localhost` finds both',
      }),
    );
}

/** The intent's own tables, read where they stand. */
function readIntentTables({ tables, defines }: Intent, locate: (path: Path) => Label): Outcome<readonly Table[]> {
  const prefixes = new Map(defines.map(({ name, prefixes: all }) => [name as string, all]));
  const outcomes = tables.map((text, index) => {
    return readTables(spanOf(text, locate(['tables', index])), prefixes);
  });
  const wrong = outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.diagnostics));
  if (wrong.length > 0) return failure(wrong);
  const read = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : []));
  return settle(twice(read), () => read);
}

/** Where a table stands in its file; one that was made by a program stands alone, named by the place that made it. */
function spanOf(text: string, { span, where = 'tables' }: Label): Span {
  if (span && span.source.text.slice(span.start, span.end) === text) return span;
  const name = span ? `${span.source.name}:${positionOf(span.source, span.start).line}` : where;
  return { source: { name, text }, start: 0, end: text.length };
}

function twice(tables: readonly Table[]): Diagnostic[] {
  return tables.flatMap((table, index): Diagnostic[] => {
    const first = tables.find((other) => other.family === table.family && other.name === table.name);
    if (!first || tables.indexOf(first) === index) return [];
    const label = ({ origin }: Table) => (origin.kind === 'source' ? { span: origin.span } : {});
    return [
      {
        code: 'TN3105',
        severity: 'error',
        message: `there are two tables ${table.family} ${table.name}`,
        primary: label(table),
        secondary: [{ ...label(first), text: 'the first' }],
      },
    ];
  });
}

function notInIptables(what: string, label: Label | undefined): Diagnostic {
  return {
    code: 'TN3003',
    severity: 'error',
    message: `iptables has no word for ${what}`,
    ...(label ? { primary: label } : {}),
    secondary: [],
  };
}

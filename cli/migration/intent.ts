import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Compiled, compile } from '../../compiler';
import type { Migration } from '../../compiler/migrate';
import {
  type Kept,
  placeOf,
  placesOf,
  proveResult,
  type Raised,
  recognisable,
  rulesLeft,
  tally,
  toIntent,
  toTables,
  toTypeScript,
  type Verdict,
} from '../../compiler/migrate/intent';
import type { Described } from '../../compiler/prove';
import type { Outcome } from '../../dsl/core/diagnostic';
import type { Source } from '../../dsl/core/source';
import type { Flags } from '../command';
import { proofText } from '../proof';
import type { Form } from './form';
import { CAP, differenceJson, fateJson, type Result, sideText } from './result';

/** A migration in a notation of this program's own; `name` is what its sides are called by in a proof. */
export async function intentResult(migration: Migration, form: Form, flags: Flags, name: string): Promise<Result> {
  const raised =
    form.content === 'intent' ? toIntent(migration, { literal: flags.has('literal') }) : toTables(migration);
  const text = textOf(raised, form);
  const verdicts = flags.has('prove') ? proveResult(migration, raised, await compiledText(text, form), CAP) : [];
  return {
    text,
    proof: verdicts.map((verdict) => verdictText(verdict, name)).join(''),
    proven: verdicts.every(({ result }) => result.startsWith('equal')),
    refuted: verdicts.some(({ result }) => result === 'different'),
    remarks: form.content === 'intent' ? remarksOn(raised, name) : hintsOn(migration),
    json: {
      intent: text,
      recognised: tally(raised),
      guessed: raised.guesses,
      kept: raised.kept.map(keptJson),
      proof: verdicts.map((verdict) => ({
        plane: verdict.plane,
        result: verdict.result,
        differences: verdict.result === 'different' ? [differenceJson(verdict.difference)] : [],
      })),
    },
    entryJson: fatesIn(raised),
  };
}

function textOf(raised: Raised, { notation }: Form): string {
  switch (notation) {
    case 'ts':
      return toTypeScript(raised).text;
    case 'json':
      return `${JSON.stringify(raised.document, null, 2)}\n`;
    default:
      return raised.text;
  }
}

/** What became of a rule: a part of the intent, a rule that is left, or nothing. */
function fatesIn(raised: Raised): Result['entryJson'] {
  const [known, left] = [placesOf([...raised.known]), placesOf(rulesLeft(raised))];
  return (entry) => {
    const place = placeOf(entry.span);
    const became = known.has(place) ? 'intent' : left.has(place) || entry.became === 'lost' ? entry.became : 'nothing';
    return { ...fateJson(entry), became };
  };
}

/** What is printed, read back. */
async function compiledText(text: string, { notation }: Form): Promise<Compiled> {
  const source = { name: `migrated.${notation}`, text };
  const compiled = notation === 'ts' ? await compiledTypeScript(source) : compile([source]);
  if (!compiled.ok) throw new Error(`what was printed does not compile: ${compiled.diagnostics[0].message}`);
  return compiled.value;
}

/** TypeScript is loaded from a file. */
async function compiledTypeScript(source: Source): Promise<Outcome<Compiled>> {
  const { loadTypeScript } = await import('../typescript');
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-'));
  try {
    const file = join(folder, source.name);
    writeFileSync(file, source.text);
    const loaded = loadTypeScript(file, source);
    return loaded.ok ? compile([], { documents: [loaded.value] }) : loaded;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FAMILIES = { ip: 'IPv4', ip6: 'IPv6' } as const;

function verdictText(verdict: Verdict, name: string): string {
  const family = FAMILIES[verdict.plane];
  switch (verdict.result) {
    case 'equal':
      return `${family}: equal for every packet\n`;
    case 'equal but for promises':
      return `${family}: equal for every packet, but for what networks of tsnet promise (docs/migration.md)\n`;
    case 'too large':
      return `${family}: not proven: too many decisions would have to be told apart\n`;
    case 'different':
      return differenceText(verdict.plane, verdict.difference, name);
  }
}

function differenceText(plane: 'ip' | 'ip6', difference: Described, name: string): string {
  const comparison = { kind: 'different', nodes: 0, differences: [] } as const;
  return proofText({ plane, comparison, differences: [difference] }, ['the rules', name], sideText, false);
}

function count(size: number, one: string, many = `${one}s`): string {
  return `${size} ${size === 1 ? one : many}`;
}

function remarksOn(raised: Raised, name: string): string[] {
  const { networks, containers, publishes, policies, rulesKept } = tally(raised);
  const found = [
    count(networks, 'network'),
    count(containers, 'container'),
    count(publishes, 'publish', 'publishes'),
    ...(policies > 0 ? [count(policies, 'policy', 'policies')] : []),
  ].join(', ');
  return [
    `${networks === 0 ? 'no network is raised' : found}; ${count(rulesKept, 'rule kept as it is', 'rules kept as they are')}`,
    ...raised.guesses.map((what) => `${what}: not in the rules, taken from addresses: check it`),
    ...raised.kept.map((one) => keptText(one, name)),
  ];
}

function keptText({ network, why }: Kept, name: string): string {
  const stays = `network ${network} stays in rules`;
  switch (why.kind) {
    case 'no subnet':
      return `${stays}: none of them tells its subnet`;
    case 'does not compile':
      return `${stays}: ${why.message}`;
    case 'too large':
      return `${stays}: too many decisions would have to be told apart to prove it`;
    case 'different': {
      const text = differenceText(why.plane, why.difference, name).trimEnd();
      return `${stays}: raised, it would not do what they do\n${text.replace(/^/gm, '  ')}`;
    }
  }
}

function keptJson({ network, why }: Kept): object {
  if (why.kind !== 'different') return { network, why: why.kind };
  return { network, why: why.kind, plane: why.plane, difference: differenceJson(why.difference) };
}

function hintsOn(migration: Migration): string[] {
  const networks = recognisable(migration);
  return networks.length === 0 ? [] : [`--to intent makes networks of what rules say of ${networks.join(', ')}`];
}

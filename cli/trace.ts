import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutFor, type Resolved, type Ruleset } from '../compiler';
import type { Explanation, Sendable } from '../compiler/why';
import { type HostFault, type Result, runOnThrowawayHost, type Traced, type TracedRule } from '../runtime';
import type { Input } from './input';
import { encodeRequest } from './lab/request';

/** A rule of a packet's way, and who says that it was met. */
export interface Step {
  readonly by: 'both' | 'rules' | 'kernel';
  readonly chain: string;
  readonly index: number | null;
  readonly rule: string;
  /** What the kernel says came of it. */
  readonly verdict: string | null;
}

/** The program that is started on the throwaway host, to do the rest. */
const INSIDE = join(__dirname, 'lab', 'inside.js');

/** Sends a packet on a throwaway host with the network up, and gives the rules that the kernel says it met. */
export async function trace(
  { topology }: Resolved,
  probe: Sendable,
  input: Pick<Input, 'sources' | 'documents'>,
  json: boolean,
): Promise<Result<Traced, HostFault> | number> {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-why-'));
  const file = join(folder, 'trace.json');
  try {
    const request = encodeRequest({
      input,
      layout: layoutFor(topology),
      target: 'nft',
      ipset: undefined,
      servers: true,
      run: undefined,
      json,
      trace: { probe, file },
    });
    const result = await runOnThrowawayHost([process.execPath, INSIDE], {
      stdio: ['ignore', 'inherit', 'inherit', request],
    });
    if (!result.ok) return result;
    if (result.value !== 0) return result.value;
    return { ok: true, value: JSON.parse(readFileSync(file, 'utf8')) as Traced };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A translation of the other family's packets lets this one go on, and the kernel says so (nft_nat_inet_eval); nothing is
 * told of it.
 */
function isOfOthers({ chain, index }: TracedRule, { tables }: Ruleset, family: 'ip' | 'ip6'): boolean {
  const found = tables.flatMap((table) =>
    table.chains.filter((one) => chain === `${table.family} ${table.name} ${one.name}`),
  );
  const { statements = [] } = found[0]?.rules[index ?? -1] ?? {};
  return statements.some((one) => 'family' in one && one.family !== undefined && one.family !== family);
}

/** Both ways beside each other: what the rules say and what the kernel did. */
export function beside(
  { path }: Explanation,
  all: readonly TracedRule[],
  ruleset: Ruleset,
  family: 'ip' | 'ip6',
): readonly Step[] {
  const traced = all.filter((one) => !isOfOthers(one, ruleset, family));
  const told = path.flatMap(({ rules }) => rules);
  const same = (one: { chain: string; index: number | null }, other: typeof one | undefined) =>
    one.chain === other?.chain && one.index === other.index;
  const steps: Step[] = [];
  let at = 0;
  for (const one of traced) {
    const { chain, index, rule, verdict } = one;
    const next = told.findIndex((other, place) => place >= at && same(one, other));
    if (next < 0) {
      steps.push({ by: 'kernel', chain, index, rule, verdict });
      continue;
    }
    steps.push(...told.slice(at, next).map(missed), { by: 'both', chain, index, rule, verdict });
    at = next + 1;
  }
  return [...steps, ...told.slice(at).map(missed)];
}

function missed({ chain, index, rule }: { chain: string; index: number | null; rule: string }): Step {
  return { by: 'rules', chain, index, rule, verdict: null };
}

const SIGNS = { both: '=', rules: '<', kernel: '>' } as const;

function summaryOf(steps: readonly Step[]): string {
  if (steps.length === 0) return 'no rule of nft is met: the kernel and the rules agree';
  if (steps.every(({ by }) => by === 'both')) return `the kernel and the rules agree on ${steps.length} rules`;
  if (steps.every(({ by }) => by === 'rules'))
    return 'no such packet came to the kernel: its sender may not get so far, as where neighbour discovery is dropped';
  return 'the kernel and the rules do not agree: < is met by the rules alone, > by the kernel alone';
}

export function traceText(steps: readonly Step[]): string {
  const width = Math.max(0, ...steps.map(({ chain }) => chain.length));
  const lines = steps.map(
    ({ by, chain, rule, verdict }) =>
      `  ${SIGNS[by]} ${chain.padEnd(width)}  ${rule}${verdict === null || rule.endsWith(verdict) ? '' : `  (${verdict})`}`,
  );
  return `${['a real packet, as `nft monitor trace` tells its way', ...lines, summaryOf(steps)].join('\n')}\n`;
}

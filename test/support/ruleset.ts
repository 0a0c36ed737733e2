import { printNft } from '../../compiler/targets/nft/print';
import { readTables } from '../../compiler/targets/nft/read/tables';
import type { Outcome } from '../../dsl/core/diagnostic';
import { renderDiagnostics } from '../../dsl/core/render';
import type { Table } from '../../dsl/ruleset/tree';
import { execute } from './lab';

export function readText(text: string): Outcome<readonly Table[]> {
  return readTables({ source: { name: 'rules.nft', text }, start: 0, end: text.length }, new Map());
}

/** Reads a text and prints it again; what is wrong with it is an error with the diagnostics. */
export function readAndPrint(text: string): string {
  const outcome = readText(text);
  if (!outcome.ok) throw new Error(renderDiagnostics(outcome.diagnostics, { color: false }));
  return printNft({ tables: outcome.value }).text;
}

/** What the kernel makes of a ruleset: its listing as text, and as JSON without handles. */
export function listed(text: string): { text: string; json: unknown } {
  const script = ['-c', 'nft -f - && nft list ruleset && printf "\\0" && nft -j list ruleset'];
  const { code, stdout, stderr } = execute('unshare', ['--net', 'sh', ...script], text);
  if (code !== 0) throw new Error(stderr);
  const [listing = '', json = ''] = stdout.split('\0');
  return { text: listing, json: withoutHandles(JSON.parse(json)) };
}

/** Which of some one-line rulesets the kernel takes. */
export function taken(lines: readonly string[]): boolean[] {
  const each =
    'while IFS= read -r line; do printf "%s\\n" "$line" | nft -f - && echo yes || echo no; nft flush ruleset; done';
  const { stdout } = execute('unshare', ['--net', 'sh', '-c', each], `${lines.join('\n')}\n`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((answer) => answer === 'yes');
}

function withoutHandles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHandles);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'handle' && key !== 'expires');
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutHandles(one)]));
}

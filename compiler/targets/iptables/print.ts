import type { Origin } from '../../../dsl/core/origin';
import type { XtRuleset, XtTable } from './tables';

export interface PrintedRestore {
  readonly text: string;
  /** The origin of each line. */
  readonly lines: readonly (Origin | undefined)[];
}

/**
 * A restore file for `iptables-restore --noflush`: our chains are made or emptied, everything else stays. Each built-in
 * chain gets one rule that leads to ours, first in the chain.
 */
export function printRestore({ tables }: XtRuleset, explain: (origin: Origin) => string | undefined): PrintedRestore {
  const lines: string[] = [];
  const origins: (Origin | undefined)[] = [];
  const push = (line: string, origin?: Origin) => {
    lines.push(line);
    origins.push(origin);
  };
  for (const table of tables) printTable(table, push, explain);
  return { text: lines.map((line) => `${line}\n`).join(''), lines: origins };
}

function printTable(
  { name, chains, hooks }: XtTable,
  push: (line: string, origin?: Origin) => void,
  explain: (origin: Origin) => string | undefined,
): void {
  push(`*${name}`);
  for (const chain of chains) push(`:${chain.name} - [0:0]`);
  for (const [builtin, targets] of hooks)
    for (const [index, target] of targets.entries()) push(`-I ${builtin} ${index + 1} -j ${target}`);
  let explained: string | undefined;
  for (const chain of chains)
    for (const { matches, target, origin } of chain.rules) {
      const note = explain(origin);
      if (note !== undefined && note !== explained) push(`# ${note}`);
      explained = note;
      push(['-A', chain.name, ...matches, ...target].map(word).join(' '), origin);
    }
  push('COMMIT');
}

/** iptables-restore splits at white space outside double quotes; inside them a backslash escapes. */
function word(text: string): string {
  return /^[^\s"'\\#]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

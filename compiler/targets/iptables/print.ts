import { type Explain, LineWriter, type LoadUnit } from '../load-unit';
import type { XtRuleset, XtTable } from './tables';

/**
 * A restore file for `iptables-restore --noflush`: our chains are made or emptied, everything else stays. Each built-in
 * chain gets one rule that leads to ours, first in the chain.
 */
export function printRestore({ family, tables }: XtRuleset, explain: Explain = () => undefined): LoadUnit {
  const writer = new LineWriter();
  for (const table of tables) printTable(table, writer, explain);
  return writer.finish(family === 'ip' ? 'iptables-restore' : 'ip6tables-restore');
}

function printTable({ name, chains, hooks }: XtTable, writer: LineWriter, explain: Explain): void {
  writer.push(`*${name}`);
  for (const chain of chains) writer.push(`:${chain.name} - [0:0]`);
  for (const [builtin, targets] of hooks)
    for (const [index, target] of targets.entries()) writer.push(`-I ${builtin} ${index + 1} -j ${target}`);
  let explained: string | undefined;
  for (const chain of chains)
    for (const { matches, target, origin } of chain.rules) {
      const note = explain(origin);
      if (note !== undefined && note !== explained) writer.push(`# ${note}`);
      explained = note;
      writer.push(['-A', chain.name, ...matches, ...target].map(word).join(' '), origin);
    }
  writer.push('COMMIT');
}

/** iptables-restore splits at white space outside double quotes; inside them a backslash escapes. */
function word(text: string): string {
  return /^[^\s"'\\#]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

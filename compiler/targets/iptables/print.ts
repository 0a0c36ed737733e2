import { type Explain, LineWriter, type LoadUnit } from '../load-unit';
import { ROOM } from './ipsets';
import type { XtChain, XtFamily, XtHook, XtRuleset, XtSet } from './tables';

export const RESTORE = { ip: 'iptables-restore', ip6: 'ip6tables-restore' } as const satisfies Record<
  XtFamily,
  LoadUnit['tool']
>;

/**
 * A restore file for `iptables-restore --noflush`: our chains are made or emptied, everything else stays. Each built-in
 * chain gets one rule that leads to ours, first in the chain.
 */
export function printRestore({ family, tables }: XtRuleset, explain: Explain = () => undefined): LoadUnit {
  const writer = new LineWriter();
  for (const { name, chains, hooks } of tables) {
    writer.push(`*${name}`);
    for (const chain of chains) writer.push(declaration(chain.name));
    for (const { builtin, entries } of hooks)
      for (const [index, entry] of entries.entries()) writer.push(`-I ${builtin} ${index + 1} -j ${entry}`);
    writeRules(chains, writer, explain);
    writer.push('COMMIT');
  }
  return writer.finish(RESTORE[family]);
}

/** Makes a user's chain, or empties it. */
export function declaration(chain: string): string {
  return `:${chain} - [0:0]`;
}

export function writeRules(chains: readonly XtChain[], writer: LineWriter, explain: Explain): void {
  let explained: string | undefined;
  for (const chain of chains)
    for (const { matches, target, origin } of chain.rules) {
      const note = explain(origin);
      if (note !== undefined && note !== explained) writer.push(`# ${note}`);
      explained = note;
      writer.push(['-A', chain.name, ...matches, ...target].map(word).join(' '), origin);
    }
}

/** What each hook's own chain holds: jumps to the entries, one after the other. */
export function entryRules(chain: string, { entries }: Pick<XtHook, 'entries'>): string[] {
  return entries.map((entry) => `-A ${chain} -j ${entry}`);
}

/** Text for `ipset restore`: sets are made when they are not there, and filled anew. */
export function printSets(sets: readonly XtSet[]): LoadUnit {
  const writer = new LineWriter();
  for (const { name, type, family, members } of sets) {
    const room = members.length >= ROOM ? ` maxelem ${2 * members.length}` : '';
    writer.push(`create ${name} ${type} family ${family === 'ip' ? 'inet' : 'inet6'}${room} -exist`);
    writer.push(`flush ${name}`);
    for (const member of members) writer.push(`add ${name} ${member} -exist`);
  }
  return writer.finish('ipset');
}

/** iptables-restore splits at white space outside double quotes; inside them a backslash escapes. */
function word(text: string): string {
  return /^[^\s"'\\#]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

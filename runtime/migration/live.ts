import type { XtFamily } from '../../compiler';
import { done, type HostFault, type Result, refused } from '../host/fault';
import type { Host, XtVariant } from '../host/port';
import { type Dump, isIdle, isIdleDump, setsNamed, setsOf, tablesOfDump, withoutTables } from './dumps';

/** What iptables holds on a host, of both kinds, and the sets of ipset that its rules name. */
export interface LiveRules {
  /** Those that hold anything. */
  readonly dumps: readonly Dump[];
  readonly sets: string;
  /** Tables of nft that have a name of iptables', and are not iptables': `ip filter`. */
  readonly strange: readonly string[];
}

const KINDS: readonly (readonly [XtVariant, XtFamily])[] = [
  ['legacy', 'ip'],
  ['legacy', 'ip6'],
  ['nf_tables', 'ip'],
  ['nf_tables', 'ip6'],
];

/** What both kinds of iptables hold of both families. */
export async function readDumps(host: Pick<Host, 'dumpRules'>): Promise<Result<readonly Dump[], HostFault>> {
  const dumps: Dump[] = [];
  for (const [variant, family] of KINDS) {
    const text = await host.dumpRules(variant, family);
    if (!text.ok) return text;
    if (text.value !== '') dumps.push({ variant, family, text: text.value });
  }
  return done(dumps);
}

export async function readLive(
  host: Pick<Host, 'dumpRules' | 'saveSets' | 'listTables'>,
): Promise<Result<LiveRules, HostFault>> {
  const read = await readDumps(host);
  if (!read.ok) return read;
  const dumps: Dump[] = [];
  const strange: string[] = [];
  for (const dump of read.value) {
    const others = await othersIn(dump, host);
    if (!others.ok) return others;
    strange.push(...others.value.map((table) => `${dump.family} ${table}`));
    dumps.push({ ...dump, text: withoutTables(dump.text, others.value) });
  }
  const held = dumps.filter((dump) => !isIdleDump(dump));
  const names = new Set(held.flatMap(({ text }) => [...setsNamed(text)]));
  const sets = names.size === 0 ? done('') : await host.saveSets();
  return sets.ok ? done({ dumps: held, sets: setsOf(sets.value, names), strange }) : sets;
}

/** Objects of a table that iptables never makes. */
const OBJECTS = new Set(['set', 'map', 'flowtable', 'counter', 'quota', 'limit', 'ct helper', 'synproxy', 'secmark']);

/**
 * The tables in a dump that somebody made with nft under a name of iptables', as iptables-nft-save says. Refuses a table that
 * holds both: what iptables does not print of it would be lost.
 */
async function othersIn(
  { variant, family, text }: Dump,
  host: Pick<Host, 'listTables'>,
): Promise<Result<readonly string[], HostFault>> {
  if (variant === 'legacy') return done([]);
  const strange = [...text.matchAll(/^# Table `([^']+)' (?:is|contains) incompatible/gm)].map(([, name = '']) => name);
  const printed = tablesOfDump(text);
  for (const table of new Set([...strange, ...printed.map(({ name }) => name)])) {
    const listed = await host.listTables([`${family} ${table}`]);
    if (!listed.ok) return listed;
    const own = printed.some((one) => one.name === table && !isIdle(one));
    const mixed = strange.includes(table)
      ? own || JSON.stringify(listed.value).includes('{"xt":')
      : listed.value.some((one) => Object.keys(one as object).some((kind) => OBJECTS.has(kind)));
    if (mixed)
      return refused('TN5012', `the table ${family} ${table} holds rules of iptables and what only nft can make`, {
        hint: `look at \`nft -a list table ${family} ${table}\`, and move what is nft's into a table of another name`,
      });
  }
  return done(strange);
}

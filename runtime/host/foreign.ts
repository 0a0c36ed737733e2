import type { ForeignTable } from '../observe/foreign/chains';
import { readNftTable } from '../observe/foreign/nft';
import { readFilter } from '../observe/foreign/xtables';
import { run } from './exec';
import { done, type HostFault, type Result } from './fault';
import { readOptional } from './files';
import type { XtVariant } from './port';

/** What iptables keeps in nf_tables; nft shows its rules without their matches. */
const IPTABLES = /^ip6? (filter|nat|mangle|raw|security)$/;
const OURS = /^(inet|bridge) tsnet$/;

/** Reading a legacy table would make the kernel load it: only those that are there are read. */
const LEGACY = [
  { names: '/proc/net/ip_tables_names', save: 'iptables-legacy-save', tool: 'iptables' },
  { names: '/proc/net/ip6_tables_names', save: 'ip6tables-legacy-save', tool: 'ip6tables' },
] as const;

export async function readForeignTables(): Promise<Result<readonly ForeignTable[], HostFault>> {
  const listed = await run('nft', ['list', 'tables']);
  const names = listed.ok
    ? [...listed.value.stdout.matchAll(/^table (\S+) (\S+)$/gm)].map(([, a, b]) => `${a} ${b}`)
    : [];
  const found: (ForeignTable | undefined)[] = [];
  for (const name of names) {
    if (OURS.test(name) || IPTABLES.test(name) || !/^(ip|ip6|inet) /.test(name)) continue;
    const table = await run('nft', ['--json', '--terse', 'list', 'table', ...name.split(' ')]);
    if (table.ok && table.value.exitCode === 0) found.push(readNftTable(table.value.stdout));
  }
  for (const [tool, table] of [
    ['iptables', 'ip filter'],
    ['ip6tables', 'ip6 filter'],
  ] as const)
    if (names.includes(table)) found.push(await readSaved(`${tool}-nft-save`, tool, 'nf_tables'));
  for (const { names: list, save, tool } of LEGACY)
    if (loaded(list).includes('filter')) found.push(await readSaved(save, tool, 'legacy'));
  return done(found.filter((table) => table !== undefined));
}

/** In a user namespace the list is closed even to its root: then none is taken for loaded. */
function loaded(list: string): readonly string[] {
  try {
    return readOptional(list)?.split('\n') ?? [];
  } catch {
    return [];
  }
}

async function readSaved(
  program: string,
  tool: 'iptables' | 'ip6tables',
  variant: XtVariant,
): Promise<ForeignTable | undefined> {
  const ran = await run(program, ['-t', 'filter']);
  return ran.ok && ran.value.exitCode === 0 ? readFilter(ran.value.stdout, tool, variant) : undefined;
}

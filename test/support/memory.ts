import type { MemoryHost } from '../../runtime/host/memory';

/**
 * All that a host in memory holds, for comparing two of them. Empty namespaces and downed links are not nothing; how it came
 * to be so is left out.
 */
export function snapshot(host: MemoryHost): object {
  return snapshotOf(host, (path) => !path.startsWith('/state/history/') && !HINTS.has(path));
}

/** The same with the history. */
export function snapshotWithHistory(host: MemoryHost): object {
  return snapshotOf(host, (path) => !HINTS.has(path));
}

/** Which generation of the ruleset is known, and what follows from the records: nothing depends on them. */
const HINTS = new Set(['/state/generation.json', '/state/overview.json']);

function snapshotOf(host: MemoryHost, counts: (path: string) => boolean): object {
  return {
    links: [...host.links].map(([name, { addresses, ...link }]) => [name, link, [...addresses].sort()]).sort(),
    namespaces: [...host.namespaces]
      .map(([name, { interfaces }]) => [
        name,
        [...interfaces].map(([device, { up, addresses }]) => [device, up, [...addresses].sort()]).sort(),
      ])
      .sort(),
    tables: [...host.nft.tables]
      .map(([name, { frame, sets }]) => [
        name,
        frame,
        [...sets].map(([set, elements]) => [set, [...elements].sort()]).sort(),
      ])
      .sort(),
    settings: [...host.settings].filter(([key]) => !key.includes('/conf/tn-') && !key.includes('/neigh/tn-')).sort(),
    proxies: [...host.proxies].sort(),
    chains: [host.xt.ip, host.xt.ip6].map(({ tables }) =>
      [...tables].map(([name, chains]) => [name, [...chains].sort()]).sort(),
    ),
    sets: [...host.sets].sort(),
    rules: [...host.rules.legacy].sort(),
    ipsets: host.rules.sets,
    files: [...host.files].filter(([path]) => counts(path)).sort(),
  };
}

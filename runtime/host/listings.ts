import type { HostLink } from './port';

interface IpLink {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu?: number;
  readonly flags?: readonly string[];
  readonly master?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
  };
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number; readonly scope?: string }[];
}

/** Joins `ip -json -details link show` and `ip -json address show`. Link-local addresses are the kernel's, not ours. */
export function readLinks(links: string, addresses: string): HostLink[] {
  const byName = new Map(
    (JSON.parse(addresses || '[]') as IpLink[]).map((link) => [link.ifname, link.addr_info ?? []]),
  );
  return (JSON.parse(links || '[]') as IpLink[]).map(
    ({ ifname, address = '', mtu = 0, flags = [], master, linkinfo }) => ({
      name: ifname,
      kind: linkinfo?.info_kind ?? '',
      mac: address,
      mtu,
      up: flags.includes('UP'),
      master,
      addresses: (byName.get(ifname) ?? []).flatMap(({ local, prefixlen, scope }) =>
        local === undefined || scope === 'link' ? [] : [`${local}/${prefixlen}`],
      ),
    }),
  );
}

/** `nft --json list tables` as `family name`. */
export function readTables(text: string): string[] {
  const { nftables } = JSON.parse(text) as { nftables: readonly { table?: { family: string; name: string } }[] };
  return nftables.flatMap(({ table }) => (table ? [`${table.family} ${table.name}`] : []));
}

/** The devices in `tc -json qdisc show` that have a place for filters of frames. */
export function readGuarded(text: string): Set<string> {
  const queues = JSON.parse(text || '[]') as readonly { kind: string; dev: string }[];
  return new Set(queues.filter(({ kind }) => kind === 'clsact').map(({ dev }) => dev));
}

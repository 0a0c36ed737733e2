import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../../dsl/core/address';
import type { HostLink } from '../port';
import {
  attribute,
  attributesIn,
  type Bytes,
  eachAttribute,
  FLAG,
  request,
  text,
  textAt,
  textOf,
  u8,
  u32,
} from './message';
import { KernelError, type Netlink } from './netlink';

const [GET_LINK, GET_ADDRESS] = [18, 22];
const IFLA = { address: 1, name: 3, mtu: 4, master: 10, linkInfo: 18 } as const;
const INFO_KIND = 1;
const IFA = { address: 1, local: 2 } as const;
const [LINK_HEADER, ADDRESS_HEADER] = [16, 8];
const IFF_UP = 1;
const LINK_SCOPE = 253;
const AF_INET = 2;
const [UNSPECIFIED, BRIDGE] = [0, 7];
const ENODEV = 19;
/** IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS */
const WITHOUT_COUNTERS = attribute(29, u32(1 << 3));
const WITHOUT_MASTER = attribute(IFLA.master, u32(-1));

/** linux/netfilter/nf_tables.h */
const [GET_TABLE, GET_GENERATION] = [(10 << 8) | 1, (10 << 8) | 16];
const [TABLE_NAME, GENERATION_ID] = [1, 1];
const FAMILIES: Readonly<Record<number, string>> = {
  1: 'inet',
  2: 'ip',
  3: 'arp',
  5: 'netdev',
  7: 'bridge',
  10: 'ip6',
};

/** The links of the namespace of a socket, as `readLinks` gives them; link-local addresses are the kernel's, not ours. */
export function dumpLinks(socket: Netlink): HostLink[] {
  return withNames(socket, linksOf(socket, FLAG.dump, UNSPECIFIED));
}

/**
 * The same, where there may be ten thousand, all of whose names are known. For each veth that it tells of the kernel looks
 * for the other end's namespace among all that it knows, unless it is asked for it as a bridge's port. What is neither that
 * nor without a master is asked for by its name.
 */
export function dumpManyLinks(socket: Netlink, names: readonly string[]): HostLink[] {
  const ports = linksOf(socket, FLAG.dump, BRIDGE).filter(({ master }) => master !== undefined);
  const found = [...ports, ...linksOf(socket, FLAG.dump, UNSPECIFIED, WITHOUT_MASTER)];
  const known = new Set(found.map(({ name }) => name));
  const others = names.filter((name) => !known.has(name)).flatMap((name) => linkOf(socket, name));
  return withNames(socket, [...found, ...others]);
}

function withNames(socket: Netlink, links: readonly Link[]): HostLink[] {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const addresses = addressesOf(socket);
  return links.map(({ index, name, kind, mac, mtu, up, master }) => ({
    name,
    kind,
    mac,
    mtu,
    up,
    master: master === undefined ? undefined : names.get(master),
    addresses: addresses.get(index) ?? [],
  }));
}

function linksOf(socket: Netlink, flags: number, family: number, ...more: readonly Buffer[]): Link[] {
  const header = [u8(family, 0, 0, 0), u32(0), u32(0), u32(0)];
  const links: Link[] = [];
  socket.askEach(request(GET_LINK, flags, ...header, ...more, WITHOUT_COUNTERS), (received, start, end) =>
    links.push(linkIn(received, start, end)),
  );
  return links;
}

/** None, when it has gone since it was named. */
function linkOf(socket: Netlink, name: string): Link[] {
  try {
    return linksOf(socket, 0, UNSPECIFIED, attribute(IFLA.name, text(name)));
  } catch (error) {
    if (error instanceof KernelError && error.errno === ENODEV) return [];
    throw error;
  }
}

function addressesOf(socket: Netlink): ReadonlyMap<number, readonly string[]> {
  const addresses = new Map<number, string[]>();
  for (const { payload } of socket.ask(request(GET_ADDRESS, FLAG.dump, u8(0, 0, 0, 0), u32(0)))) {
    const written = payload.readUInt8(3) === LINK_SCOPE ? undefined : addressIn(payload);
    if (written === undefined) continue;
    const index = payload.readInt32LE(4);
    addresses.set(index, [...(addresses.get(index) ?? []), written]);
  }
  return addresses;
}

/** The number that every change of an nft table makes one larger (NFT_MSG_GETGEN). */
export function askGeneration(socket: Netlink): number | undefined {
  const [answer] = socket.ask(request(GET_GENERATION, 0, u8(0, 0, 0, 0)));
  return answer && attributesIn(answer.payload.subarray(4)).get(GENERATION_ID)?.readUInt32BE(0);
}

/** The nft tables of a namespace, as `family name`. */
export function dumpTables(socket: Netlink): string[] {
  return socket.ask(request(GET_TABLE, FLAG.dump, u8(0, 0, 0, 0))).map(({ payload }) => {
    const family = payload.readUInt8(0);
    return `${FAMILIES[family] ?? family} ${textOf(attributesIn(payload.subarray(4)).get(TABLE_NAME))}`;
  });
}

interface Link {
  index: number;
  name: string;
  kind: string;
  mac: string;
  mtu: number;
  up: boolean;
  master: number | undefined;
}

function linkIn(received: Bytes, start: number, end: number): Link {
  const { bytes, numbers } = received;
  const link: Link = {
    index: numbers.getInt32(start + 4, true),
    name: '',
    kind: '',
    mac: '',
    mtu: 0,
    up: (numbers.getUint32(start + 8, true) & IFF_UP) !== 0,
    master: undefined,
  };
  eachAttribute(received, start + LINK_HEADER, end, (type, from, to) => {
    switch (type) {
      case IFLA.name:
        link.name = textAt(bytes, from, to);
        break;
      case IFLA.address:
        link.mac = bytes.toString('hex', from, to).replace(/..(?=.)/g, '$&:');
        break;
      case IFLA.mtu:
        link.mtu = numbers.getUint32(from, true);
        break;
      case IFLA.master:
        link.master = numbers.getInt32(from, true);
        break;
      case IFLA.linkInfo:
        link.kind = kindIn(bytes, from, to);
    }
  });
  return link;
}

function kindIn(bytes: Buffer, start: number, end: number): string {
  return textOf(attributesIn(bytes.subarray(start, end)).get(INFO_KIND));
}

function addressIn(payload: Buffer): string | undefined {
  const attributes = attributesIn(payload.subarray(ADDRESS_HEADER));
  const bytes = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  return bytes && `${formatBytes(payload.readUInt8(0), bytes)}/${payload.readUInt8(1)}`;
}

function formatBytes(family: number, bytes: Buffer): string {
  return family === AF_INET
    ? formatIpv4(bytes.readUInt32BE(0) as Ipv4Address)
    : formatIpv6(BigInt(`0x${bytes.toString('hex')}`) as Ipv6Address);
}

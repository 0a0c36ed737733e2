import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../../dsl/core/address';
import type { HostLink } from '../port';
import { type Answer, attributesIn, FLAG, request, textOf, u8, u32 } from './message';
import type { Netlink } from './netlink';

const [GET_LINK, GET_ADDRESS] = [18, 22];
const IFLA = { address: 1, name: 3, mtu: 4, master: 10, linkInfo: 18 } as const;
const INFO_KIND = 1;
const IFA = { address: 1, local: 2 } as const;
const [LINK_HEADER, ADDRESS_HEADER] = [16, 8];
const IFF_UP = 1;
const LINK_SCOPE = 253;
const AF_INET = 2;

const GET_GENERATION = (10 << 8) | 16;
const GENERATION_ID = 1;

/** The links of a namespace, as `readLinks` gives them; link-local addresses are the kernel's, not ours. */
export function dumpLinks(socket: Netlink): HostLink[] {
  const addresses = new Map<number, string[]>();
  for (const { payload } of socket.ask(request(GET_ADDRESS, FLAG.dump, u8(0, 0, 0, 0), u32(0)))) {
    const written = payload.readUInt8(3) === LINK_SCOPE ? undefined : addressIn(payload);
    if (written === undefined) continue;
    const index = payload.readInt32LE(4);
    addresses.set(index, [...(addresses.get(index) ?? []), written]);
  }
  const links = socket.ask(request(GET_LINK, FLAG.dump, u8(0, 0, 0, 0), u32(0), u32(0), u32(0))).map(linkIn);
  const names = new Map(links.map(({ index, name }) => [index, name]));
  return links.map(({ index, master, ...link }) => ({
    ...link,
    master: master === undefined ? undefined : names.get(master),
    addresses: addresses.get(index) ?? [],
  }));
}

/** The number that every change of an nft table makes one larger (NFT_MSG_GETGEN). */
export function askGeneration(socket: Netlink): number | undefined {
  const [answer] = socket.ask(request(GET_GENERATION, 0, u8(0, 0, 0, 0)));
  return answer && attributesIn(answer.payload.subarray(4)).get(GENERATION_ID)?.readUInt32BE(0);
}

function linkIn({ payload }: Answer) {
  const attributes = attributesIn(payload.subarray(LINK_HEADER));
  const info = attributes.get(IFLA.linkInfo);
  return {
    index: payload.readInt32LE(4),
    name: textOf(attributes.get(IFLA.name)),
    kind: info ? textOf(attributesIn(info).get(INFO_KIND)) : '',
    mac: [...(attributes.get(IFLA.address) ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    mtu: attributes.get(IFLA.mtu)?.readUInt32LE(0) ?? 0,
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    master: attributes.get(IFLA.master)?.readInt32LE(0),
  };
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

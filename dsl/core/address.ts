import type { Brand } from './brand';
import { type Parsed, parsed, problem } from './diagnostic';

/** An IPv4 address as its unsigned 32-bit number. */
export type Ipv4Address = Brand<number, 'Ipv4Address'>;
/** An IPv6 address as its unsigned 128-bit number. */
export type Ipv6Address = Brand<bigint, 'Ipv6Address'>;

export type Address =
  | { readonly family: 4; readonly value: Ipv4Address }
  | { readonly family: 6; readonly value: Ipv6Address };

/** An address block; the host bits of `address` are zero. */
export type Prefix =
  | { readonly family: 4; readonly address: Ipv4Address; readonly length: number }
  | { readonly family: 6; readonly address: Ipv6Address; readonly length: number };

export type Family = Address['family'];

export const FAMILIES = [4, 6] as const;

/** Whether addresses or blocks are of a family: for lists of them. */
export function isOf(family: Family): (member: { readonly family: Family }) => boolean {
  return family === 4 ? isIpv4 : isIpv6;
}

function isIpv4({ family }: { readonly family: Family }): boolean {
  return family === 4;
}

function isIpv6({ family }: { readonly family: Family }): boolean {
  return family === 6;
}

const IPV6_MAX = (1n << 128n) - 1n;

/** Dotted quad without leading zeros (RFC 6943 section 3.1.1: other spellings are ambiguous). */
export function readIpv4(text: string): Ipv4Address | undefined {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (octet < 0) return undefined;
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else if (c >= 48 && c <= 57) {
      if (octet === 0) return undefined;
      octet = (octet < 0 ? 0 : octet * 10) + c - 48;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  if (dots !== 3 || octet < 0) return undefined;
  return (value * 256 + octet) as Ipv4Address;
}

/** The text forms of RFC 4291 section 2.2, an embedded dotted quad included; no zone. */
export function readIpv6(text: string): Ipv6Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string, last: boolean): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    const words = half.split(':');
    for (const [index, word] of words.entries()) {
      if (last && index === words.length - 1 && word.includes('.')) {
        const quad = readIpv4(word);
        if (quad === undefined) return undefined;
        groups.push(Math.floor(quad / 65536), quad % 65536);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16));
      else return undefined;
    }
    return groups;
  };
  const compressed = halves.length === 2;
  const head = groupsOf(halves[0] ?? '', !compressed);
  const tail = compressed ? groupsOf(halves[1] ?? '', true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (compressed ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return value as Ipv6Address;
}

export function readAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = readIpv6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = readIpv4(text);
  return value === undefined ? undefined : { family: 4, value };
}

export function parseAddress(text: string): Parsed<Address> {
  const address = readAddress(text);
  if (address) return parsed(address);
  return problem('TN2001', `\`${text}\` is not an IPv4 or IPv6 address`);
}

/** `10.0.0.0/8`, `fd00::/64`; a bare address is a block of one. Host bits have to be zero: a typing error shows there. */
export function parsePrefix(text: string): Parsed<Prefix> {
  const slash = text.indexOf('/');
  const address = readAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return problem('TN2002', `\`${text}\` is not an address block such as 172.17.0.0/16 or fd00:17::/64`);
  const bits = address.family === 4 ? 32 : 128;
  const word = slash < 0 ? String(bits) : text.slice(slash + 1);
  const length = /^(0|[1-9]\d{0,2})$/.test(word) ? Number(word) : Number.NaN;
  if (!(length <= bits))
    return problem('TN2002', `\`${word}\` is not a prefix length from 0 to ${bits}`, { start: slash + 1 });
  const network = prefixOf(address, length);
  if (network.address !== address.value)
    return problem('TN2002', `\`${text}\` has bits set beyond its prefix length`, {
      replacement: formatPrefix(network),
    });
  return parsed(network);
}

/** The block of the given length that holds an address. */
export function prefixOf(address: Address, length: number): Prefix {
  if (address.family === 4) {
    const size = 2 ** (32 - length);
    return { family: 4, address: (address.value - (address.value % size)) as Ipv4Address, length };
  }
  const mask = IPV6_MAX ^ ((1n << BigInt(128 - length)) - 1n);
  return { family: 6, address: (address.value & mask) as Ipv6Address, length };
}

/** First and last address of a block. */
export function boundsOf(prefix: Prefix): { first: bigint; last: bigint } {
  const first = BigInt(prefix.address);
  const bits = prefix.family === 4 ? 32 : 128;
  return { first, last: first + (1n << BigInt(bits - prefix.length)) - 1n };
}

export function contains(prefix: Prefix, address: Address): boolean {
  return prefix.family === address.family && prefixOf(address, prefix.length).address === prefix.address;
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  const [wide, narrow] = a.length <= b.length ? [a, b] : [b, a];
  return contains(wide, addressOf(narrow));
}

/** The block of one address alone. */
export function addressBlock(address: Address): Prefix {
  return address.family === 4
    ? { family: 4, address: address.value, length: 32 }
    : { family: 6, address: address.value, length: 128 };
}

/** A block's first address. */
export function addressOf(prefix: Prefix): Address {
  return prefix.family === 4 ? { family: 4, value: prefix.address } : { family: 6, value: prefix.address };
}

/** The address `offset` steps into a block, or undefined past its end. */
export function addressAt(prefix: Prefix, offset: bigint): Address | undefined {
  const { first, last } = boundsOf(prefix);
  if (offset < 0n || first + offset > last) return undefined;
  return addressFrom(prefix.family, first + offset);
}

/** The address with that number, which has to be one of the family. */
export function addressFrom(family: Family, value: bigint): Address {
  return family === 4 ? { family, value: Number(value) as Ipv4Address } : { family, value: value as Ipv6Address };
}

/** The address after it; past a family's last there is none. */
export function addressAfter(address: Address): Address {
  return address.family === 4
    ? { family: 4, value: (address.value + 1) as Ipv4Address }
    : { family: 6, value: (address.value + 1n) as Ipv6Address };
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

export function formatIpv4(address: Ipv4Address): string {
  const value = address as number;
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The one canonical text of RFC 5952. */
export function formatIpv6(address: Ipv6Address): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((address >> shift) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let run = i;
    while (run < 8 && groups[run] === 0) run++;
    if (run - i > best.length) best = { start: i, length: run - i };
    if (run > i) i = run;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value);
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(addressOf(prefix))}/${prefix.length}`;
}

/** 0.0.0.0 or ::, which stand for every address of the host. */
export function isUnspecified(address: Address): boolean {
  return address.family === 4 ? address.value === 0 : address.value === 0n;
}

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3) or ::1 (RFC 4291 section 2.5.3). */
export function isLoopback(address: Address): boolean {
  return address.family === 4 ? Math.floor(address.value / 2 ** 24) === 127 : address.value === 1n;
}

/** Frames in hexadecimal, with the checksums that a receiver asks for (RFC 1071). */

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
export const ALL_NODES_MAC = '33:33:00:00:00:01';

const plain = (mac: string) => mac.replaceAll(':', '');
const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0');

export function ethernet(to: string, from: string, type: number, payload: string): string {
  return plain(to) + plain(from) + hex(type, 2) + payload;
}

function ipv4Hex(address: string): string {
  return address
    .split('.')
    .map((byte) => hex(Number(byte), 1))
    .join('');
}

export function ipv6Hex(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...middle, ...last].map((group) => group.padStart(4, '0')).join('');
}

export function checksum(data: string): string {
  let sum = 0;
  for (const word of data.padEnd(Math.ceil(data.length / 4) * 4, '0').match(/.{4}/g) ?? [])
    sum += Number.parseInt(word, 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return hex(~sum & 0xffff, 2);
}

export interface Ipv4 {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly options?: string;
  /** The flags and the offset, as they stand in the header. */
  readonly fragment?: number;
  readonly id?: number;
  /** The byte of DSCP and ECN. */
  readonly tos?: number;
  readonly ttl?: number;
}

export function ipv4(
  { from, to, protocol, options = '', fragment = 0, id = 1, tos = 0, ttl = 64 }: Ipv4,
  payload: string,
): string {
  const words = 5 + options.length / 8;
  const length = hex(words * 4 + payload.length / 2, 2);
  const header = (sum: string) =>
    `4${words.toString(16)}${hex(tos, 1)}${length}${hex(id, 2)}${hex(fragment, 2)}${hex(ttl, 1)}${hex(protocol, 1)}${sum}${ipv4Hex(from)}${ipv4Hex(to)}${options}`;
  return header(checksum(header('0000'))) + payload;
}

export function ipv6(from: string, to: string, next: number, payload: string, hops = 255, flow = 0, tos = 0): string {
  return `6${hex(tos, 1)}${hex(flow, 4).slice(3)}${hex(payload.length / 2, 2)}${hex(next, 1)}${hex(hops, 1)}${ipv6Hex(from)}${ipv6Hex(to)}${payload}`;
}

/** Without a checksum, which IPv4 allows. */
export function udp(from: number, to: number, data = '3f'): string {
  return `${hex(from, 2)}${hex(to, 2)}${hex(8 + data.length / 2, 2)}0000${data}`;
}

/** With the checksum that IPv6 asks for. */
export function udp6(source: string, target: string, from: number, to: number, data = '3f'): string {
  const datagram = (sum: string) => `${hex(from, 2)}${hex(to, 2)}${hex(8 + data.length / 2, 2)}${sum}${data}`;
  const pseudo = ipv6Hex(source) + ipv6Hex(target) + hex(8 + data.length / 2, 4) + hex(17, 4);
  return datagram(checksum(pseudo + datagram('0000')));
}

/** A segment without data; `pseudo` is what the addresses add to the checksum. */
export function tcp(
  pseudo: (length: number) => string,
  from: number,
  to: number,
  flags: number,
  { options = '', window = 0xffff, data = '' } = {},
): string {
  const words = 5 + options.length / 8;
  const segment = (sum: string) =>
    `${hex(from, 2)}${hex(to, 2)}0000000100000000${hex((words << 12) | flags, 2)}${hex(window, 2)}${sum}0000${options}${data}`;
  return segment(checksum(pseudo(segment('0000').length / 2) + segment('0000')));
}

export function pseudo4(from: string, to: string, protocol: number): (length: number) => string {
  return (length) => `${ipv4Hex(from)}${ipv4Hex(to)}00${hex(protocol, 1)}${hex(length, 2)}`;
}

export function pseudo6(from: string, to: string, protocol: number): (length: number) => string {
  return (length) => `${ipv6Hex(from)}${ipv6Hex(to)}${hex(length, 4)}${hex(protocol, 4)}`;
}

export function icmp(type: number, code: number, rest: string): string {
  const message = (sum: string) => `${hex(type, 1)}${hex(code, 1)}${sum}${rest}`;
  return message(checksum(message('0000')));
}

export function icmpv6(from: string, to: string, type: number, rest: string, code = 0): string {
  const message = (sum: string) => `${hex(type, 1)}${hex(code, 1)}${sum}${rest}`;
  const length = message('0000').length / 2;
  return message(checksum(ipv6Hex(from) + ipv6Hex(to) + hex(length, 4) + hex(58, 4) + message('0000')));
}

export function arp(
  operation: 'request' | 'reply',
  sender: { mac: string; ip: string },
  target: { mac: string; ip: string },
) {
  const code = operation === 'request' ? 1 : 2;
  return `000108000604${hex(code, 2)}${plain(sender.mac)}${ipv4Hex(sender.ip)}${plain(target.mac)}${ipv4Hex(target.ip)}`;
}

/** The option of neighbour discovery that says a link-layer address: 1 the source's, 2 the target's. */
export function linkLayer(kind: 1 | 2, mac: string): string {
  return `${hex(kind, 1)}01${plain(mac)}`;
}

/** The first packet of an association (RFC 9260 section 3.3.2), with its CRC32c. */
export function sctpInit(from: number, to: number): string {
  const packet = (sum: string) => `${hex(from, 2)}${hex(to, 2)}00000000${sum}0100001400000001000080000001000100000001`;
  const bytes = Buffer.from(packet('00000000'), 'hex');
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(~crc >>> 0);
  return packet(sum.toString('hex'));
}

/** Netlink messages (linux/netlink.h), in the byte order of the machines that we run on: little-endian. */
const HEADER = 16;
const REQUEST = 1;
const ACK = 4;

export const FLAG = { replace: 0x100, exclusive: 0x200, create: 0x400, dump: 0x300 } as const;

export function u8(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

export function attribute(type: number, ...payload: readonly Buffer[]): Buffer {
  const length = 4 + payload.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.alloc(aligned(length));
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  let at = 4;
  for (const part of payload) at += part.copy(bytes, at);
  return bytes;
}

/** A request that the kernel answers with an acknowledgement, or with a dump that ends with one. */
export function request(type: number, flags: number, ...payload: readonly Buffer[]): Buffer {
  const length = HEADER + payload.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(REQUEST | ACK | flags, 6);
  let at = HEADER;
  for (const part of payload) at += part.copy(bytes, at);
  return bytes;
}

export interface Answer {
  readonly payload: Buffer;
}

/** The messages of a datagram: `see` is told where the payload of each begins and ends. */
export function eachMessage(
  bytes: Buffer,
  to: number,
  see: (type: number, flags: number, start: number, end: number) => void,
): void {
  for (let at = 0; at + HEADER <= to; ) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER) return;
    see(bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 6), at + HEADER, at + length);
    at += aligned(length);
  }
}

/** Attributes by type; of several of one type the last. */
export function attributesIn(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  eachAttribute(bytes, 0, bytes.length, (type, start, end) => found.set(type, bytes.subarray(start, end)));
  return found;
}

/** The same without a buffer for each, where there are thousands: `see` is told where a payload begins and ends. */
export function eachAttribute(
  bytes: Buffer,
  from: number,
  to: number,
  see: (type: number, start: number, end: number) => void,
): void {
  for (let at = from; at + 4 <= to; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    // The two highest bits say how the payload is written.
    see(bytes.readUInt16LE(at + 2) & 0x3fff, at + 4, at + length);
    at += aligned(length);
  }
}

export function textOf(bytes: Buffer | undefined): string {
  return bytes ? textAt(bytes, 0, bytes.length) : '';
}

/** Up to the zero that ends it, where one does. */
export function textAt(bytes: Buffer, start: number, end: number): string {
  const zero = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, zero < 0 || zero > end ? end : zero);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

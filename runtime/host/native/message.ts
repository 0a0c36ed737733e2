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

/** Bytes, and the same as numbers: a Buffer checks each offset that it reads one from. */
export interface Bytes {
  readonly bytes: Buffer;
  readonly numbers: DataView;
}

export function withNumbers(bytes: Buffer): Bytes {
  return { bytes, numbers: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** The messages of a datagram: `see` is told where the payload of each begins and ends. */
export function eachMessage(
  { numbers }: Bytes,
  to: number,
  see: (type: number, flags: number, start: number, end: number) => void,
): void {
  for (let at = 0; at + HEADER <= to; ) {
    const length = numbers.getUint32(at, true);
    if (length < HEADER) return;
    see(numbers.getUint16(at + 4, true), numbers.getUint16(at + 6, true), at + HEADER, at + length);
    at += aligned(length);
  }
}

/** Attributes by type; of several of one type the last. */
export function attributesIn(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  eachAttribute(withNumbers(bytes), 0, bytes.length, (type, start, end) => found.set(type, bytes.subarray(start, end)));
  return found;
}

/** The same without a buffer for each, where there are thousands: `see` is told where a payload begins and ends. */
export function eachAttribute(
  { numbers }: Bytes,
  from: number,
  to: number,
  see: (type: number, start: number, end: number) => void,
): void {
  for (let at = from; at + 4 <= to; ) {
    const head = numbers.getUint32(at, true);
    const length = head & 0xffff;
    if (length < 4) break;
    // The two highest bits say how the payload is written.
    see((head >>> 16) & 0x3fff, at + 4, at + length);
    at += aligned(length);
  }
}

export function textOf(bytes: Buffer | undefined): string {
  return bytes ? textAt(bytes, 0, bytes.length) : '';
}

/** Without the zero that ends it. */
export function textAt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end > start && bytes[end - 1] === 0 ? end - 1 : end);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

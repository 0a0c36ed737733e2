import { closeSync } from 'node:fs';
import type { Bindings } from './bindings';
import { type Answer, attributesIn, type Bytes, eachMessage, textOf, withNumbers } from './message';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_NETLINK = 270;
const [CAP_ACK, EXT_ACK] = [10, 11];
const [ERROR, DONE] = [2, 3];
/** The acknowledgement is followed by attributes, of which one is the kernel's own words. */
const ACK_TLVS = 0x200;
const MESSAGE = 1;

export const NETLINK = { route: 0, sockets: 4, netfilter: 12 } as const;

/** What the kernel says no with. */
export class KernelError extends Error {
  constructor(
    readonly errno: number,
    message: string,
  ) {
    super(message);
  }
}

/** Every call blocks, and what it received is read before the next, so that one is enough for all sockets. */
const RECEIVED = withNumbers(Buffer.alloc(256 * 1024));

/** A socket that speaks with the kernel about the network namespace that it was opened in. Every call blocks. */
export class Netlink {
  private readonly socket: number;

  constructor(
    private readonly libc: Bindings,
    protocol: number,
  ) {
    this.socket = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    if (this.socket < 0) throw kernelError(libc);
    const on = Buffer.from([1, 0, 0, 0]);
    for (const option of [CAP_ACK, EXT_ACK]) libc.setsockopt(this.socket, SOL_NETLINK, option, on, on.length);
  }

  /** Sends a request and gives what is answered before the acknowledgement; throws what the kernel refuses. */
  ask(message: Buffer): readonly Answer[] {
    const answers: Answer[] = [];
    this.askEach(message, ({ bytes }, start, end) =>
      answers.push({ payload: Buffer.from(bytes.subarray(start, end)) }),
    );
    return answers;
  }

  /** The same where there are thousands of answers: `see` is told where each begins and ends, and has it until it returns. */
  askEach(message: Buffer, see: (received: Bytes, start: number, end: number) => void): void {
    if (this.libc.send(this.socket, message, message.length, 0) < 0) throw kernelError(this.libc);
    let ended = false;
    while (!ended) {
      const length = this.libc.recv(this.socket, RECEIVED.bytes, RECEIVED.bytes.length, 0);
      if (length < 0) throw kernelError(this.libc);
      eachMessage(RECEIVED, length, (type, flags, start, end) => {
        if (type !== ERROR && type !== DONE) see(RECEIVED, start, end);
        else {
          ended = true;
          this.acknowledged(flags, RECEIVED.bytes.subarray(start, end));
        }
      });
    }
  }

  close(): void {
    closeSync(this.socket);
  }

  /** An acknowledgement is an error of the number 0. */
  private acknowledged(flags: number, payload: Buffer): void {
    const errno = payload.length < 4 ? 0 : -payload.readInt32LE(0);
    if (errno === 0) return;
    // With CAP_ACK the header of the request follows, then the attributes.
    const said = flags & ACK_TLVS ? textOf(attributesIn(payload.subarray(20)).get(MESSAGE)) : '';
    throw new KernelError(errno, said || this.libc.strerror(errno));
  }
}

export function kernelError(libc: Bindings): KernelError {
  const errno = libc.errno();
  return new KernelError(errno, libc.strerror(errno));
}

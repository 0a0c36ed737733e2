import { once } from '../../dsl/core/once';

const ROUNDS = 64;
const BLOCK = 64;
const WORD = 4;

/** The first 32 bits of the fractional parts of the cube roots of 64 primes, and of the square roots of 8. */
const tables = once(() => {
  const primes = Array.from({ length: 312 }, (_, number) => number).filter(isPrime);
  return { constants: wordsOf(primes.map(Math.cbrt)), start: wordsOf(primes.slice(0, 8).map(Math.sqrt)) };
});

/** One place for all texts, so that ten thousand names take no memory: the words of a block with those made of them. */
const schedule = new DataView(new ArrayBuffer(WORD * ROUNDS));
const state = new DataView(new ArrayBuffer(8 * WORD));
const digest = Buffer.from(state.buffer);

/**
 * SHA-256 (FIPS 180-4) of a short text, as hexadecimal digits. For names that have to stay what they are, not for secrets:
 * Node's own takes 3 ms to load.
 */
export function sha256(text: string): string {
  const bytes = padded(Buffer.from(text));
  const { start } = tables();
  for (let at = 0; at < state.byteLength; at += WORD) state.setInt32(at, start.getInt32(at));
  for (let at = 0; at < bytes.length; at += BLOCK) {
    fillSchedule(bytes, at);
    update();
  }
  return digest.toString('hex');
}

/** A one, zeros up to a whole block, and in its last eight bytes how many bits there were. */
function padded(text: Buffer): Buffer {
  const bytes = Buffer.alloc(BLOCK * Math.ceil((text.length + 9) / BLOCK));
  text.copy(bytes);
  bytes[text.length] = 0x80;
  bytes.writeUInt32BE(8 * text.length, bytes.length - WORD);
  return bytes;
}

function fillSchedule(bytes: Buffer, block: number): void {
  for (let at = 0; at < BLOCK; at += WORD) schedule.setInt32(at, bytes.readInt32BE(block + at));
  for (let at = BLOCK; at < WORD * ROUNDS; at += WORD) {
    const early = schedule.getInt32(at - 15 * WORD);
    const late = schedule.getInt32(at - 2 * WORD);
    const mixed = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const other = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    schedule.setInt32(at, schedule.getInt32(at - 16 * WORD) + mixed + schedule.getInt32(at - 7 * WORD) + other);
  }
}

function update(): void {
  const { constants } = tables();
  let a = state.getInt32(0);
  let b = state.getInt32(4);
  let c = state.getInt32(8);
  let d = state.getInt32(12);
  let e = state.getInt32(16);
  let f = state.getInt32(20);
  let g = state.getInt32(24);
  let h = state.getInt32(28);
  for (let at = 0; at < WORD * ROUNDS; at += WORD) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const mixed = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = h + mixed + choice + constants.getInt32(at) + schedule.getInt32(at);
    const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries())
    state.setInt32(WORD * index, state.getInt32(WORD * index) + word);
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function wordsOf(numbers: readonly number[]): DataView {
  const words = new DataView(new ArrayBuffer(WORD * numbers.length));
  numbers.forEach((number, index) => {
    words.setUint32(WORD * index, Math.floor((number % 1) * 2 ** 32));
  });
  return words;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

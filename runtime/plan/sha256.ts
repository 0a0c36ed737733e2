const PRIMES = Array.from({ length: 312 }, (_, number) => number).filter(isPrime);
/** The first 32 bits of the fractional parts of the cube roots of 64 primes, and of the square roots of 8. */
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const BLOCK = 64;

/**
 * SHA-256 (FIPS 180-4) of a short text, as hexadecimal digits. For names that have to stay what they are, not for secrets:
 * Node's own takes 3 ms to load.
 */
export function sha256(text: string): string {
  const bytes = padded(Buffer.from(text));
  let state: readonly number[] = START;
  for (let at = 0; at < bytes.length; at += BLOCK) state = after(state, bytes.subarray(at, at + BLOCK));
  return state.map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** A one, zeros up to a whole block, and in its last eight bytes how many bits there were. */
function padded(text: Buffer): Buffer {
  const bytes = Buffer.alloc(BLOCK * Math.ceil((text.length + 9) / BLOCK));
  text.copy(bytes);
  bytes[text.length] = 0x80;
  bytes.writeUInt32BE(8 * text.length, bytes.length - 4);
  return bytes;
}

function after(state: readonly number[], block: Buffer): readonly number[] {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  const words = schedule(block);
  for (const [round, constant] of ROUNDS.entries()) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + constant + (words[round] ?? 0);
    const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority;
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  }
  return [a, b, c, d, e, f, g, h].map((word, at) => (word + (state[at] ?? 0)) >>> 0);
}

function schedule(block: Buffer): readonly number[] {
  const words = Array.from({ length: 16 }, (_, at) => block.readInt32BE(4 * at));
  const word = (at: number) => words[at] ?? 0;
  for (let at = 16; at < ROUNDS.length; at++) {
    const [early, late] = [word(at - 15), word(at - 2)];
    const mixed = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    words.push((word(at - 16) + mixed + word(at - 7) + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))) | 0);
  }
  return words;
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(number: number): number {
  return Math.floor((number % 1) * 2 ** 32);
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Of 10,000 names two have one digest on one host of 70,000. */
export const DIGEST_LENGTH = 7;

/**
 * What stands for the end of a name that would be too long: letters and digits, the same for the same name. It keeps names
 * apart that are not meant to be alike, ten thousand of them at once; it is no secret, and no proof against who tries.
 */
export function digestOf(name: string): string {
  let rest = hash(name, 1) * 0x10000 + (hash(name, 2) & 0xffff);
  let digest = '';
  while (digest.length < DIGEST_LENGTH) {
    digest += DIGITS[rest % DIGITS.length];
    rest = Math.floor(rest / DIGITS.length);
  }
  return digest;
}

/** MurmurHash3 of 32 bits (Austin Appleby, public domain), of a text's UTF-16 units. */
function hash(text: string, seed: number): number {
  let state = seed;
  for (let at = 0; at < text.length; at += 2) {
    const pair = text.charCodeAt(at) | ((at + 1 < text.length ? text.charCodeAt(at + 1) : 0) << 16);
    state ^= Math.imul(rotated(Math.imul(pair, 0xcc9e2d51), 15), 0x1b873593);
    state = (Math.imul(rotated(state, 13), 5) + 0xe6546b64) | 0;
  }
  state ^= 2 * text.length;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

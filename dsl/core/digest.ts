import { sha256 } from './sha256';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Seven: of 10,000 names two are alike on one host of 70,000. Six hexadecimal ones were alike on every host. */
export const DIGEST_LENGTH = 7;

/** What stands for the end of a name that would be too long: letters and digits, the same for the same name. */
export function digestOf(name: string): string {
  let rest = Number.parseInt(sha256(name).slice(0, 12), 16);
  let digest = '';
  while (digest.length < DIGEST_LENGTH) {
    digest += DIGITS[rest % DIGITS.length];
    rest = Math.floor(rest / DIGITS.length);
  }
  return digest;
}

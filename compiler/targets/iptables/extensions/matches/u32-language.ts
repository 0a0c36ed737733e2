/** The language of `--u32` (iptables-extensions(8), u32), and what its arithmetic leaves of a word of the packet. */

/** A word of 32 bits, what is left of its bits, and where the next one is counted from. */
export interface Place {
  /** Bytes from where the last jump led, or from the start of the IP header. */
  readonly position: number;
  /** The bits of the word that are not lost. */
  readonly mask: bigint;
  /** How far they are moved down; below 0, up. */
  readonly shift: number;
  /** As it was written. */
  readonly text: string;
}

export interface Test {
  /** Each but the last says how far to jump. */
  readonly places: readonly [Place, ...Place[]];
  /** The value lies in one of these, ends included. */
  readonly ranges: readonly (readonly [bigint, bigint])[];
}

const WORD = 0xffffffffn;
const TOKEN = /\s*(?:(0x[0-9a-f]+|\d+)|(&&|&|<<|>>|@|=|,|:))/iy;

type Token = bigint | '&&' | '&' | '<<' | '>>' | '@' | '=' | ',' | ':';

function tokensOf(text: string): { readonly token: Token; readonly start: number; readonly end: number }[] | undefined {
  const found = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const start = TOKEN.lastIndex;
    const one = TOKEN.exec(trimmed);
    if (!one) return undefined;
    const [, number, sign] = one;
    const octal = number !== undefined && /^0[0-7]+$/.test(number);
    const token = number === undefined ? (sign as Token) : BigInt(octal ? `0o${number.slice(1)}` : number);
    if (typeof token === 'bigint' && token > WORD) return undefined;
    found.push({ token, start, end: TOKEN.lastIndex });
  }
  return found;
}

/** Tests, all of which have to hold; undefined for what is not of the language. */
export function parseTests(text: string): readonly Test[] | undefined {
  const tokens = tokensOf(text);
  if (!tokens) return undefined;
  let at = 0;
  const sign = () => tokens[at]?.token;
  const number = (): bigint | undefined => {
    const token = tokens[at]?.token;
    if (typeof token !== 'bigint') return undefined;
    at++;
    return token;
  };
  const tests: Test[] = [];
  do {
    if (tests.length > 0) at++;
    const places: Place[] = [];
    do {
      if (places.length > 0) at++;
      const start = tokens[at]?.start ?? 0;
      const position = number();
      if (position === undefined) return undefined;
      let kept: Pick<Place, 'mask' | 'shift'> = { mask: WORD, shift: 0 };
      for (let op = sign(); op === '&' || op === '<<' || op === '>>'; op = sign()) {
        at++;
        const operand = number();
        if (operand === undefined) return undefined;
        kept = op === '&' ? masked(kept, operand) : shifted(kept, op === '>>' ? operand : -operand);
      }
      const end = tokens[at - 1]?.end;
      places.push({ position: Number(position), ...kept, text: text.slice(start, end).trim() });
    } while (sign() === '@');
    if (sign() !== '=') return undefined;
    const ranges: [bigint, bigint][] = [];
    do {
      at++;
      const first = number();
      if (first === undefined) return undefined;
      let last: bigint | undefined = first;
      if (sign() === ':') {
        at++;
        last = number();
      }
      if (last === undefined) return undefined;
      ranges.push([first, last]);
    } while (sign() === ',');
    tests.push({ places: places as [Place, ...Place[]], ranges });
  } while (sign() === '&&');
  return at === tokens.length ? tests : undefined;
}

type Kept = Pick<Place, 'mask' | 'shift'>;

/** A number of the value, at the word's own bits. */
function atWord(value: bigint, shift: number): bigint {
  return shift >= 0 ? value << BigInt(shift) : value >> BigInt(-shift);
}

function masked({ mask, shift }: Kept, operand: bigint): Kept {
  return { mask: mask & atWord(operand, shift), shift };
}

/** Bits that are moved out of the 32 at either end are lost. */
function shifted({ mask, shift }: Kept, by: bigint): Kept {
  const moved = shift + Number(by);
  return { mask: mask & atWord(WORD, moved) & WORD, shift: moved };
}

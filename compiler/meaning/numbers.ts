import { all, any, type Condition, NEVER, not, UNBOUNDED } from './condition';

/** The runs of values that `value & mask` gives `wanted` for, as `[first, last, ...]`; undefined when they are too many. */
export function maskedRanges(max: bigint, mask: bigint, wanted: bigint): readonly number[] | undefined {
  const relevant = mask & max;
  if ((wanted & ~relevant) !== 0n) return [];
  let free = 0n;
  while (free < 64n && (relevant & (1n << free)) === 0n && 1n << free <= max) free++;
  const holes: bigint[] = [];
  for (let bit = 1n << free; bit <= max; bit <<= 1n) if ((relevant & bit) === 0n) holes.push(bit);
  if (holes.length > MOST_HOLES) return undefined;
  const width = (1n << free) - 1n;
  const starts = Array.from({ length: 1 << holes.length }, (_, index) =>
    holes.reduce((sum, hole, at) => ((index >> at) & 1 ? sum | hole : sum), wanted),
  );
  return starts.flatMap((start) => [Number(start), upTo(start | width, max)]);
}

const MOST_HOLES = 12;

/** The end of a range: nothing is larger than a field's largest value. */
export function upTo(last: bigint, max: bigint): number {
  return last >= max ? UNBOUNDED : Number(last);
}

const WORD_MAX = 0xffffffffn;

/** The bits, the lowest first, make this number. */
export function bitsEqual(bits: readonly Condition[], value: bigint): Condition {
  if (value >> BigInt(bits.length) !== 0n) return NEVER;
  return all(...bits.map((one, index) => ((value >> BigInt(index)) & 1n ? one : not(one))));
}

/** The bits make a number from `first` to `last`. */
export function bitsBetween(bits: readonly Condition[], first: bigint, last: bigint): Condition {
  const max = (1n << BigInt(bits.length)) - 1n;
  if (first > last || first > max) return NEVER;
  return all(atLeast(bits, first), not(last >= max ? NEVER : atLeast(bits, last + 1n)));
}

function atLeast(bits: readonly Condition[], value: bigint): Condition {
  let result: Condition = all();
  for (const [index, one] of bits.entries())
    result = (value >> BigInt(index)) & 1n ? all(one, result) : any(one, result);
  return result;
}

/** Boxes over words of 32 bits, the highest first, that together hold the numbers from `first` to `last`. */
export function wordBoxes(words: number, first: bigint, last: bigint): readonly (readonly number[])[] {
  if (first > last) return [];
  const low = BigInt(32 * (words - 1));
  const [a, b] = [Number(first >> low), Number(last >> low)];
  if (words === 1) return [[a, upTo(last, WORD_MAX)]];
  const full = (1n << low) - 1n;
  const [firstRest, lastRest] = [first & full, last & full];
  const under = (from: number, to: number, boxes: readonly (readonly number[])[]) =>
    boxes.map((box) => [from, upTo(BigInt(to), WORD_MAX), ...box]);
  if (a === b) return under(a, b, wordBoxes(words - 1, firstRest, lastRest));
  const whole = wordBoxes(words - 1, 0n, full);
  const from = firstRest === 0n ? a : a + 1;
  const to = lastRest === full ? b : b - 1;
  return [
    ...(firstRest === 0n ? [] : under(a, a, wordBoxes(words - 1, firstRest, full))),
    ...(from <= to ? under(from, to, whole) : []),
    ...(lastRest === full ? [] : under(b, b, wordBoxes(words - 1, 0n, lastRest))),
  ];
}

/**
 * Pairs of positions of two lists that hold the same, rising in both: a longest such run when each thing stands once. The
 * n-th of equal things is paired with the n-th of the other list. Things that are undefined are like nothing else.
 */
export function alignment(
  first: readonly (string | undefined)[],
  second: readonly (string | undefined)[],
): readonly (readonly [number, number])[] {
  const places = new Map(numbered(second).flatMap((key, at) => (key === undefined ? [] : [[key, at] as const])));
  const pairs = numbered(first).flatMap((key, at): [number, number][] => {
    const other = key === undefined ? undefined : places.get(key);
    return other === undefined ? [] : [[at, other]];
  });
  return longestRising(pairs);
}

function numbered(keys: readonly (string | undefined)[]): readonly (string | undefined)[] {
  const counts = new Map<string, number>();
  return keys.map((key) => {
    if (key === undefined) return undefined;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return `${count} ${key}`;
  });
}

/** Of pairs that rise in their first, the longest run that rises in its second too. */
function longestRising(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, [, second]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number]?.[1] as number) < second) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? ends[low - 1] : undefined;
    ends[low] = index;
  }
  const run: (readonly [number, number])[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) run.unshift(pairs[at] as readonly [number, number]);
  return run;
}

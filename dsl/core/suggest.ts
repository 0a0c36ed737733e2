/** The candidate that was probably meant: at most a third of its letters mistyped. Undefined when none is near. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const limit = Math.min(least - 1, Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3)));
    if (Math.abs(word.length - candidate.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance <= limit) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). Infinite as soon as it is
 * clear that there are more than `limit`.
 */
function editDistance(a: string, b: string, limit: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, (beforePrevious[j - 2] ?? 0) + 1);
      smallest = Math.min(smallest, value);
      current.push(value);
    }
    // A swap looks back two rows, and costs one more than the row it starts from.
    if (smallest > limit && Math.min(...previous) + 1 > limit) return Number.POSITIVE_INFINITY;
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}

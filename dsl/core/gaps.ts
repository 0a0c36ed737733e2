/** What is there of a list. The list itself where nothing is missing. */
export function withoutGaps<T>(items: readonly (T | undefined)[]): readonly T[] {
  return items.every(isThere) ? items : items.filter(isThere);
}

function isThere<T>(item: T | undefined): item is T {
  return item !== undefined;
}

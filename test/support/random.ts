/** Deterministic, so that a failure can be seen again. */
export type Random = (below: number) => number;

export function randomly(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

export function oneOf<T>(below: Random, list: readonly T[]): T {
  return list[below(list.length)] as T;
}

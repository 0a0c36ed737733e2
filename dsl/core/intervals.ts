/** A set of whole numbers as sorted, disjoint runs: as small as its gaps are few. */
export class Intervals {
  static readonly EMPTY = new Intervals([]);

  private constructor(private readonly runs: readonly (readonly [first: bigint, last: bigint])[]) {}

  /** Runs may overlap and come in any order; both ends are included. */
  static of(runs: Iterable<readonly [first: bigint, last: bigint]>): Intervals {
    const merged: [bigint, bigint][] = [];
    for (const [first, last] of [...runs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
      const previous = merged.at(-1);
      if (previous && first <= previous[1] + 1n) previous[1] = last > previous[1] ? last : previous[1];
      else merged.push([first, last]);
    }
    return new Intervals(merged);
  }

  /** Reads `2-17,19`; undefined when it is no such text. */
  static parse(text: string): Intervals | undefined {
    if (text === '') return Intervals.EMPTY;
    if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return undefined;
    return Intervals.of(
      text.split(',').map((run) => {
        const [first = '0', last = first] = run.split('-');
        return [BigInt(first), BigInt(last)] as const;
      }),
    );
  }

  toString(): string {
    return this.runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
  }

  union(other: Intervals): Intervals {
    if (other.runs.length === 0) return this;
    return this.runs.length === 0 ? other : Intervals.of([...this.runs, ...other.runs]);
  }

  without(other: Intervals): Intervals {
    const kept = this.runs.flatMap(([first, last]) => {
      const pieces: [bigint, bigint][] = [];
      let from = first;
      for (const [a, b] of other.runs) {
        if (b < from || a > last) continue;
        if (a > from) pieces.push([from, a - 1n]);
        from = b + 1n;
      }
      if (from <= last) pieces.push([from, last]);
      return pieces;
    });
    return new Intervals(kept);
  }

  isEmpty(): boolean {
    return this.runs.length === 0;
  }

  has(value: bigint): boolean {
    return this.runAt(value) !== undefined;
  }

  meets(first: bigint, last: bigint): boolean {
    return this.runs.some(([a, b]) => a <= last && b >= first);
  }

  /** The first number from `value` on that is not in it. */
  firstFree(value: bigint): bigint {
    const run = this.runAt(value);
    return run ? run[1] + 1n : value;
  }

  private runAt(value: bigint): readonly [bigint, bigint] | undefined {
    let [low, high] = [0, this.runs.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = this.runs[middle];
      if (!run) return undefined;
      if (value < run[0]) high = middle - 1;
      else if (value > run[1]) low = middle + 1;
      else return run;
    }
    return undefined;
  }
}

/** One line of the table. */
export interface Line {
  readonly what: string;
  /** Ours, with its unit. */
  readonly ours: string;
  /** What it is held against, with their units. */
  readonly others: string;
  readonly ratio: string;
  readonly target: string;
  /** Undefined: nothing was promised. */
  readonly met: boolean | undefined;
}

/** A curve of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

/** What a row of the benchmarks found. */
export interface Result {
  readonly lines: readonly Line[];
  readonly plots?: readonly Plot[];
  readonly notes?: readonly string[];
}

export interface Row {
  /** In words, for who waits. */
  readonly title: string;
  /** `quick`: fewer rounds of smaller hosts. */
  measure(quick: boolean): Promise<Result>;
}

export function ms(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

export function times(value: number): string {
  return `${value.toFixed(value >= 100 ? 0 : 2)}×`;
}

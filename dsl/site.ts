/** Where a builder was called. Line and column count from 1. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The place that called a builder of ours: the first frame outside of this room. */
export function callSite(): Site | undefined {
  const frames = new Error().stack?.split('\n').slice(1) ?? [];
  for (const frame of frames) {
    const [, file, line, column] = /\(?((?:\/|file:\/\/)[^():]+):(\d+):(\d+)\)?$/.exec(frame.trim()) ?? [];
    if (file !== undefined && !file.startsWith(__dirname))
      return { file: file.replace(/^file:\/\//, ''), line: Number(line), column: Number(column) };
  }
  return undefined;
}

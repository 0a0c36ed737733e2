import { SHAPES } from '../../cli/results-schema';

/** A result as its command promises it; it throws at a field that is not promised. */
export function promisedResult(command: keyof typeof SHAPES, stdout: string): unknown {
  return SHAPES[command].parse(JSON.parse(stdout));
}

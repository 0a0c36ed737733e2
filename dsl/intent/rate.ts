import { type Parsed, parsed, problem } from '../core/diagnostic';
import { quoted } from '../core/names';

export const RATE_UNITS = ['second', 'minute', 'hour', 'day'] as const;

/** So many new connections in a unit of time. */
export interface Rate {
  readonly count: number;
  readonly per: (typeof RATE_UNITS)[number];
}

/** `100/second`; the count is from 1 to 1,000,000. */
export function parseRate(text: string): Parsed<Rate> {
  const match = /^([1-9]\d{0,6})\/([a-z]+)$/.exec(text);
  const per = RATE_UNITS.find((unit) => unit === match?.[2]);
  const count = Number(match?.[1]);
  if (!match || !per || count > 1_000_000)
    return problem('TN2013', `${quoted(text)} is not a rate such as 100/second`, {
      hint: `a count from 1 to 1000000, \`/\`, then ${RATE_UNITS.join(', ')}`,
      ...(match ? { candidates: RATE_UNITS.map((unit) => `${match[1]}/${unit}`) } : {}),
    });
  return parsed({ count, per });
}

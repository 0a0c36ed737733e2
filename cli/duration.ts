import { UsageError } from './command';

const SECONDS = { s: 1, m: 60, h: 3600 } as const;
const LONGEST = 24 * 3600;

/** `60s`, `5m`, `1h` or a number of seconds, up to a day. */
export function readSeconds(flag: string, text: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const seconds = Number(count) * SECONDS[(unit || 's') as keyof typeof SECONDS];
  if (count === '' || seconds < 1 || seconds > LONGEST)
    throw new UsageError(`${flag} takes a time from 1s to 24h, as in 60s or 5m, not \`${text}\``);
  return seconds;
}

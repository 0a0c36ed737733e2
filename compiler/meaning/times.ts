import type { DataType } from '../../dsl/ruleset/data-type';

/**
 * A time in quotes, as nft lists it, by its number: the second of the day, or seconds since 1970. nft reads and writes such
 * times in the zone that it runs in; here they are UTC, as numbers are.
 */
export function timeNumber(text: string, type: DataType | undefined): bigint | undefined {
  if (type !== 'hour' && type !== 'time') return undefined;
  const day = /^(?:(\d{4})-(\d{2})-(\d{2}) )?(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!day || (day[1] === undefined) !== (type === 'hour')) return undefined;
  const [year = 1970, month = 1, date = 1, hour = 0, minute = 0, second = 0] = day
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  return BigInt(Date.UTC(year, month - 1, date, hour, minute, second) / 1000);
}

const MILLISECONDS: Readonly<Record<string, bigint>> = { ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n };

/** `6m40s` in milliseconds, of what is left of a connection's time. */
export function durationNumber(text: string, type: DataType | undefined): bigint | undefined {
  if (type !== 'time' || !/^(\d+(ms|[smhd]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, count = '0', unit = 's']) => sum + BigInt(count) * (MILLISECONDS[unit] ?? 0n),
    0n,
  );
}

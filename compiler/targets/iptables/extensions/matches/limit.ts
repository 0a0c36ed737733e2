import { BOTH, type Meaning, type Module, means, wrong } from '../module';
import { wholeNumber } from '../values';

const UNITS = ['second', 'minute', 'hour', 'day'] as const;

/** `5/minute`, `5/min`, `5/m`; without a unit, a second; what stands behind a point is not read (libxt_limit.c). */
export function readRate(text: string): { readonly count: bigint; readonly per: (typeof UNITS)[number] } | undefined {
  const [countText = '', unit = 'second'] = text.split('/');
  const count = wholeNumber(countText.replace(/\.\d*$/, ''));
  const per = UNITS.find((one) => unit !== '' && one.startsWith(unit.toLowerCase()));
  return count === undefined || count === 0n || !per ? undefined : { count, per };
}

export const limit: Module = {
  name: 'limit',
  families: BOTH,
  options: { '--limit': { values: 1 }, '--limit-burst': { values: 1 } },
  read(options): Meaning {
    const given = options.find('--limit');
    const rate = readRate(given?.values[0] ?? '3/hour');
    if (!rate) return wrong(`\`${given?.values[0]}\` is not a rate like \`5/minute\``, given?.span);
    const burst = wholeNumber(options.value('--limit-burst') ?? '5', 10000n);
    if (!burst) return wrong('a burst is a number from 1 to 10000', options.find('--limit-burst')?.span);
    return means({ kind: 'limit', rate: { ...rate, unit: 'packets', over: false, burst } });
  },
};

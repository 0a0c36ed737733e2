import type { Path } from '../../core/diagnostic';
import { formatPortRange } from '../../core/port';
import { type LocatedProblem, problemAt, type RelatedPlace } from '../located-problem';
import type { ExpectationIntent, Intent, PolicyIntent } from '../model';

/** One thing is said of some traffic, and once. */
export function checkTraffic({ policies, expectations }: Intent): LocatedProblem[] {
  return [
    ...checkList(policies, 'policies', ({ action }) => action),
    ...checkList(expectations, 'expectations', ({ outcome }) =>
      typeof outcome === 'string' ? outcome : `reaches ${outcome.reaches}`,
    ),
  ];
}

function checkList<Item extends PolicyIntent | ExpectationIntent>(
  items: readonly Item[],
  list: string,
  verdictOf: (item: Item) => string,
): LocatedProblem[] {
  const seen = new Map<string, { readonly verdict: string; readonly place: RelatedPlace }>();
  return items.flatMap((item, index): LocatedProblem[] => {
    const path: Path = [list, index];
    const verdict = verdictOf(item);
    const key = trafficOf(item);
    const first = seen.get(key);
    if (!first) seen.set(key, { verdict, place: { path, text: 'first said here' } });
    if (!first) return [];
    return [
      first.verdict === verdict
        ? problemAt(path, 'TN2103', 'the same is said of the same traffic already', { related: [first.place] })
        : problemAt(path, 'TN2104', 'something else is said of the same traffic', { related: [first.place] }),
    ];
  });
}

function trafficOf({ from, to, protocol, ports }: PolicyIntent | ExpectationIntent): string {
  return JSON.stringify([from, to, protocol ?? null, ports.map(formatPortRange).sort()]);
}

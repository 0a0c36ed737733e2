import { formatPortRange } from '../../core/port';
import type { ExpectationIntent, PolicyIntent } from '../model';
import { Claims } from './claims';
import type { Part, Parts } from './parts';
import type { Report } from './rule';

/** One thing is said of some traffic, and once. */
export function checkTraffic({ policies, expectations }: Parts, report: Report): void {
  checkList(policies, ({ action }) => action, report);
  checkList(
    expectations,
    ({ outcome }) => (typeof outcome === 'string' ? outcome : `reaches ${outcome.reaches}`),
    report,
  );
}

function checkList<List extends 'policies' | 'expectations'>(
  parts: readonly Part<List>[],
  verdictOf: (said: Part<List>['said']) => string,
  report: Report,
): void {
  const claims = new Claims<string, Part<List>>();
  for (const part of parts) {
    const first = claims.claim(trafficOf(part.said), part);
    if (!first) continue;
    const related = [{ path: first.at(), text: 'first said here' }];
    if (verdictOf(first.said) === verdictOf(part.said))
      report(part.at(), 'TN2103', 'the same is said of the same traffic already', { related });
    else report(part.at(), 'TN2104', 'something else is said of the same traffic', { related });
  }
}

function trafficOf({ from, to, protocol, ports }: PolicyIntent | ExpectationIntent): string {
  return JSON.stringify([from, to, protocol ?? null, ports.map(formatPortRange).sort()]);
}

import type { DataType } from '../../../dsl/ruleset/data-type';
import type { Constant, Expression } from '../../../dsl/ruleset/tree';
import { rangeOf } from '../../meaning/values';

interface Value {
  readonly value: Expression;
  readonly comment?: string;
}

/** Fewer ports than that are quicker read one by one. */
const SHORTEST = 3n;

/** Ports that follow each other as ranges, each in the place of the first that was written; those with comments stay. */
export function withRuns<T extends Value>(members: readonly T[], type: DataType | undefined): readonly T[] {
  if (type !== 'inet_service') return members;
  const ports = members.flatMap((member) => {
    const range = member.comment === undefined ? rangeOf(member.value, type) : undefined;
    return range ? [{ member, first: range[0], last: range[1] }] : [];
  });
  ports.sort((a, b) => Number(a.first - b.first));
  const became = new Map<T, T | undefined>();
  for (let from = 0; from < ports.length; ) {
    let to = from;
    while (ports[to + 1]?.first === (ports[to]?.last ?? 0n) + 1n) to++;
    const run = ports.slice(from, to + 1);
    const [first, last] = [run[0]?.first ?? 0n, run.at(-1)?.last ?? 0n];
    if (to > from && last - first + 1n >= SHORTEST) {
      const of = new Set(run.map(({ member }) => member));
      const place = members.find((member) => of.has(member)) as T;
      for (const member of of) became.set(member, undefined);
      became.set(place, { ...place, value: { kind: 'range', first: port(first), last: port(last) } });
    }
    from = to + 1;
  }
  return members.flatMap((member) => (became.has(member) ? (became.get(member) ?? []) : member));
}

function port(value: bigint): Constant {
  return { kind: 'number', value };
}

import fc from 'fast-check';
import { Intervals } from '../../../../dsl/core/intervals';

const run = fc.tuple(fc.bigInt(0n, 40n), fc.bigInt(0n, 6n)).map(([first, more]) => [first, first + more] as const);
const runs = fc.array(run, { maxLength: 8 });

function members(all: readonly (readonly [bigint, bigint])[]): Set<bigint> {
  const found = new Set<bigint>();
  for (const [first, last] of all) for (let value = first; value <= last; value++) found.add(value);
  return found;
}

const held = (intervals: Intervals) =>
  new Set(Array.from({ length: 60 }, (_, n) => BigInt(n)).filter((n) => intervals.has(n)));

test('holds what it was made of, and reads what it writes', () => {
  fc.assert(
    fc.property(runs, (all) => {
      const intervals = Intervals.of(all);
      expect(held(intervals)).toEqual(members(all));
      expect(Intervals.parse(intervals.toString())?.toString()).toBe(intervals.toString());
    }),
  );
});

test('joins and takes away as sets do', () => {
  fc.assert(
    fc.property(runs, runs, (a, b) => {
      const [x, y] = [members(a), members(b)];
      expect(held(Intervals.of(a).union(Intervals.of(b)))).toEqual(new Set([...x, ...y].sort((p, q) => Number(p - q))));
      expect(held(Intervals.of(a).without(Intervals.of(b)))).toEqual(
        new Set([...x].filter((n) => !y.has(n)).sort((p, q) => Number(p - q))),
      );
    }),
  );
});

test('finds the first that is free, and what meets it', () => {
  fc.assert(
    fc.property(runs, run, (all, [first, last]) => {
      const [intervals, set] = [Intervals.of(all), members(all)];
      let free = first;
      while (set.has(free)) free++;
      expect(intervals.firstFree(first)).toBe(free);
      expect(intervals.meets(first, last)).toBe([...members([[first, last]])].some((n) => set.has(n)));
    }),
  );
});

test.each(['', '1', '1-2,4'])('`%s` is a list of numbers', (text) =>
  expect(Intervals.parse(text)?.toString()).toBe(text),
);
test.each(['x', '1-', '1,', '-1', '1--2', ' 1'])('`%s` is not', (text) =>
  expect(Intervals.parse(text)).toBeUndefined(),
);

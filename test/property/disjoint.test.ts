import fc from 'fast-check';
import { type Box, disjoint } from '../../compiler/lower/disjoint';

const side = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })).map(([a, b]) => ({
  first: BigInt(Math.min(a, b)),
  last: BigInt(Math.max(a, b)),
}));
const boxes = fc
  .array(fc.tuple(side, side, side), { maxLength: 6 })
  .map((all) => all.map((sides, tag): Box<number> => ({ sides, tag })));

const holds = (box: Box<number>, point: readonly bigint[]) =>
  box.sides.every(({ first, last }, axis) => first <= (point[axis] ?? -1n) && (point[axis] ?? -1n) <= last);

const sideText = ({ first, last }: { first: bigint; last: bigint }) => `${first}-${last}`;

const point = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 9 }).map(BigInt)));

describe('disjoint boxes', () => {
  test('cover each point of the given ones exactly once, and no other', () => {
    fc.assert(
      fc.property(boxes, fc.array(point, { minLength: 20, maxLength: 20 }), (given, points) => {
        const result = disjoint(given);
        for (const one of points)
          expect(result.filter((box) => holds(box, one))).toHaveLength(given.some((box) => holds(box, one)) ? 1 : 0);
      }),
    );
  });

  test('keep the tag of the first box that covers a point, when asked to keep tags', () => {
    fc.assert(
      fc.property(boxes, fc.array(point, { minLength: 20, maxLength: 20 }), (given, points) => {
        const result = disjoint(given, String);
        for (const one of points)
          expect(result.find((box) => holds(box, one))?.tag).toBe(given.find((box) => holds(box, one))?.tag);
      }),
    );
  });

  test('stay as they are, whatever lies apart from them', () => {
    fc.assert(
      fc.property(boxes, fc.tuple(side, side, side), fc.nat(2), fc.constantFrom(10n, 99n), (given, sides, axis, at) => {
        const other: Box<number> = { sides: sides.with(axis, { first: at, last: at }), tag: -1 };
        const inOrder = (all: readonly Box<number>[]) =>
          all.map(({ sides: own }) => own.map(sideText).join(' ')).sort();
        for (const keep of [undefined, String]) {
          const wanted = inOrder([...disjoint(given, keep), other]);
          expect(inOrder(disjoint([...given, other], keep))).toEqual(wanted);
          expect(inOrder(disjoint([other, ...given], keep))).toEqual(wanted);
        }
      }),
    );
  });

  test('a box inside another leaves the other whole', () => {
    const wide: Box<string> = {
      sides: [
        { first: 0n, last: 255n },
        { first: 80n, last: 80n },
      ],
      tag: 'wide',
    };
    const narrow: Box<string> = {
      sides: [
        { first: 7n, last: 7n },
        { first: 80n, last: 80n },
      ],
      tag: 'narrow',
    };
    expect(disjoint([wide, narrow])).toEqual([wide]);
  });
});

/** Both ends included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

const NOWHERE: Interval = { first: 0n, last: -1n };

/** A product of intervals, one an axis, and what it carries along. */
export interface Box<T> {
  readonly sides: readonly Interval[];
  readonly tag: T;
}

/**
 * Boxes that cover exactly what the given ones cover and do not overlap: an nft interval set refuses elements that do.
 * What overlaps nothing stays as it was given, whatever others there are. Where given boxes overlap, the tag of the first of
 * them stays, and what was cut is joined again where `keep` gives both parts' tags the same text. All boxes have to have the
 * same number of sides.
 */
export function disjoint<T>(boxes: readonly Box<T>[], keep: (tag: T) => string = () => ''): Box<T>[] {
  return groups(boxes).flatMap((group) => split(group, 0, keep));
}

/** Boxes of two groups lie apart on some axis. */
function groups<T>(boxes: readonly Box<T>[]): readonly (readonly Box<T>[])[] {
  const [first] = boxes;
  if (!first || boxes.length === 1) return [boxes];
  for (const axis of first.sides.keys()) {
    const parts = stretches(boxes, axis);
    if (parts.length > 1) return parts.flatMap(groups);
  }
  return [boxes];
}

/** The boxes by the stretches of an axis that they cover without a gap; in each, in their given order. */
function stretches<T>(boxes: readonly Box<T>[], axis: number): readonly (readonly Box<T>[])[] {
  const sides = boxes.map((box, index) => ({ index, side: box.sides[axis] ?? NOWHERE }));
  sides.sort((a, b) => compare(a.side.first, b.side.first));
  const parts: number[][] = [];
  let last = NOWHERE.last;
  for (const { index, side } of sides) {
    if (side.first > last) parts.push([]);
    parts.at(-1)?.push(index);
    if (side.last > last) last = side.last;
  }
  return parts.map((all) => all.sort((a, b) => a - b).flatMap((index) => boxes[index] ?? []));
}

function split<T>(boxes: readonly Box<T>[], axis: number, keep: (tag: T) => string): Box<T>[] {
  const [only] = boxes;
  if (!only) return [];
  if (boxes.length === 1 || axis === only.sides.length) return [only];
  const result: { slab: Interval; inner: readonly Box<T>[]; shape: string }[] = [];
  for (const { slab, members } of slabs(boxes, axis)) {
    const inner = split(members, axis + 1, keep);
    const shape = shapeOf(inner, axis + 1, keep);
    const previous = result.at(-1);
    if (previous && previous.shape === shape && previous.slab.last + 1n === slab.first)
      result[result.length - 1] = { ...previous, slab: { first: previous.slab.first, last: slab.last } };
    else result.push({ slab, inner, shape });
  }
  return result.flatMap(({ slab, inner }) => inner.map((box) => ({ ...box, sides: box.sides.with(axis, slab) })));
}

/** Cuts an axis where any box begins or ends; each slab comes with the boxes that cover it, in their given order. */
function* slabs<T>(boxes: readonly Box<T>[], axis: number): Generator<{ slab: Interval; members: Box<T>[] }> {
  const sideOf = (index: number): Interval => boxes[index]?.sides[axis] ?? NOWHERE;
  const byFirst = boxes.map((_, index) => index).sort((a, b) => compare(sideOf(a).first, sideOf(b).first) || a - b);
  let active: number[] = [];
  let at = 0n;
  let next = 0;
  while (next < byFirst.length || active.length > 0) {
    if (active.length === 0) at = sideOf(byFirst[next] ?? 0).first;
    while (next < byFirst.length && sideOf(byFirst[next] ?? 0).first === at) active.push(byFirst[next++] ?? 0);
    let end = least(active.map((index) => sideOf(index).last));
    const upcoming = byFirst[next];
    if (upcoming !== undefined && sideOf(upcoming).first <= end) end = sideOf(upcoming).first - 1n;
    const members = [...active].sort((a, b) => a - b).flatMap((index) => boxes[index] ?? []);
    yield { slab: { first: at, last: end }, members };
    at = end + 1n;
    active = active.filter((index) => sideOf(index).last >= at);
  }
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a));
}

function shapeOf<T>(boxes: readonly Box<T>[], from: number, keep: (tag: T) => string): string {
  const sideText = ({ first, last }: Interval) => `${first}-${last}`;
  return boxes.map(({ sides, tag }) => `${sides.slice(from).map(sideText).join('.')}=${keep(tag)}`).join(',');
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

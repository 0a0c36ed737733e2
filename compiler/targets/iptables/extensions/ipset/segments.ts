import type { Expression } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { addressOf, lengthMask } from '../values';
import type { Member, Span } from './members';

/** A run of addresses of which the same members say what is so. */
export interface Segment extends Span {
  readonly of: Member;
}

interface Placed {
  readonly span: Span;
  readonly of: Member;
}

/**
 * Of members that differ in one address only, what is so of each address: the smallest block that holds it decides; one
 * inside of another that says the same and stays as long is left out.
 */
export function segmentsOf(members: readonly Placed[]): readonly Segment[] {
  const begins = [...members].sort((a, b) => compare(a.span.first, b.span.first));
  const edges = [...new Set(members.flatMap(({ span }) => [span.first, span.last + 1n]))].sort(compare);
  const segments: Segment[] = [];
  let open: Placed[] = [];
  let next = 0;
  for (const [index, first] of edges.entries()) {
    open = open.filter(({ span }) => span.last >= first);
    for (let one = begins[next]; one && one.span.first === first; one = begins[++next]) open.push(one);
    const of = deciding(open);
    const end = edges[index + 1];
    if (!of || end === undefined) continue;
    const before = segments.at(-1);
    if (before && before.of === of && before.last === first - 1n)
      segments[segments.length - 1] = { ...before, last: end - 1n };
    else segments.push({ first, last: end - 1n, of });
  }
  return segments;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function deciding(open: readonly Placed[]): Member | undefined {
  const size = ({ span }: Placed) => span.last - span.first;
  const inwards = [...open].sort((a, b) => compare(size(b), size(a)));
  let found: Member | undefined;
  for (const { of } of inwards) if (!found || found.nomatch !== of.nomatch || lasts(of) > lasts(found)) found = of;
  return found;
}

function lasts({ rest }: Member): number {
  return rest.timeoutMs ?? Number.POSITIVE_INFINITY;
}

/** An address, a block, or a range where it is neither. */
export function addressesOf({ first, last }: Span, family: XtFamily): Expression {
  if (first === last) return addressOf(first, family);
  const bits = family === 'ip' ? 32 : 128;
  const size = last - first + 1n;
  const length = bits - (size.toString(2).length - 1);
  if ((size & (size - 1n)) === 0n && (first & lengthMask(length, family)) === first)
    return { kind: 'prefix', address: addressOf(first, family), length };
  return { kind: 'range', first: addressOf(first, family), last: addressOf(last, family) };
}

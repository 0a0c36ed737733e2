import { concat, match, namedSet, types } from '../../../../../dsl/ruleset/nodes';
import type { Element, Expression, NamedSet, Statement } from '../../../../../dsl/ruleset/tree';
import type { IpSet } from '../module';
import { type Dimension, dimensionsOf, partsOf, typesOf } from './dimensions';
import { type Member, membersOf, type Unreadable } from './members';
import { addressesOf, segmentsOf } from './segments';

/** Which of a set's members: those that match, or those that were excepted (`nomatch`). */
export type Which = 'members' | 'exceptions';

/** A set of ipset as sets of nft: one, or one for each way in which a header says what a port is. */
export interface Built {
  readonly set: NamedSet;
  readonly carrier: Member['carrier'];
}

export type Sets = readonly Built[] | Unreadable;

const known = new WeakMap<IpSet, Map<string, Sets>>();

/** The same for each rule that speaks of the set. `written`: rules add to it. */
export function setsFor(ipset: IpSet, which: Which, written: boolean): Sets {
  const ways = known.get(ipset) ?? new Map<string, Sets>();
  known.set(ipset, ways);
  const key = `${which} ${written}`;
  const found = ways.get(key) ?? built(ipset, which, written);
  ways.set(key, found);
  return found;
}

const SUFFIX: Readonly<Record<Member['carrier'], string>> = { ports: '', icmp: '-icmp', none: '-protocols' };

function built(ipset: IpSet, which: Which, written: boolean): Sets {
  const dimensions = dimensionsOf(ipset);
  if (!dimensions) return { member: '', why: `nobody knows the type \`${ipset.type}\`` };
  const members = membersOf(ipset);
  if ('why' in members) return members;
  const carriers = (['ports', 'icmp', 'none'] as const).filter(
    (carrier) => carrier === 'ports' || members.some((one) => one.carrier === carrier),
  );
  const sets: Built[] = [];
  for (const carrier of carriers) {
    const elements = elementsOf(
      members.filter((one) => one.carrier === carrier),
      which,
      ipset,
    );
    if ('why' in elements) return elements;
    if (elements.length === 0 && carriers.length > 1 && !written) continue;
    sets.push({ set: setOf(ipset, which, carrier, elements, dimensions, written), carrier });
  }
  return sets;
}

function setOf(
  ipset: IpSet,
  which: Which,
  carrier: Member['carrier'],
  elements: readonly Element[],
  dimensions: readonly Dimension[],
  written: boolean,
): NamedSet {
  const ranges = elements.some(({ key }) => key !== 'default' && hasRange(key));
  const most = Number(ipset.options.get('maxelem') ?? '65536');
  return {
    name: `${ipset.name}${which === 'exceptions' ? '-nomatch' : ''}${SUFFIX[carrier]}`,
    key: types(
      ...dimensions.flatMap((one) => {
        const all = typesOf(one, ipset.family);
        return carrier === 'none' && one === 'port' ? all.slice(0, 1) : all;
      }),
    ),
    flags: [
      ...(written ? (['dynamic'] as const) : []),
      ...(ranges || (dimensions.includes('net') && !written) ? (['interval'] as const) : []),
      ...(ipset.options.has('timeout') ? (['timeout'] as const) : []),
    ],
    ...(written ? { size: most } : {}),
    ...(ipset.options.has('counters') ? { counter: true } : {}),
    elements,
    origin: { kind: 'program' },
  };
}

function hasRange(key: Expression): boolean {
  return key.kind === 'range' || key.kind === 'prefix' || (key.kind === 'concat' && key.parts.some(hasRange));
}

/** Members that differ in one address are sorted out by it; what else they are made of is the same in all. */
function elementsOf(members: readonly Member[], which: Which, ipset: IpSet): readonly Element[] | Unreadable {
  const wanted = (one: Member) => one.nomatch === (which === 'exceptions');
  const [sample] = members;
  const places = sample ? [...sample.spans.keys()] : [];
  const exact = members.every(({ spans, nomatch }) => !nomatch && [...spans.values()].every(isOne));
  const [place] = places;
  if (place === undefined || exact) return members.filter(wanted).map((one) => elementWith(one, places, ipset));
  if (places.length > 1) {
    if (members.some(({ nomatch }) => nomatch))
      return { member: '', why: 'exceptions (nomatch) among pairs of networks are not sorted out' };
    return members.map((one) => elementWith(one, places, ipset));
  }
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = JSON.stringify(member.parts.with(place, { kind: 'number', value: 0n }), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()].flatMap((group) =>
    segmentsOf(group.map((of) => ({ span: of.spans.get(place) ?? { first: 0n, last: 0n }, of })))
      .filter(({ of }) => wanted(of))
      .map(({ of, first, last }) =>
        elementOf(of.parts.with(place, addressesOf({ first, last }, ipset.family)), of.rest),
      ),
  );
}

function isOne({ first, last }: { readonly first: bigint; readonly last: bigint }): boolean {
  return first === last;
}

function elementWith({ parts, spans, rest }: Member, places: readonly number[], { family }: IpSet): Element {
  const whole = parts.map((part, at) => {
    const span = places.includes(at) ? spans.get(at) : undefined;
    return span ? addressesOf(span, family) : part;
  });
  return elementOf(whole, rest);
}

function elementOf(parts: readonly Expression[], rest: Member['rest']): Element {
  const [only] = parts;
  return { ...rest, key: parts.length === 1 && only ? only : concat(...parts), origin: { kind: 'program' } };
}

/** What a set is asked with, seen from the packet's ends that the rule names; undefined when it names too few. */
export function keyFor(
  ipset: IpSet,
  carrier: Member['carrier'],
  sides: readonly ('src' | 'dst')[],
): Expression | undefined {
  const dimensions = dimensionsOf(ipset) ?? [];
  if (sides.length < dimensions.length) return undefined;
  const parts = dimensions.flatMap((dimension, at) => {
    const side = sides[at] as 'src' | 'dst';
    if (dimension !== 'port' || carrier === 'ports') return partsOf(dimension, side, ipset);
    // The first two bytes after the address are what ICMP says, as they are the source's port elsewhere.
    const all = partsOf(dimension, 'src', ipset);
    return carrier === 'none' ? all.slice(0, 1) : all;
  });
  const [only] = parts;
  return parts.length === 1 && only ? only : concat(...parts);
}

/** A look-up in each of the sets; one that matches is enough. */
export function lookups(
  ipset: IpSet,
  sets: readonly Built[],
  sides: readonly ('src' | 'dst')[],
): readonly (readonly Statement[])[] {
  return sets.flatMap(({ set, carrier }) => {
    const key = keyFor(ipset, carrier, sides);
    return key ? [[match(key, '==', namedSet(set.name))]] : [];
  });
}

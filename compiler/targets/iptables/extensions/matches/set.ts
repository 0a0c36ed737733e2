import { anonymousSet, field, match, symbol } from '../../../../../dsl/ruleset/nodes';
import type { NamedSet, Statement } from '../../../../../dsl/ruleset/tree';
import { lookups, setsFor, type Which } from '../ipset/build';
import { dimensionsOf, hasFamily } from '../ipset/dimensions';
import { type Around, BOTH, type IpSet, impossible, type Meaning, type Module, means, wrong } from '../module';
import { NEVER } from '../values';

export type Sides = readonly ('src' | 'dst')[];

/** `src,dst`: for each part of a member, the end of the packet that it is compared with. */
export function sidesOf(text: string | undefined): Sides | undefined {
  const words = (text ?? '').split(',');
  return /^(src|dst)(,(src|dst)){0,5}$/.test(text ?? '') ? (words as ('src' | 'dst')[]) : undefined;
}

/** What to do about a set that nobody gave. */
export function notGiven(name: string): Meaning {
  return {
    kind: 'impossible',
    reason: `the set \`${name}\` is not among what was given`,
    mend: 'run `ipset save > sets.ipset` on that host, and give the file too',
    stateful: true,
  };
}

/** Why a set cannot be asked in a table of nft: what other tables change, this one would not see. */
export function outOfReach(name: string, { uses, family }: Around): string | undefined {
  const use = uses.sets.get(name);
  if (!use?.written || [...use.tables].every((one) => one.startsWith(`${family} `))) return undefined;
  return `rules change the set \`${name}\`, which IPv4 and IPv6 share; a set of nft belongs to one table`;
}

/** iptables does not take a set of the other family's addresses; a list may hold such. */
export function familyMistake(ipset: IpSet, { family }: Around): string | undefined {
  if (!hasFamily(ipset) || ipset.family === family) return undefined;
  return `the set \`${ipset.name}\` holds addresses of ${ipset.family === 'ip' ? 'IPv4' : 'IPv6'}`;
}

interface Asked {
  readonly ways: readonly (readonly Statement[])[];
  readonly sets: readonly NamedSet[];
}

/** The look-ups in a set, or in the sets of a list; none where a packet of this family cannot be in it. */
function asked(ipset: IpSet, sides: Sides, which: Which, around: Around): Asked | Meaning {
  const { family, uses, ipsets } = around;
  const reach = outOfReach(ipset.name, around);
  if (reach !== undefined) return { ...impossible(reach) };
  if (ipset.type === 'list:set') return ofList(ipset, sides, which, around);
  if (hasFamily(ipset) && ipset.family !== family) return { ways: [], sets: [] };
  const sets = setsFor(ipset, which, uses.sets.get(ipset.name)?.written === true);
  if ('why' in sets)
    return impossible(`of the set \`${ipset.name}\`${sets.member === '' ? '' : `, \`${sets.member}\``}: ${sets.why}`);
  const found = lookups(ipset, sets, sides);
  const guarded = dimensionsOf(ipset)?.includes('any port')
    ? found.map((way) => [match(field('meta l4proto'), '==', anonymousSet(symbol('tcp'), symbol('udp'))), ...way])
    : found;
  return { ways: guarded, sets: ipsets.has(ipset.name) && found.length > 0 ? sets.map(({ set }) => set) : [] };
}

function ofList(list: IpSet, sides: Sides, which: Which, around: Around): Asked | Meaning {
  const ways: (readonly Statement[])[] = [];
  const sets: NamedSet[] = [];
  for (const [name = ''] of list.members) {
    const member = around.ipsets.get(name);
    if (!member) return notGiven(name);
    const of = asked(member, sides, which, around);
    if ('kind' in of) return of;
    ways.push(...of.ways);
    sets.push(...of.sets);
  }
  return { ways, sets };
}

const COUNTED = { values: 1, negatable: true } as const;

export const set: Module = {
  name: 'set',
  families: BOTH,
  options: {
    '--match-set': { values: 2, negatable: true },
    '--set': { values: 2, negatable: true, is: '--match-set' },
    '--return-nomatch': { values: 0 },
    '--update-counters': { values: 0, negatable: true },
    '--update-subcounters': { values: 0, negatable: true },
    '--packets-eq': COUNTED,
    '--packets-lt': { values: 1 },
    '--packets-gt': { values: 1 },
    '--bytes-eq': COUNTED,
    '--bytes-lt': { values: 1 },
    '--bytes-gt': { values: 1 },
  },
  read(options, around): Meaning {
    const given = options.find('--match-set');
    const [name = '', flags] = given?.values ?? [];
    const sides = sidesOf(flags);
    if (!given || !sides)
      return wrong('set needs `--match-set NAME src`, `dst`, or both, as often as members have parts');
    const ipset = around.ipsets.get(name);
    if (!ipset) return notGiven(name);
    const compared = options.all.find((one) => /^--(packets|bytes)-/.test(one.name));
    if (compared) return impossible(`nft does not compare what an element of a set has counted (${compared.name})`);
    const family = familyMistake(ipset, around);
    if (family !== undefined) return wrong(family, given.span);
    const found = asked(ipset, sides, options.has('--return-nomatch') ? 'exceptions' : 'members', around);
    if ('kind' in found) return found;
    const counts = options.find('--update-counters')?.negated && ipset.options.has('counters');
    return {
      ...means(...asStatements(found.ways, given.negated)),
      ...(found.sets.length > 0 ? { sets: found.sets } : {}),
      ...(counts ? { note: 'nft counts each packet that is in the set' } : {}),
    };
  },
};

function asStatements(ways: readonly (readonly Statement[])[], negated: boolean): readonly Statement[] {
  const [first] = ways;
  if (!first) return negated ? [] : [NEVER];
  const [lookup] = first;
  if (ways.length > 1 || !lookup) return [{ kind: 'either', alternatives: ways, negated }];
  if (!negated) return first;
  if (first.length > 1 || lookup.kind !== 'match') return [{ kind: 'either', alternatives: ways, negated }];
  return [{ ...lookup, op: '!=' }];
}

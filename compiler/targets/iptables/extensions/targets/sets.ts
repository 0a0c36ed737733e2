import type { NamedSet, Statement } from '../../../../../dsl/ruleset/tree';
import { keyFor, setsFor } from '../ipset/build';
import { dimensionsOf } from '../ipset/dimensions';
import { familyMistake, notGiven, outOfReach, sidesOf } from '../matches/set';
import {
  type Around,
  BOTH,
  type Given,
  impossible,
  type Meaning,
  type Module,
  means,
  type Options,
  wrong,
} from '../module';
import { wholeNumber } from '../values';

const TWO = { values: 2 } as const;
/** The protocols whose ports ipset looks at. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132, 136]);

/** Adding a packet's key to a set, or taking it out. */
function change(given: Given, options: Options, around: Around): Meaning {
  const [name = '', flags] = given.values;
  const sides = sidesOf(flags);
  if (!sides) return wrong(`\`${given.name}\` takes a set and \`src\`, \`dst\`, or both`, given.span);
  const ipset = around.ipsets.get(name);
  if (!ipset) return notGiven(name);
  const dimensions = dimensionsOf(ipset);
  if (!dimensions || dimensions.includes('net'))
    return impossible(
      `rules of nft add single keys, and take them out; \`${name}\` holds ${dimensions ? 'networks' : 'sets'}`,
    );
  const reach = outOfReach(name, around);
  if (reach !== undefined) return impossible(reach);
  const family = familyMistake(ipset, around);
  if (family !== undefined) return wrong(family, given.span);
  const sets = setsFor(ipset, 'members', true);
  if ('why' in sets) return impossible(`of the set \`${name}\`, \`${sets.member}\`: ${sets.why}`);
  const [first] = sets;
  if (first?.set.flags.includes('interval'))
    return impossible(`rules of nft do not add to a set of ranges; \`${name}\` holds some`);
  const key = keyFor(ipset, 'ports', sides);
  if (!first || !key) return means();
  const timeout = options.value('--timeout') ?? ipset.options.get('timeout');
  const seconds = wholeNumber(timeout ?? '0');
  if (seconds === undefined) return wrong('not a number of seconds', options.find('--timeout')?.span);
  const adds = given.name === '--add-set';
  const statement: Statement = {
    kind: 'set-update',
    op: adds ? (options.has('--exist') ? 'update' : 'add') : 'delete',
    set: first.set.name,
    key,
    ...(adds && seconds > 0n && ipset.options.has('timeout') ? { timeoutMs: Number(seconds) * 1000 } : {}),
    statements: [],
  };
  const used: readonly NamedSet[] = sets.map(({ set }) => set);
  const bounded = ipset.type.startsWith('bitmap:') && adds;
  return {
    ...means(statement),
    sets: used,
    ...(bounded
      ? { note: `\`${name}\` took no more than the range that it was made for; the set of nft takes all` }
      : dimensions.includes('port') && !WITH_PORTS.has(around.protocol ?? 0)
        ? { note: 'of packets without ports, what stands in their place is taken for one' }
        : {}),
  };
}

export const SET: Module = {
  name: 'SET',
  families: BOTH,
  options: {
    '--add-set': TWO,
    '--del-set': TWO,
    '--map-set': TWO,
    '--exist': { values: 0 },
    '--timeout': { values: 1 },
    '--map-mark': { values: 0 },
    '--map-prio': { values: 0 },
    '--map-queue': { values: 0 },
  },
  read(options, around): Meaning {
    const changes = options.all.filter(({ name }) => name === '--add-set' || name === '--del-set');
    if (options.has('--map-set'))
      return impossible(
        'the marks, classes and queues of a set (skbinfo) would have to be maps of nft, to be written by hand',
      );
    if (changes.length === 0) return wrong('SET needs `--add-set`, `--del-set` or `--map-set`', options.all[0]?.span);
    const statements: Statement[] = [];
    const sets: NamedSet[] = [];
    const notes: string[] = [];
    for (const one of changes) {
      const meaning = change(one, options, around);
      if (meaning.kind !== 'means') return meaning;
      statements.push(...meaning.statements);
      sets.push(...(meaning.sets ?? []));
      if (meaning.note !== undefined) notes.push(meaning.note);
    }
    return { ...means(...statements), sets, ...(notes.length > 0 ? { note: notes.join('; ') } : {}) };
  },
};

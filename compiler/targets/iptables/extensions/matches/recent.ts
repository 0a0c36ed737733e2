import { concat, field, match, namedSet, types } from '../../../../../dsl/ruleset/nodes';
import type { Expression, NamedSet, Statement } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import {
  type Around,
  type AskedOfList,
  BOTH,
  impossible,
  type ListUse,
  type Meaning,
  type Module,
  type Options,
  wrong,
} from '../module';
import { addressNumber, addressOf, addressType, NEVER, wholeMask, wholeNumber } from '../values';

const ONE = { values: 1 } as const;
const DOES = { values: 0, negatable: true } as const;
const DEEDS = ['--set', '--rcheck', '--update', '--remove'] as const;
type Deed = (typeof DEEDS)[number];

/** As many packets of an address are remembered where the module is loaded without options (ip_pkt_list_tot). */
const MOST_HITS = 20n;

export function listOf(options: Options): string {
  return options.value('--name') ?? 'DEFAULT';
}

/** Undefined for a rule that asks nothing, or not what can be asked. */
export function askedOfList(options: Options): AskedOfList | undefined {
  if (!options.has('--rcheck') && !options.has('--update')) return undefined;
  const seconds = options.has('--seconds') ? wholeNumber(options.value('--seconds') ?? '') : undefined;
  const hits = wholeNumber(options.value('--hitcount') ?? '0', MOST_HITS);
  if (hits === undefined || (options.has('--seconds') && !seconds)) return undefined;
  return {
    ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    hits: Math.max(1, Number(hits)),
    hops: options.has('--rttl'),
  };
}

/**
 * What is remembered for one question: one set, in which an address stays for the time asked for, or, where several packets
 * are asked for, a ring of one set more than that. Each packet of an address goes into the set after that of the one before,
 * and out of the one after it: as many of the others hold the address as packets came in the time.
 */
interface Memory {
  readonly list: string;
  readonly asked: AskedOfList;
  readonly sets: readonly NamedSet[];
}

const RING = 'one of a ring: a packet goes into the set after that of the packet before, and out of the next';

/** Who is asked for. */
interface Subject {
  readonly address: Expression;
  readonly hops: Expression;
}

function hopsOf(family: XtFamily): Expression {
  return field(family === 'ip' ? 'ip ttl' : 'ip6 hoplimit');
}

function memoriesOf(name: string, { asked }: ListUse, { family, nameFor }: Around): readonly Memory[] {
  const questions: readonly AskedOfList[] = asked.length > 0 ? asked : [{ hits: 1, hops: false }];
  return questions.map((one) => {
    const words = [
      one.seconds === undefined ? '' : `${one.seconds}s`,
      one.hits > 1 ? `${one.hits}x` : '',
      one.hops ? 'hops' : '',
    ];
    const whole = ['recent', name, ...(questions.length > 1 ? words : [])].filter((word) => word !== '').join('-');
    const slots = one.hits === 1 ? [whole] : Array.from({ length: one.hits + 1 }, (_, at) => `${whole}-${at + 1}`);
    const source = field(`${family} saddr`);
    const sets = slots.map(
      (slot, at): NamedSet => ({
        name: nameFor(slot, `recent ${name} ${JSON.stringify(one)}`),
        key: one.hops ? { kind: 'typeof', expressions: [source, hopsOf(family)] } : types(addressType(family)),
        flags: ['dynamic', 'timeout'],
        ...(one.seconds === undefined ? {} : { timeoutMs: one.seconds * 1000 }),
        ...(slots.length > 1 && at === 0 ? { comment: RING } : {}),
        elements: [],
        origin: { kind: 'program' },
      }),
    );
    return { list: name, asked: one, sets };
  });
}

function keyFor({ asked }: Memory, { address, hops }: Subject): Expression {
  return asked.hops ? concat(address, hops) : address;
}

function inSlot(key: Expression, set: NamedSet, op: '==' | '!=' = '=='): Statement {
  return match(key, op, namedSet(set.name));
}

function put(op: 'update' | 'delete', set: NamedSet, key: Expression): Statement {
  return { kind: 'set-update', op, set: set.name, key, statements: [] };
}

function after<T>(list: readonly T[], at: number, by = 1): T {
  return list[(at + by) % list.length] as T;
}

function eitherOf(
  what: 'note' | 'seen',
  list: string,
  alternatives: readonly (readonly Statement[])[],
  negated = false,
): Statement {
  return { kind: 'either', alternatives, negated, about: `${what}-${list.replace(/[^\w.-]/g, '_')}` };
}

/** A packet noted in one memory: where it is a ring, what to do by which set holds the one before. */
function noted(memory: Memory, subject: Subject): readonly (readonly Statement[])[] {
  const key = keyFor(memory, subject);
  const { sets } = memory;
  const [first] = sets;
  if (sets.length === 1 && first) return [[put('update', first, key)]];
  const into = (at: number) => [put('update', after(sets, at, 0), key), put('delete', after(sets, at), key)];
  return [...sets.map((set, at) => [inSlot(key, set), inSlot(key, after(sets, at), '!='), ...into(at + 1)]), into(0)];
}

/** A packet noted in all memories; what is one statement for each stands behind the rest. */
function notedInAll(memories: readonly Memory[], subject: Subject): Statement[] {
  const each = memories.map((memory) => noted(memory, subject));
  const plain = each.flatMap((ways) => (ways.length === 1 ? (ways[0] ?? []) : []));
  const rings = each.filter((ways) => ways.length > 1);
  const list = memories[0]?.list ?? '';
  return [...rings.map((ways) => eitherOf('note', list, ways)), ...plain];
}

/** Whether as many packets came in time; of a ring, all sets hold the address but one. */
function holding(memory: Memory, subject: Subject): readonly (readonly Statement[])[] {
  const key = keyFor(memory, subject);
  const { sets } = memory;
  if (sets.length === 1) return [sets.map((set) => inSlot(key, set))];
  return sets.map((_, without) => sets.filter((_, at) => at !== without).map((set) => inSlot(key, set)));
}

function asking(memory: Memory, subject: Subject, negated: boolean): Statement[] {
  const ways = holding(memory, subject);
  const [first] = memory.sets;
  if (ways.length === 1 && first) return [inSlot(keyFor(memory, subject), first, negated ? '!=' : '==')];
  return [eitherOf('seen', memory.list, ways, negated)];
}

/** Asked, and where that holds, noted: in the ring that was asked, where the one set is that does not hold it. */
function updating(memory: Memory, others: readonly Memory[], subject: Subject): Statement[] {
  const key = keyFor(memory, subject);
  const rest = notedInAll(others, subject);
  const { sets } = memory;
  const [first] = sets;
  if (sets.length === 1 && first) return [inSlot(key, first), put('update', first, key), ...rest];
  const alternatives = holding(memory, subject).map((holds, without) => [
    ...holds,
    put('update', after(sets, without, 0), key),
    put('delete', after(sets, without), key),
  ]);
  return [eitherOf('seen', memory.list, alternatives), ...rest];
}

/** The memory that forgets last, and so knows best whether an address is in the list at all. */
function longest(memories: readonly Memory[]): Memory {
  const lasts = ({ asked: { seconds = Number.POSITIVE_INFINITY } }: Memory) => seconds;
  return memories.reduce((one, other) => (lasts(other) > lasts(one) ? other : one));
}

function removing(memories: readonly Memory[], subject: Subject): Statement[] {
  const memory = longest(memories);
  const key = keyFor(memory, subject);
  const alternatives = memory.sets.map((set) => [inSlot(key, set)]);
  const [only] = alternatives;
  const known: readonly Statement[] =
    alternatives.length === 1 && only ? only : [eitherOf('seen', memory.list, alternatives)];
  return [...known, ...memories.flatMap((one) => one.sets.map((set) => put('delete', set, keyFor(one, subject))))];
}

const FULL =
  'up to 65535 addresses are remembered, and no more once the set is full; recent remembers 100 and forgets the oldest';

function doing(
  deed: Deed,
  negated: boolean,
  asked: AskedOfList | undefined,
  memories: readonly Memory[],
  subject: Subject,
): Meaning {
  const means = (statements: readonly Statement[], note?: string): Meaning => ({
    kind: 'means',
    statements,
    sets: memories.flatMap(({ sets }) => sets),
    ...(note === undefined ? {} : { note }),
  });
  const memory = memories.find((one) => JSON.stringify(one.asked) === JSON.stringify(asked));
  switch (deed) {
    case '--set':
      return means([...notedInAll(memories, subject), ...(negated ? [NEVER] : [])], FULL);
    case '--remove': {
      if (negated)
        return impossible('a rule of nft cannot take an address out of a set and go on where it was not in it');
      const { seconds } = longest(memories).asked;
      const note =
        seconds === undefined ? undefined : `it is forgotten after ${seconds} s anyway, and not matched from then on`;
      return means(removing(memories, subject), note);
    }
    default:
      if (!memory) return wrong('recent asks for a number of seconds above 0, and for up to 20 hits');
      if (deed === '--rcheck') return means(asking(memory, subject, negated));
      if (negated) return impossible('a rule of nft cannot renew what it did not find');
      return means(
        updating(
          memory,
          memories.filter((one) => one !== memory),
          subject,
        ),
      );
  }
}

/** What is wrong with the options, as iptables or the kernel says it. */
function mistake(options: Options): string | undefined {
  const deeds = options.all.filter(({ name }) => DEEDS.some((deed) => deed === name));
  if (deeds.length !== 1) return 'recent needs one of `--set`, `--rcheck`, `--update`, `--remove`';
  const asks = deeds[0]?.name === '--rcheck' || deeds[0]?.name === '--update';
  const stray = ['--seconds', '--hitcount', '--rttl', '--reap'].find((name) => options.has(name));
  if (stray !== undefined && !asks) return `\`${stray}\` goes with \`--rcheck\` and \`--update\``;
  if (options.has('--reap') && !options.has('--seconds')) return '`--reap` needs `--seconds`';
  if (options.has('--seconds') && !wholeNumber(options.value('--seconds') ?? '')) return 'not a number of seconds';
  if (options.has('--rsource') && options.has('--rdest')) return '`--rsource` does not go with `--rdest`';
  if (!/^[^/]{1,200}$/.test(listOf(options))) return 'not the name of a list';
  return wholeNumber(options.value('--hitcount') ?? '0') === undefined ? 'not a number of hits' : undefined;
}

/** A mask as an address of its own; a lone number is the last byte of it, as inet_aton(3) has it. */
function maskOf(text: string, family: XtFamily): bigint | undefined {
  return family === 'ip' && !text.includes('.') ? wholeNumber(text) : addressNumber(text, family);
}

export const recent: Module = {
  name: 'recent',
  families: BOTH,
  options: {
    '--set': DOES,
    '--rcheck': DOES,
    '--update': DOES,
    '--remove': DOES,
    '--seconds': ONE,
    '--reap': { values: 0 },
    '--hitcount': ONE,
    '--rttl': { values: 0 },
    '--name': ONE,
    '--rsource': { values: 0 },
    '--rdest': { values: 0 },
    '--mask': ONE,
  },
  read(options, around): Meaning {
    const { family, uses } = around;
    const message = mistake(options);
    if (message !== undefined) return wrong(message, options.all[0]?.span);
    if ((wholeNumber(options.value('--hitcount') ?? '0') ?? 0n) > MOST_HITS)
      return impossible(
        `xt_recent tells more than ${MOST_HITS} packets apart only where it is loaded to, and no set of nft does`,
      );
    const maskText = options.value('--mask');
    const mask = maskText === undefined ? wholeMask(family) : maskOf(maskText, family);
    if (mask === undefined) return wrong(`\`${maskText}\` is not a mask`, options.find('--mask')?.span);
    const name = listOf(options);
    const use = uses.lists.get(`${family} ${name}`) ?? { tables: new Set(), filled: false, asked: [] };
    const plain = field(`${family} ${options.has('--rdest') ? 'daddr' : 'saddr'}`);
    const subject: Subject = {
      address:
        mask === wholeMask(family) ? plain : { kind: 'binary', op: '&', left: plain, right: addressOf(mask, family) },
      hops: hopsOf(family),
    };
    const deed = DEEDS.find((one) => options.has(one)) ?? '--set';
    const memories = memoriesOf(name, use, around);
    const meaning = doing(deed, options.find(deed)?.negated === true, askedOfList(options), memories, subject);
    return meaning.kind === 'means' ? withNotes(meaning, options, use, name) : meaning;
  },
};

function withNotes(
  meaning: Extract<Meaning, { kind: 'means' }>,
  options: Options,
  { filled, asked }: ListUse,
  name: string,
): Meaning {
  const notes = [
    ...(meaning.note === undefined ? [] : [meaning.note]),
    ...(options.has('--rttl') ? ['packets that came over other numbers of hops are counted apart'] : []),
    ...(options.has('--reap') && asked.length > 1 ? ['`--reap` made the list forget for the other rules too'] : []),
    ...(filled
      ? []
      : [`no rule puts addresses into \`${name}\`: what writes to /proc/net/xt_recent/${name} has to fill the set`]),
  ];
  return notes.length === 0 ? meaning : { ...meaning, note: notes.join('; ') };
}

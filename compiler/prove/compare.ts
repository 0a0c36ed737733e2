import type { Hook } from '../../dsl/ruleset/tree';
import { all, bit, type Field, not, within } from '../meaning/condition';
import {
  bitsOf,
  ctStateNumber,
  DESTINATION_DONE,
  OPENING,
  ORIGINAL_PORTS,
  ORIGINALS,
  REROUTED,
  renewed,
  SOURCE_DONE,
  stateIs,
  WITH_PORTS,
  wordsOf,
} from '../meaning/fields';
import { JOURNEYS, type Journey, OF_FRAGMENTS, PUT_TOGETHER_AT, translatedAt } from '../meaning/journey';
import type { Base, Program } from '../meaning/program';
import type { Observed } from '../meaning/steps';
import { isMentioned } from '../meaning/uses';
import { alsoWritten } from '../meaning/volatile';
import { type Node, TooLarge } from './diagram';
import { Functions } from './functions';
import type { Becomes, Leaf } from './leaf';

export interface CompareOptions {
  /** What may differ. Counters of rules never count. */
  readonly ignore: ReadonlySet<Observed>;
  /** The most nodes a diagram may have. */
  readonly cap: number;
  /** How many differences are wanted. */
  readonly most: number;
}

export type Comparison =
  | { readonly kind: 'equal'; readonly nodes: number }
  | { readonly kind: 'different'; readonly nodes: number; readonly differences: readonly Difference[] }
  | { readonly kind: 'too large'; readonly cap: number };

/** A packet that two rulesets treat otherwise, on one of the ways through the host. */
export interface Difference {
  readonly journey: Journey;
  /** Fields that matter; all others may have any value. */
  readonly facts: ReadonlyMap<Field, number>;
  readonly first: Fate;
  readonly second: Fate;
}

export interface Fate {
  readonly verdict: string;
  readonly seen: readonly string[];
}

/** Whether two programs of one plane, made with the same names, do the same to every packet. */
export function compare(first: Program, second: Program, options: CompareOptions): Comparison {
  const functions = new Functions(options.ignore, options.cap, first.names.numberOf('lo'));
  const translating = [first, second].some(({ bases }) => bases.some(({ type }) => type === 'nat'));
  const circumstances: Circumstances = {
    translating,
    whole: first.tracks || second.tracks,
    counting: [first, second].some((program) => program.derived.length > 0 || countsHops(program)),
  };
  const differences: Difference[] = [];
  try {
    for (const journey of Object.keys(JOURNEYS) as Journey[]) {
      if (meetsTheSame(functions, first, second, journey)) continue;
      const paths = [first, second].map((program) => journeyOf(functions, program, journey, circumstances));
      const [one, other] = paths.map((path) => changed(functions, functions.mapped(path, outcome))) as [Node, Node];
      collect(functions, one, other, journey, differences, options.most);
      for (const field of new Set(paths.flatMap((path) => bitsWritten(functions, path)))) {
        const [a, b] = paths.map((path) => inTheEnd(functions, path, field)) as [Node, Node];
        collect(functions, a, b, journey, differences, options.most, field);
      }
      if (journey === 'input') continue;
      const [start] = JOURNEYS[journey];
      const begun = [first, second].map((program) => journeyOf(functions, program, journey, circumstances, start));
      for (const field of new Set(begun.flatMap((path) => bitsWritten(functions, path)))) {
        if (!field.startsWith('mark.')) continue;
        const [a, b] = begun.map((path) => inTheEnd(functions, path, field)) as [Node, Node];
        collect(functions, a, b, journey, differences, options.most, `${field} when routed`);
      }
      if (differences.length >= options.most) break;
    }
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'too large', cap: options.cap };
    throw error;
  }
  const nodes = functions.diagrams.size();
  return differences.length === 0 ? { kind: 'equal', nodes } : { kind: 'different', nodes, differences };
}

function countsHops({ bases }: Program): boolean {
  const tables = [...new Set(bases.map(({ table }) => table))];
  return tables.some(({ chains }) =>
    isMentioned(chains, ({ field }) => field === 'ip ttl' || field === 'ip6 hoplimit'),
  );
}

/** Whether the chains at each hook of a way are the same functions one by one: nothing that follows can differ then. */
function meetsTheSame(functions: Functions, first: Program, second: Program, journey: Journey): boolean {
  const met = ({ bases, derived }: Program) =>
    JSON.stringify([
      JOURNEYS[journey].map((hook: Hook) =>
        bases
          .filter((base) => base.hook === hook && functions.base(base) !== functions.next)
          .map((base) => [
            functions.base(base),
            base.type === 'nat',
            base.priority > translatedAt(hook),
            base.priority < PUT_TOGETHER_AT,
          ]),
      ),
      [...derived].sort(),
    ]);
  return met(first) === met(second);
}

const STATUS = bitsOf('ct.status', 16);

interface Circumstances {
  /** Whether either ruleset translates addresses. */
  readonly translating: boolean;
  /** Whether either ruleset has conntrack put fragments together. */
  readonly whole: boolean;
  /** Whether either ruleset asks how many hops a packet has left. */
  readonly counting: boolean;
}

/** All that a program does to packets on one way, new connections and others. */
function journeyOf(
  functions: Functions,
  program: Program,
  journey: Journey,
  { translating, whole, counting }: Circumstances,
  until?: Hook,
): Node {
  const hooks: readonly Hook[] = JOURNEYS[journey];
  const isNew = functions.condition(stateIs('new'));
  const opens = functions.condition(OPENING);
  let path = functions.next;
  const seesFragments = ({ hook, priority }: Base) => hook === hooks[0] && priority < PUT_TOGETHER_AT;
  const late = whole && program.bases.some(seesFragments);
  for (const hook of hooks) {
    if (hook === 'forward' && counting) path = functions.chained(path, hopTaken(functions, program.derived));
    let translated = !translating;
    let together = !late || hook !== hooks[0];
    for (const base of program.bases.filter((one) => one.hook === hook)) {
      if (!together && !seesFragments(base)) {
        path = functions.chained(path, putTogether(functions));
        together = true;
      }
      if (!translated && base.priority > translatedAt(hook)) {
        path = functions.chained(path, translation(functions, opens, hook, program.derived));
        translated = true;
      }
      // What comes in has no way out yet; the first of all names, 0, stands for none.
      const asked = hook === 'prerouting' ? functions.known(functions.base(base), 'oif', 0) : functions.base(base);
      path = functions.chained(
        path,
        base.type === 'nat' ? functions.either(firstPacket(functions, hook), asked, functions.next) : asked,
      );
    }
    if (!together) path = functions.chained(path, putTogether(functions));
    if (!translated) path = functions.chained(path, translation(functions, opens, hook, program.derived));
    if (until === hook) break;
  }
  const zero = [DESTINATION_DONE, SOURCE_DONE, ...(whole && !late ? OF_FRAGMENTS : [])];
  const done: [Field, { number: number }][] = zero.map((field) => [field, { number: 0 }]);
  const remembering = (pairs: readonly (readonly [Field, Field])[], state: readonly [Field, Becomes][]) =>
    functions.leaf({
      control: 'next',
      text: '',
      seen: [],
      writes: new Map<Field, Becomes>([
        ...done,
        ...pairs.map(([field, of]): [Field, Becomes] => [field, { field: of }]),
        ...state,
        ['ct.direction', { number: 0 }],
        ...STATUS.slice(1).map((field): [Field, { number: number }] => [field, { number: 0 }]),
      ]),
    });
  const ported = functions.condition(
    within('l4proto', ...[...WITH_PORTS].sort((a, b) => a - b).flatMap((one) => [one, one])),
  );
  const opened = (...state: readonly [Field, Becomes][]) =>
    functions.either(
      ported,
      functions.under(remembering([...ORIGINALS, ...ORIGINAL_PORTS], state), path),
      functions.under(remembering(ORIGINALS, state), path),
    );
  const later = functions.leaf({ control: 'next', text: '', seen: [], writes: new Map(done) });
  const known = functions.either(opens, opened(), functions.under(later, path));
  return functions.either(isNew, opened(['ct.state', { number: ctStateNumber('new') }]), known);
}

/**
 * Whether it is the first packet of a connection, not yet translated: the only one that chains of type nat see. What the
 * host sends to itself was translated as it went out.
 */
export function firstPacket(functions: Functions, hook: Hook): Node {
  const done = hook === 'prerouting' || hook === 'output' ? DESTINATION_DONE : SOURCE_DONE;
  const first = functions.condition(all(OPENING, bit(done, false)));
  return hook === 'prerouting' || hook === 'input' ? functions.either(functions.looped(), functions.no, first) : first;
}

/** Later packets of a connection leave a hook's translation with headers that nothing but conntrack tells. */
function translation(functions: Functions, opens: Node, hook: Hook, derived: readonly Field[]): Node {
  const side = hook === 'prerouting' || hook === 'output' ? 'd' : 's';
  const headers = [`${side}addr`, ...wordsOf(`${side}addr6`), `${side}port`, `fib ${side}addr type`];
  const fields = [...headers, ...alsoWritten(derived, headers)];
  for (const field of fields) functions.diagrams.rankOf(renewed(field));
  const writes = new Map(fields.map((field) => [field, { field: renewed(field) }] as const));
  return functions.either(opens, functions.next, functions.leaf({ control: 'next', text: '', seen: [], writes }));
}

function putTogether(functions: Functions): Node {
  const writes = new Map(OF_FRAGMENTS.map((field): [Field, Becomes] => [field, { number: 0 }]));
  return functions.leaf({ control: 'next', text: '', seen: [], writes });
}

/** The host takes one from the hops that a packet has left before it asks who may pass (ip_forward, ip6_forward). */
function hopTaken(functions: Functions, derived: readonly Field[]): Node {
  const also = alsoWritten(derived, ['ttl']);
  for (const field of also) functions.diagrams.rankOf(renewed(field));
  const writes = new Map<Field, Becomes>([
    ['ttl', { field: 'ttl', less: 1 }],
    ...also.map((field): [Field, Becomes] => [field, { field: renewed(field) }]),
  ]);
  return functions.leaf({ control: 'next', text: '', seen: [], writes });
}

const GONE: ReadonlySet<Leaf['control']> = new Set<Leaf['control']>(['drop', 'reject']);

const BITS = /^((routed )?mark|ct mark|ct label)\.\d+$/;

function bitsWritten(functions: Functions, path: Node): Field[] {
  const found = new Set<Field>();
  functions.mapped(path, (leaf) => {
    for (const field of leaf.writes.keys()) if (BITS.test(field)) found.add(field);
    return leaf;
  });
  return [...found];
}

/**
 * What a bit says in the end; that of a packet which goes no further, or of no connection, says nothing. With the first
 * packet of a connection its entry is dropped too, as it was not confirmed (nf_conntrack_destroy): nothing was written.
 */
function inTheEnd(functions: Functions, path: Node, field: Field): Node {
  const own = functions.condition(bit(field.replace('routed ', '')));
  const ofPacket = !field.startsWith('ct ');
  const tracked = ofPacket ? functions.yes : functions.condition(not(stateIs('invalid', 'untracked')));
  const opens = functions.condition(OPENING);
  const unless = (gone: boolean, value: Node) => (gone && !ofPacket ? functions.either(opens, own, value) : value);
  return functions.replaced(path, (leaf) => {
    if (leaf.control !== 'next' && ofPacket) return functions.no;
    if (!ofPacket && leaf.writes.has('ct.state')) {
      const state = leaf.writes.get('ct.state');
      if (state && 'number' in state && state.number === ctStateNumber('untracked')) return functions.no;
    }
    const to = leaf.writes.get(field);
    if (!to) return functions.either(tracked, own, functions.no);
    const value =
      'number' in to
        ? to.number === 1
          ? functions.yes
          : functions.no
        : 'truth' in to
          ? to.truth
          : functions.condition(bit(to.field));
    return functions.either(tracked, unless(GONE.has(leaf.control), value), functions.no);
  });
}

/** What is left of a packet's way when it is over; bits are compared one by one. */
function outcome(leaf: Leaf): Leaf {
  const writes = new Map(
    [...leaf.writes].filter(
      ([field]) =>
        !BITS.test(field) &&
        !/^(!|\?|@|fragment|exthdr frag exists|ct\.status|ct\.direction|ct original ([sd]addr|proto)|fib |[sd]addr|[sd]port|.* checksum$)/.test(
          field,
        ),
    ),
  );
  if (leaf.writes.get('ct.state') && !leaf.seen.includes('other: notrack')) writes.delete('ct.state');
  return { ...leaf, writes };
}

/** What is written and was there already is not written. */
function changed(functions: Functions, path: Node): Node {
  const without = (leaf: Leaf, [first, ...more]: readonly (readonly [Field, number])[]): Node => {
    if (!first) return functions.leaf(leaf);
    const [field, value] = first;
    const writes = new Map([...leaf.writes].filter(([written]) => written !== field));
    const isThere = functions.condition(within(field, value, value));
    return functions.either(isThere, without({ ...leaf, writes }, more), without(leaf, more));
  };
  return functions.replaced(path, (leaf) => {
    const numbers = [...leaf.writes].flatMap(([field, to]): (readonly [Field, number])[] =>
      'number' in to && field !== REROUTED && !field.startsWith('ct.') ? [[field, to.number]] : [],
    );
    return numbers.length > MOST_NUMBERS ? functions.leaf(leaf) : without(leaf, numbers);
  });
}

/** More numbers than that are not written to the headers of one packet. */
const MOST_NUMBERS = 6;

/** Whether a packet has an interface there, on this way; the first of all names, 0, stands for none. Undefined: no interface. */
function interfaceIn(journey: Journey, field: Field): boolean | undefined {
  if (field === 'iif') return journey !== 'output';
  return field === 'oif' ? journey !== 'input' : undefined;
}

/** Packets that the two functions treat otherwise, one for each way in which they differ. */
function collect(
  functions: Functions,
  first: Node,
  second: Node,
  journey: Journey,
  found: Difference[],
  most: number,
  about?: Field,
): void {
  const { diagrams } = functions;
  const seen = new Set<string>();
  const fates = new Set<string>();
  const facts = new Map<Field, number>();
  const go = (one: Node, other: Node): void => {
    if (one === other || found.length >= most) return;
    if (one < 0 && other < 0) {
      if (fates.has(`${one} ${other}`)) return;
      fates.add(`${one} ${other}`);
      found.push({
        journey,
        facts: new Map(facts),
        first: fateOf(functions.leafOf(one), about),
        second: fateOf(functions.leafOf(other), about),
      });
      return;
    }
    const key = `${one} ${other}`;
    if (seen.has(key)) return;
    seen.add(key);
    const rank = Math.min(diagrams.rank(one), diagrams.rank(other));
    const field = diagrams.fieldAt(rank);
    const named = interfaceIn(journey, field);
    const starts = new Set([named ? 1 : 0]);
    for (const node of [one, other])
      if (diagrams.rank(node) === rank)
        for (const end of diagrams.endsOf(node)) if (end !== Number.POSITIVE_INFINITY) starts.add(end + 1);
    for (const value of named === false ? [0] : likeliest(field, starts)) {
      facts.set(field, value);
      const part = (node: Node) => (diagrams.rank(node) === rank ? diagrams.childAt(node, value) : node);
      go(part(one), part(other));
      facts.delete(field);
    }
  };
  go(first, second);
}

/** The least first; of connections, a new one. */
function likeliest(field: Field, starts: ReadonlySet<number>): readonly number[] {
  const rising = [...starts].sort((a, b) => a - b);
  const opening = ctStateNumber('new');
  return field === 'ct.state' ? [opening, ...rising.filter((value) => value !== opening)] : rising;
}

function fateOf({ control, text, seen, writes }: Leaf, about: Field | undefined): Fate {
  if (about !== undefined)
    return { verdict: 'accept', seen: [`${about.replace('.', ' bit ')} ${text === 'yes' ? 1 : 0}`] };
  const verdict = control === 'next' ? 'accept' : [control, text].filter((part) => part !== '').join(' ');
  // That a hop is taken from what is passed on is no rule's doing.
  const ruled = [...writes].filter(([, to]) => !('less' in to)).map(([field]) => field);
  const written = ruled.map((field) => field.replace(/\.\d+$/, ''));
  return { verdict, seen: [...seen, ...[...new Set(written)].map((field) => `writes ${field}`)] };
}

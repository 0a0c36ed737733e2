import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { CompareOp, Constant, Expression, Statement } from '../../../../../dsl/ruleset/tree';
import type { XtFamily } from '../../tables';
import { type Around, BOTH, impossible, type Meaning, type Module, means, noted, wrong } from '../module';
import { addressOf, hex, NEVER } from '../values';
import { type Place, parseTests, type Test } from './u32-language';

type Base = 'nh' | 'th' | 'ih';

const TCP = 6;

/** Bytes of a header that every packet has, so that a part of a word of them can be asked for by itself. */
function certainBytes(base: Base, { family, protocol }: Around): number {
  if (base === 'nh') return family === 'ip' ? 20 : 40;
  if (base === 'ih') return 0;
  return protocol === TCP ? 20 : protocol === 17 || protocol === 1 ? 8 : 0;
}

/** `0>>22&0x3C`: the length of a header of IPv4. `12>>26&0x3C`: that of TCP. */
function jump(from: Base, { position, mask, shift }: Place, { family, protocol }: Around): Base | undefined {
  if (from === 'nh' && family === 'ip' && position === 0 && mask === 0x0f000000n && shift === 22) return 'th';
  if (from === 'th' && protocol === TCP && position === 12 && mask === 0xf0000000n && shift === 26) return 'ih';
  return undefined;
}

/** What nft calls parts of headers, by base, first bit and bits. */
const NAMES: Readonly<Record<XtFamily, Readonly<Record<string, FieldName>>>> = {
  ip: {
    'nh,16,16': 'ip length',
    'nh,32,16': 'ip id',
    'nh,48,16': 'ip frag-off',
    'nh,64,8': 'ip ttl',
    'nh,72,8': 'ip protocol',
    'nh,80,16': 'ip checksum',
    'nh,96,32': 'ip saddr',
    'nh,128,32': 'ip daddr',
  },
  ip6: {
    'nh,32,16': 'ip6 length',
    'nh,48,8': 'ip6 nexthdr',
    'nh,56,8': 'ip6 hoplimit',
  },
};

const TRANSPORT_NAMES: Readonly<Record<number, Readonly<Record<string, FieldName>>>> = {
  1: { 'th,0,8': 'icmp type', 'th,8,8': 'icmp code' },
  6: { 'th,0,16': 'tcp sport', 'th,16,16': 'tcp dport', 'th,104,8': 'tcp flags' },
  17: { 'th,0,16': 'udp sport', 'th,16,16': 'udp dport', 'th,32,16': 'udp length' },
};

interface Window {
  readonly left: Expression;
  readonly constant: (value: bigint) => Constant;
  /** The lowest bit of the window in the word. */
  readonly low: number;
  readonly bits: number;
}

/** The bytes of a word that hold a mask: the whole word where some of it might not be there. */
function windowOf(base: Base, { position, mask }: Place, around: Around): Window {
  const highest = mask.toString(2).length - 1;
  const lowest = mask.toString(2).length - 1 - mask.toString(2).lastIndexOf('1');
  let [first, bytes] = [0, 4];
  if (position + 4 <= certainBytes(base, around)) {
    first = 3 - Math.floor(highest / 8);
    const needed = 4 - Math.floor(lowest / 8) - first;
    bytes = needed === 3 ? 4 : needed;
    if (bytes === 4) first = 0;
  }
  const [offset, bits] = [(position + first) * 8, bytes * 8];
  const key = `${base},${offset},${bits}`;
  const name = NAMES[around.family][key] ?? TRANSPORT_NAMES[around.protocol ?? 0]?.[key];
  return {
    left: name ? field(name) : { kind: 'payload', base, offset, bits },
    constant: name && /addr$/.test(name) ? (value) => addressOf(value, 'ip') : name ? number : hex,
    low: 32 - first * 8 - bits,
    bits,
  };
}

function isOneRun(mask: bigint): boolean {
  return /^1+0*$/.test(mask.toString(2));
}

/** Smallest and largest of the word's own bits under which the value lies in a range; undefined when there are none. */
function ownRange(first: bigint, last: bigint, { mask, shift }: Place): readonly [bigint, bigint] | undefined {
  const by = BigInt(Math.abs(shift));
  const [low, high] =
    shift >= 0 ? [first << by, (last << by) | ((1n << by) - 1n)] : [(first + (1n << by) - 1n) >> by, last >> by];
  const end = high > mask ? mask : high;
  return low > end ? undefined : [low, end];
}

/** `undefined` where the value is never one of those; an empty list where it always is. */
function testStatement(base: Base, place: Place, test: Test, op: CompareOp, around: Around): Statement[] | undefined {
  const { mask } = place;
  const ranges = test.ranges.map(([first, last]) => ownRange(first, last, place)).filter((one) => one !== undefined);
  if (mask === 0n) return ranges.length > 0 ? [] : undefined;
  if (ranges.length === 0) return undefined;
  const { left, constant, low, bits } = windowOf(base, place, around);
  const whole = (1n << BigInt(bits)) - 1n;
  const inWindow = (mask >> BigInt(low)) & whole;
  const lowest = inWindow & -inWindow;
  // A field that begins where the window does is a range of the window, whatever the bits below it are.
  const atTop = isOneRun(inWindow) && inWindow >> BigInt(bits - 1) === 1n;
  const members = ranges.map(([first, last]): readonly [bigint, bigint] => {
    const from = roundedDown((first >> BigInt(low)) + lowest - 1n, lowest);
    const to = roundedDown(last >> BigInt(low), lowest);
    return [from, atTop ? to | (lowest - 1n) : to];
  });
  if (isOneRun(inWindow) && members.some(([from, to]) => from === 0n && to >= (atTop ? whole : inWindow))) return [];
  const known = members.filter(([from, to]) => from <= to);
  if (known.length === 0) return undefined;
  const constants = known.map(([from, to]) => spanOf(from, to, constant));
  const [only] = constants;
  const key: Expression = atTop ? left : { kind: 'binary', op: '&', left, right: hex(inWindow) };
  return [match(key, op, only && constants.length === 1 ? only : anonymousSet(...constants))];
}

function roundedDown(value: bigint, step: bigint): bigint {
  return (value / step) * step;
}

function spanOf(first: bigint, last: bigint, constant: (value: bigint) => Constant): Expression {
  return first === last ? constant(first) : { kind: 'range', first: constant(first), last: constant(last) };
}

/** Whether a test lets only packets through that are whole or the first of their fragments. */
function excludesFragments({ places: [place, ...more], ranges }: Test): boolean {
  const offset = place.position === 4 ? 0x1fffn : place.position === 6 ? 0x1fff0000n : undefined;
  return (
    offset !== undefined &&
    more.length === 0 &&
    (place.mask & offset) === offset &&
    ranges.every(([first, last]) => first === 0n && last === 0n)
  );
}

/** The protocol that a test of the header of IPv4 lets through alone. */
function protocolOf({ places: [place, ...more], ranges: [range, ...others] }: Test): number | undefined {
  const low = 8n * BigInt(place.position - 6);
  if (low < 0n || low > 24n || place.mask !== 0xffn << low || !range || more.length + others.length > 0)
    return undefined;
  const own = ownRange(range[0], range[1], place);
  if (!own || own[0] >> low !== own[1] >> low) return undefined;
  return Number(own[0] >> low);
}

export const u32: Module = {
  name: 'u32',
  families: BOTH,
  options: { '--u32': { values: 1, negatable: true } },
  needsOption: true,
  read(options, around): Meaning {
    const [given] = options.all;
    const tests = parseTests(given?.values[0] ?? '');
    if (!given || !tests) return wrong('expected tests like `6&0xFF=1 && 4&0x1FFF=0`', given?.span);
    const { family } = around;
    const told = family === 'ip' ? tests.map(protocolOf).find((one) => one !== undefined) : undefined;
    const within: Around = { ...around, protocol: around.protocol ?? told };
    const parts: Statement[] = [];
    let certain = true;
    let jumps = false;
    for (const test of tests) {
      let base: Base = 'nh';
      for (const place of test.places.slice(0, -1)) {
        const next = jump(base, place, within);
        if (!next) return impossible(`nft reads no place that lies \`${place.text}\` further on`);
        base = next;
        jumps = true;
      }
      const place = test.places.at(-1) as Place;
      if (place.position > LAST_BYTE) return impossible(`nft reads the first ${LAST_BYTE} bytes of a header only`);
      if (base !== 'nh' || place.position + 4 > certainBytes('nh', within)) certain = false;
      const op = given.negated && tests.length === 1 && certain ? '!=' : '==';
      const statements = testStatement(base, place, test, op, within);
      if (!statements) return given.negated ? means() : means(NEVER);
      parts.push(...statements);
    }
    const statements = given.negated ? negation(parts, tests.length === 1 && certain) : parts;
    return jumps && !tests.some(excludesFragments)
      ? noted('of a packet in fragments only the first has headers that nft reads', ...statements)
      : means(...statements);
  },
};

/** nf_tables counts in a byte (nft_payload.c). */
const LAST_BYTE = 251;

/** A packet that is too short for a test is one that fails it. */
function negation(parts: readonly Statement[], done: boolean): readonly Statement[] {
  if (parts.length === 0) return [NEVER];
  return done ? parts : [{ kind: 'either', alternatives: [parts], negated: true }];
}

import { anonymousSet, ct, flags, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { readValue } from '../../../../../dsl/ruleset/value';
import { BOTH, impossible, type Meaning, type Module, means, type OptionShape, perOption, wrong } from '../module';
import { addressBlock, HAS_CONNECTION, inBlock, NEVER, numberRange, portRange, protocolNumber } from '../values';

const ONE: OptionShape = { values: 1, negatable: true };

/** In the order in which words that are cut short are looked up in them (libxt_conntrack.c). */
const STATES: readonly string[] = ['INVALID', 'NEW', 'ESTABLISHED', 'RELATED', 'UNTRACKED'];

function inFull(word: string, words: readonly string[]): string | undefined {
  return word === '' ? undefined : words.find((one) => one.startsWith(word.toUpperCase()));
}

function statesMatch(list: string, negated: boolean): Meaning {
  const words = list.split(',');
  const names = words.flatMap((word) => inFull(word, [...STATES, 'SNAT', 'DNAT']) ?? []);
  const unknown = words.find((word) => inFull(word, [...STATES, 'SNAT', 'DNAT']) === undefined);
  if (unknown !== undefined) return wrong(`\`${unknown}\` is not a state of conntrack`);
  const lower = (of: readonly string[]) => of.map((name) => name.toLowerCase());
  const states = lower(names.filter((name) => STATES.includes(name)));
  const status = lower(names.filter((name) => !STATES.includes(name)));
  // `ct state != new,related` of nft asks whether it is not both at once.
  const others = anonymousSet(...states.map(symbol));
  const ofState =
    states.length > 0 ? [match(ct('state'), negated ? '!=' : '==', negated ? others : flags(...states))] : [];
  if (status.length === 0) return means(...ofState);
  const ofStatus = match(ct('status'), '==', flags(...status));
  const alternatives: Statement[][] = [[ofStatus]];
  if (states.length > 0) alternatives.unshift([match(ct('state'), '==', flags(...states))]);
  return alternatives.length === 1 && !negated ? means(ofStatus) : means({ kind: 'either', alternatives, negated });
}

/** Numbers that are too large lose what is too much of them (libxt_conntrack.c). */
function lowHalf(port: string): string {
  return /^\d{5,10}$/.test(port) ? String(Number(port) & 0xffff) : port;
}

/** nft compares a connection's port only where the protocol is known to have ports. */
function portOf(left: Expression, text: string, negated: boolean, protocol: number | undefined): Meaning {
  const ports = portRange(lowHalf(text));
  if (!ports) return wrong(`\`${text}\` is not a port`);
  if (protocol !== undefined && WITH_PORTS.includes(protocol)) return means(match(left, negated ? '!=' : '==', ports));
  if (protocol !== undefined) return impossible('nft compares ports of TCP, UDP, UDP-Lite, SCTP and DCCP only');
  // The connection's protocol and not the packet's, which may be an error of ICMP.
  const alternatives = WITH_PORTS.map((one) => [match(ct('protocol'), '==', number(one)), match(left, '==', ports)]);
  const meaning = means({ kind: 'either', alternatives, negated });
  return {
    ...meaning,
    note: 'nft compares ports of TCP, UDP, UDP-Lite, SCTP and DCCP only, iptables also what ICMP has there; and nft lists ports without `-p` in a form that it does not read',
  };
}

/** Whole seconds, of which nft counts milliseconds. */
function timeLeft(text: string, negated: boolean): Meaning {
  const range = numberRange(text);
  if (!range) return wrong(`\`${text}\` is not a number of seconds, or a range of them`);
  const [first, last] = range.kind === 'range' ? [range.first, range.last] : [range, range];
  if (first.kind !== 'number' || last.kind !== 'number') return wrong(`\`${text}\` is not a number of seconds`);
  const left = ct('expiration');
  const asked: Statement[] = [
    ...(first.value > 0n ? [match(left, '>=', symbol(`${first.value}s`))] : []),
    ...(last.value < MOST_SECONDS ? [match(left, '<', symbol(`${last.value + 1n}s`))] : []),
  ];
  if (asked.length === 0) return negated ? means(NEVER) : means(HAS_CONNECTION);
  return negated ? means(HAS_CONNECTION, { kind: 'either', alternatives: [asked], negated }) : means(...asked);
}

/** The time left goes into 32 bits of milliseconds. */
const MOST_SECONDS = 4_294_967n;

const WITH_PORTS: readonly number[] = [6, 17, 33, 132, 136];

const STATUS: Readonly<Record<string, string>> = {
  EXPECTED: 'expected',
  SEEN_REPLY: 'seen-reply',
  ASSURED: 'assured',
  CONFIRMED: 'confirmed',
};

export const state: Module = perOption(
  { name: 'state', families: BOTH, options: { '--state': ONE } },
  ({ negated, values: [value = ''] }) => statesMatch(value, negated),
);

export const conntrack: Module = perOption(
  {
    name: 'conntrack',
    families: BOTH,
    options: {
      '--ctstate': ONE,
      '--ctproto': ONE,
      '--ctorigsrc': ONE,
      '--ctorigdst': ONE,
      '--ctreplsrc': ONE,
      '--ctrepldst': ONE,
      '--ctorigsrcport': ONE,
      '--ctorigdstport': ONE,
      '--ctreplsrcport': ONE,
      '--ctrepldstport': ONE,
      '--ctstatus': ONE,
      '--ctexpire': ONE,
      '--ctdir': { values: 1 },
    },
  },
  ({ name, negated, values: [value = ''] }, { family, protocol }) => {
    const op = negated ? '!=' : '==';
    const one = (left: Expression, right: Expression | undefined, what: string) =>
      right ? means(match(left, op, right)) : wrong(`\`${value}\` is not ${what}`);
    switch (name) {
      case '--ctstate':
        return statesMatch(value, negated);
      case '--ctstatus': {
        const names = value.split(',').map((word) => inFull(word, ['NONE', ...Object.keys(STATUS)]));
        if (names.includes(undefined)) return wrong(`\`${value}\` is not a status of conntrack`);
        const known = names.flatMap((name) => STATUS[name ?? ''] ?? []);
        if (known.length === 0) return means(match(ct('status'), op, number(0)));
        return means(match(ct('status'), negated ? '!' : '==', flags(...known)));
      }
      case '--ctdir':
        return /^(original|reply)$/i.test(value)
          ? means(match(ct('direction'), '==', symbol(value.toLowerCase())))
          : wrong('expected ORIGINAL or REPLY');
      case '--ctproto': {
        const asked = /^all$/i.test(value) ? 0 : protocolNumber(value);
        // A packet of this protocol is of no connection of another.
        if (asked === protocol && !negated) return means(HAS_CONNECTION);
        return one(ct('protocol'), asked === undefined ? undefined : readValue(String(asked)), 'a protocol');
      }
      case '--ctexpire':
        return timeLeft(value, negated);
    }
    const direction = name.startsWith('--ctorig') ? 'original' : 'reply';
    const source = name.includes('src');
    if (name.endsWith('port'))
      return portOf({ kind: 'ct', key: source ? 'proto-src' : 'proto-dst', direction }, value, negated, protocol);
    const block = addressBlock(value, family);
    if (!block) return wrong(`\`${value}\` is not an address of this family`);
    return means(...inBlock({ kind: 'ct', key: source ? 'saddr' : 'daddr', direction, family }, op, block, family));
  },
);

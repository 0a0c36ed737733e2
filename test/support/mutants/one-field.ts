import { parseAddress } from '../../../dsl/core/address';
import { oneOf, type Random } from '../random';

/** A text with one field of one line changed. */
export interface Mutant {
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

interface Change {
  readonly at: number;
  readonly length: number;
  readonly by: string;
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  accept: ['drop', 'return'],
  drop: ['accept'],
  return: ['accept'],
  jump: ['goto'],
  goto: ['jump'],
  ACCEPT: ['DROP', 'RETURN'],
  DROP: ['ACCEPT'],
  RETURN: ['ACCEPT'],
  REJECT: ['DROP'],
  MASQUERADE: ['RETURN'],
  masquerade: ['return'],
  tcp: ['udp'],
  udp: ['tcp'],
  saddr: ['daddr'],
  daddr: ['saddr'],
  dport: ['sport'],
  sport: ['dport'],
  iifname: ['oifname'],
  oifname: ['iifname'],
  new: ['invalid', 'untracked'],
  established: ['new'],
  related: ['invalid'],
  NEW: ['INVALID', 'UNTRACKED'],
  ESTABLISHED: ['NEW'],
  RELATED: ['INVALID'],
  INVALID: ['NEW'],
  ORIGINAL: ['REPLY'],
  REPLY: ['ORIGINAL'],
  original: ['reply'],
  reply: ['original'],
  LOCAL: ['UNICAST', 'BROADCAST'],
  local: ['unicast', 'broadcast'],
  syn: ['ack', 'rst'],
  ack: ['fin'],
  SYN: ['RST'],
  dnat: ['snat'],
  ipv4: ['ipv6'],
  '-s': ['-d'],
  '-d': ['-s'],
  '-i': ['-o'],
  '-o': ['-i'],
  '-j': ['-g'],
  '--dport': ['--sport'],
  '--sport': ['--dport'],
  '--dports': ['--sports'],
  '--set-xmark': ['--or-mark'],
  or: ['xor'],
  '==': ['!='],
  '!=': ['=='],
  second: ['minute'],
  sec: ['min'],
};

/** Where a line can be changed in one field, and to what. */
function changesOf(line: string, below: Random, chains: readonly string[]): Change[] {
  const changes: Change[] = [];
  const add = (at: number, length: number, by: string) => changes.push({ at, length, by });
  // Words in strings are prefixes and comments: of these only what a log says is looked at.
  const spans = [...line.matchAll(/comment "[^"]*"|--comment (?:"[^"]*"|\S+)/g)].map(({ index, 0: text }) => [
    index,
    index + text.length,
  ]);
  const isSaid = (at: number) => spans.some(([from = 0, to = 0]) => at >= from && at < to);
  for (const { index, 0: token } of line.matchAll(/"[^"]*"|[^\s,{}()"]+/g)) {
    if (isSaid(index)) continue;
    for (const by of WORDS[token] ?? []) add(index, token.length, by);
    if (token === '!') add(index, 2, '');
    if (/^(-[sdio]|--[sd]ports?|--mark)$/.test(token) && !line.slice(0, index).endsWith('! ')) add(index, 0, '! ');
    if (
      /^(saddr|daddr|iifname|oifname|dport|sport|l4proto|mark)$/.test(token) &&
      /^ [@"\d]/.test(line.slice(index + token.length))
    )
      add(index + token.length, 0, ' !=');
    if (chains.includes(token)) {
      const others = chains.filter((one) => one !== token);
      if (others.length > 0) add(index, token.length, oneOf(below, others));
    }
    if (/^"[^"]+"$/.test(token)) add(index + token.length - 2, 1, token.at(-2) === '0' ? '1' : '0');
    const named = /^(-i|-o) $/.exec(line.slice(Math.max(0, index - 3), index));
    if (named) add(index + token.length - 1, 1, token.at(-1) === '0' ? '1' : '0');
    for (const { index: at, 0: part } of token.matchAll(
      /0x[0-9a-f]+|[0-9a-f]*:[0-9a-f:]+|\d+(?:\.\d+){3}|(?<=\/)\d+|(?<![\w.-])\d+(?![\w.])|(?<=[\d.]-|:)\d+(?![\w.])/gi,
    )) {
      const by = turned(part, token.slice(0, at).endsWith('/'), below);
      if (by !== undefined) add(index + at, part.length, by);
    }
  }
  return changes;
}

/** A number or address with one bit that is another. */
function turned(part: string, isLength: boolean, below: Random): string | undefined {
  if (isLength) return String(Math.max(0, Number(part) + (below(2) === 0 ? -1 : 1)));
  if (/^\d+$/.test(part)) return String(Number(part) ^ (1 << below(Number(part) > 4 ? 6 : 3)));
  if (/^0x/i.test(part)) return `0x${(BigInt(part) ^ (1n << BigInt(below(4)))).toString(16)}`;
  if (!parseAddress(part).ok) return undefined;
  if (part.includes('.')) {
    const bytes = part.split('.').map(Number);
    // What is behind a prefix is 0: a bit there would not be read.
    const zeros = [...bytes].reverse().findIndex((byte) => byte !== 0);
    const at = below(zeros < 0 ? 4 : 4 - zeros);
    return bytes.with(at, (bytes[at] as number) ^ (1 << below(8))).join('.');
  }
  const digits = [...part.matchAll(/[0-9a-f]/gi)].map(({ index }) => index);
  if (digits.length === 0) return undefined;
  const at = oneOf(below, digits);
  const digit = (Number.parseInt(part[at] as string, 16) ^ (1 << below(4))).toString(16);
  return part.slice(0, at) + digit + part.slice(at + 1);
}

/** One random field of one random rule, element or policy changed. */
export function mutant(text: string, below: Random, others: RegExp): Mutant | undefined {
  const lines = text.split('\n');
  const chains = [...text.matchAll(/^\s*chain (\S+) \{|^:(\S+) -/gm)].map(([, one, other]) => one ?? other ?? '');
  const places = lines.flatMap((line, at) => (isRule(line) && !others.test(line) ? [at] : []));
  for (let tries = 0; tries < 20 && places.length > 0; tries++) {
    const line = oneOf(below, places);
    const before = lines[line] as string;
    const changes = changesOf(before, below, chains);
    if (changes.length === 0) continue;
    const { at, length, by } = oneOf(below, changes);
    const after = before.slice(0, at) + by + before.slice(at + length);
    if (after !== before) return { line, before, after, text: lines.with(line, after).join('\n') };
  }
  return undefined;
}

function isRule(line: string): boolean {
  if (
    /^\s*(#|$|table |delete |flush |\}|set |map |chain |typeof |flags |size |comment |elements = \{$|COMMIT|\*)/.test(
      line,
    )
  )
    return false;
  if (/^\s*type (?!filter|nat|route)/.test(line)) return false;
  return !/^(:\S+ -|\[)/.test(line);
}

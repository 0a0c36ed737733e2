import { number, symbol, text } from '../../../../../dsl/ruleset/nodes';
import type { Element, Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { readValue } from '../../../../../dsl/ruleset/value';
import { ICMP_TYPES, ICMPV6_TYPES } from '../../../../meaning/symbols';
import type { IpSet } from '../module';
import {
  addressNumber,
  addressOf,
  hex,
  lengthMask,
  portNumber,
  protocolNumber,
  wholeMask,
  wholeNumber,
} from '../values';
import { type Dimension, dimensionsOf, maskOfSet } from './dimensions';

/** A range of numbers: of addresses, ports. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** A member as a key of nft: the first address apart, since what others of the same rest say of it is sorted out later. */
export interface Member {
  readonly parts: readonly Expression[];
  /** Of the parts that are addresses, by place. */
  readonly spans: ReadonlyMap<number, Span>;
  /** Whether a port of it is one that only this protocol's header has no place for. */
  readonly carrier: 'ports' | 'icmp' | 'none';
  readonly nomatch: boolean;
  readonly rest: Omit<Element, 'key' | 'origin'>;
}

export interface Unreadable {
  readonly member: string;
  readonly why: string;
}

/** The protocols whose ports ipset looks at (ip_set_getport.c). */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132, 136]);
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  6: 'tcp',
  17: 'udp',
  132: 'sctp',
  136: 'udplite',
  1: 'icmp',
};

export function membersOf(set: IpSet): readonly Member[] | Unreadable {
  const dimensions = dimensionsOf(set) ?? [];
  const members: Member[] = [];
  for (const words of set.members) {
    const read = memberOf(words, dimensions, set);
    if (typeof read === 'string') return { member: words.join(' '), why: read };
    members.push(read);
  }
  return members;
}

function memberOf(words: readonly string[], dimensions: readonly Dimension[], set: IpSet): Member | string {
  const fields = (words[0] ?? '').split(',');
  if (fields.length !== dimensions.length) return 'it has not as many parts as the type of the set';
  const parts: Expression[] = [];
  const spans = new Map<number, Span>();
  let carrier: Member['carrier'] = 'ports';
  for (const [at, dimension] of dimensions.entries()) {
    const field = fields[at] ?? '';
    switch (dimension) {
      case 'ip':
      case 'net': {
        const span = addressSpan(field, dimension, set);
        if (!span) return `\`${field}\` is not an address of the set's family`;
        spans.set(parts.length, span);
        parts.push(addressOf(span.first, set.family));
        break;
      }
      case 'port': {
        const port = protocolPort(field);
        if (!port) return `\`${field}\` is not a protocol and a port`;
        carrier = port.carrier;
        parts.push(port.protocol, ...(carrier === 'none' ? [] : [spanOf(port.span, number)]));
        break;
      }
      case 'any port': {
        const span = portSpan(field.replace(/^(tcp|udp):/, ''));
        if (!span) return `\`${field}\` is not a port`;
        parts.push(spanOf(span, number));
        break;
      }
      case 'mac':
        if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(field)) return `\`${field}\` is not a MAC address`;
        parts.push(readValue(field.toLowerCase(), 'ether_addr'));
        break;
      case 'iface':
        if (field.startsWith('physdev:') || words.includes('wildcard'))
          return `nft has no set of ports of a bridge, or of beginnings of names`;
        parts.push(text(field));
        break;
      case 'mark': {
        const mark = wholeNumber(field);
        if (mark === undefined) return `\`${field}\` is not a mark`;
        parts.push(hex(mark));
      }
    }
  }
  return { parts, spans, carrier, nomatch: words.includes('nomatch'), rest: restOf(words, set) };
}

function after(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name, 1);
  return at < 0 ? undefined : words[at + 1];
}

/** What is kept of a member beside what it is: how long it stays, what it counted, and what somebody said of it. */
function restOf(words: readonly string[], { options }: IpSet): Member['rest'] {
  const seconds = after(words, 'timeout') ?? options.get('timeout') ?? '0';
  const comment = after(words, 'comment');
  const counted: Statement[] = options.has('counters')
    ? [
        {
          kind: 'counter',
          packets: wholeNumber(after(words, 'packets') ?? '0', 0xffffffffffffffffn) ?? 0n,
          bytes: wholeNumber(after(words, 'bytes') ?? '0', 0xffffffffffffffffn) ?? 0n,
        },
      ]
    : [];
  return {
    ...(Number(seconds) > 0 ? { timeoutMs: Number(seconds) * 1000 } : {}),
    ...(comment === undefined || comment === '' ? {} : { comment: sayable(comment) }),
    ...(counted.length > 0 ? { statements: counted } : {}),
  };
}

/** A comment as nft takes it: no `"`, no control characters, up to 127 bytes. */
function sayable(comment: string): string {
  let said = comment.replace(/["\u0000-\u001f\u007f]/g, "'");
  while (Buffer.byteLength(said) > 127) said = said.slice(0, -1);
  return said;
}

function addressSpan(field: string, dimension: 'ip' | 'net', set: IpSet): Span | undefined {
  const { family } = set;
  const dash = field.indexOf('-');
  if (dash > 0) {
    const [first, last] = [addressNumber(field.slice(0, dash), family), addressNumber(field.slice(dash + 1), family)];
    return first === undefined || last === undefined || first > last ? undefined : { first, last };
  }
  const slash = field.indexOf('/');
  const host = addressNumber(slash < 0 ? field : field.slice(0, slash), family);
  const all = wholeMask(family);
  const bits = family === 'ip' ? 32n : 128n;
  const length = slash < 0 ? bits : wholeNumber(field.slice(slash + 1), bits);
  if (host === undefined || length === undefined) return undefined;
  const mask = lengthMask(Number(length), family);
  const kept = dimension === 'ip' ? maskOfSet(set) : all;
  const first = host & mask & kept;
  // Of members that are equal under the set's mask, packets show one.
  return kept === all ? { first, last: first | (all & ~mask) } : { first, last: first };
}

/** A range of numbers, or the number that it is. */
export function spanOf({ first, last }: Span, make: (value: bigint) => ReturnType<typeof number>): Expression {
  return first === last ? make(first) : { kind: 'range', first: make(first), last: make(last) };
}

function portSpan(field: string): Span | undefined {
  const dash = field.indexOf('-', 1);
  const one = portNumber(field);
  if (one !== undefined) return { first: one, last: one };
  const [first, last] = [portNumber(field.slice(0, dash)), portNumber(field.slice(dash + 1))];
  return dash < 0 || first === undefined || last === undefined || first > last ? undefined : { first, last };
}

interface ProtocolPort {
  readonly protocol: Expression;
  readonly carrier: Member['carrier'];
  readonly span: Span;
}

/** `tcp:80`, `80` (of TCP), `udp:53-60`, `icmp:echo-request`, `icmp:8/0`, `esp:0`. */
function protocolPort(field: string): ProtocolPort | undefined {
  const colon = field.indexOf(':');
  const name = colon < 0 ? 'tcp' : field.slice(0, colon);
  const port = field.slice(colon + 1);
  const protocol = protocolNumber(name);
  if (protocol === undefined) return undefined;
  const written = protocol === 58 ? 'ipv6-icmp' : PROTOCOL_NAMES[protocol];
  const said = { protocol: written === undefined ? number(protocol) : symbol(written) };
  if (protocol === 1 || protocol === 58) {
    const message = messageOf(port, protocol === 1 ? ICMP_TYPES : ICMPV6_TYPES);
    return message === undefined ? undefined : { ...said, carrier: 'icmp', span: { first: message, last: message } };
  }
  if (!WITH_PORTS.has(protocol)) return { ...said, carrier: 'none', span: { first: 0n, last: 0n } };
  const span = portSpan(port);
  return span && { ...said, carrier: 'ports', span };
}

/** The two bytes that an ICMP message begins with. */
function messageOf(text: string, types: Readonly<Record<string, number>>): bigint | undefined {
  const [type = '', code = '0'] = text.split('/');
  const named = CODES[text] ?? (types[text] === undefined ? undefined : (types[text] as number) << 8);
  if (named !== undefined) return BigInt(named);
  const [one, other] = [wholeNumber(type, 255n), wholeNumber(code, 255n)];
  return one === undefined || other === undefined ? undefined : (one << 8n) | other;
}

/** Names that `ipset save` has for types and codes where nft has others (ipset's lib/icmp.c and icmpv6.c). */
const CODES: Readonly<Record<string, number>> = {
  ping: 0x0800,
  pong: 0,
  'network-unreachable': 0x0300,
  'host-unreachable': 0x0301,
  'protocol-unreachable': 0x0302,
  'port-unreachable': 0x0303,
  'fragmentation-needed': 0x0304,
  'source-route-failed': 0x0305,
  'network-unknown': 0x0306,
  'host-unknown': 0x0307,
  'network-prohibited': 0x0309,
  'host-prohibited': 0x030a,
  'TOS-network-unreachable': 0x030b,
  'TOS-host-unreachable': 0x030c,
  'communication-prohibited': 0x030d,
  'host-precedence-violation': 0x030e,
  'precedence-cutoff': 0x030f,
  'ttl-zero-during-transit': 0x0b00,
  'ttl-zero-during-reassembly': 0x0b01,
  'ip-header-bad': 0x0c00,
  'required-option-missing': 0x0c01,
  'neighbour-solicitation': 0x8700,
  'neighbor-solicitation': 0x8700,
  'neighbour-advertisement': 0x8800,
  'neighbor-advertisement': 0x8800,
  'router-solicitation': 0x8500,
};

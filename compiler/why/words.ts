import { parseMac } from '../../dsl/core/names';
import { closest } from '../../dsl/core/suggest';
import type { Field } from '../meaning/condition';
import { bitsOf, CT_STATES, ctStateNumber, isName, WITH_PORTS } from '../meaning/fields';
import { PROTOCOLS, SERVICES } from '../meaning/registries';
import { CT_STATUS, TCP_FLAGS } from '../meaning/symbols';
import { macNumber } from '../world/inhabitants';

/** What is wrong with the words of a question. */
export class Unclear extends Error {}

export interface Words {
  readonly from: string;
  readonly to: string;
  readonly as: string | undefined;
  /** `icmp`: what goes by that name in the packet's family. */
  readonly protocol: number | 'icmp';
  readonly port: number | undefined;
  readonly sourcePort: number | undefined;
  readonly in: string | undefined;
  readonly out: string | undefined;
  readonly more: Map<Field, number>;
  readonly named: ReadonlyMap<Field, string>;
  readonly hasFields: boolean;
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

const TCP = 6;
const STATES = CT_STATES.map(([name]) => name);
const FLAG_NAMES = Object.keys(TCP_FLAGS);

/** The words that begin something, each with what follows it. */
const KEYWORDS = 'from to as in out sport state status flags mark ctmark type mac with'.split(' ');

export function readWords(words: readonly string[]): Words {
  const rest = [...words];
  let [from, to, as, into, out]: (string | undefined)[] = [];
  let protocol: Words['protocol'] | undefined;
  const notes: string[] = [];
  let [port, sourcePort]: (number | undefined)[] = [];
  const more = new Map<Field, number>();
  const named = new Map<Field, string>();
  let hasFields = false;
  const value = (word: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new Unclear(`something has to follow \`${word}\``);
    return next;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift())
    switch (word) {
      case 'from':
        from = value(word);
        break;
      case 'to':
        to = value(word);
        break;
      case 'as':
        as = value(word);
        break;
      case 'in':
        into = value(word);
        break;
      case 'out':
        out = value(word);
        break;
      case 'sport':
        sourcePort = numberFrom(value(word), 65535, 'a port');
        break;
      case 'state': {
        const state = value(word);
        const known = STATES.find((one) => one === state);
        if (!known) throw new Unclear(`a state is one of ${STATES.join(', ')}, not ${state}`);
        more.set('ct.state', ctStateNumber(known));
        break;
      }
      case 'status':
        for (const status of value(word).split(',')) {
          const index = Math.log2(CT_STATUS[status] ?? 0);
          if (!(index >= 0))
            throw new Unclear(`a status is one of ${Object.keys(CT_STATUS).join(', ')}, not ${status}`);
          more.set(bitsOf('ct.status', 16)[index] as Field, 1);
        }
        break;
      case 'flags': {
        const flags = value(word).split(',');
        for (const [index, field] of bitsOf('tcp flags', 8).entries())
          more.set(field, Number(flags.includes(FLAG_NAMES[index] ?? '')));
        const unknown = flags.find((flag) => flag !== 'none' && !FLAG_NAMES.includes(flag));
        if (unknown !== undefined) throw new Unclear(`a flag is one of ${FLAG_NAMES.join(', ')}, not ${unknown}`);
        break;
      }
      case 'mark':
      case 'ctmark': {
        const mark = numberFrom(value(word), 0xffffffff, 'a mark');
        for (const [index, field] of bitsOf(word === 'mark' ? 'mark' : 'ct mark', 32).entries())
          more.set(field, Math.floor(mark / 2 ** index) % 2);
        break;
      }
      case 'type':
        more.set('icmp type', numberFrom(value(word), 255, 'a type'));
        break;
      case 'mac':
        more.set('ether saddr', macFrom(value(word)));
        break;
      case 'with': {
        hasFields = true;
        const [field = '', text = ''] = value(word).split(/=(?=[^=]*$)/);
        if (isName(field)) named.set(field, text === 'none' ? '' : text);
        else more.set(field, numberFrom(text, Number.MAX_SAFE_INTEGER, 'a value'));
        break;
      }
      default: {
        const known = PROTOCOLS.numberOf(word) ?? (/^\d+$/.test(word) ? Number(word) : undefined);
        if (known === undefined || known > 255) throw new Unclear(unknownWord(word));
        if (protocol !== undefined) throw new Unclear(saidTwice(protocol, word));
        protocol = word === 'icmp' ? word : known;
        if (WITH_PORTS.has(known)) port = portNext(rest);
        else if (/^\d+$/.test(word)) notes.push(`${word} is taken for a protocol: of a port, say \`tcp ${word}\``);
      }
    }
  if (from === undefined || to === undefined)
    throw new Unclear('a packet goes from a place to a place: from web to db tcp 5432');
  return { from, to, as, in: into, out, protocol: protocol ?? TCP, port, sourcePort, more, named, hasFields, notes };
}

/** The port that follows a protocol, by its number or the name of its service; nothing is taken where there is none. */
function portNext(rest: string[]): number | undefined {
  const [next = ''] = rest;
  const port = /^\d+$/.test(next) ? numberFrom(next, 65535, 'a port') : SERVICES.numberOf(next);
  if (port === undefined || KEYWORDS.includes(next)) return undefined;
  rest.shift();
  return port;
}

function unknownWord(word: string): string {
  if (/^\d+$/.test(word)) return `${word} is no protocol: of a port, say \`tcp ${word}\``;
  const { protocol, port } = /^(?<protocol>tcp|udp|sctp)[/:](?<port>\d+)$/.exec(word)?.groups ?? {};
  if (port !== undefined) return `\`${word}\` is no word of a packet: say \`${protocol} ${port}\``;
  const near = closest(word, [...KEYWORDS, 'tcp', 'udp', 'sctp', 'icmp']);
  return `\`${word}\` is no word of a packet${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
}

function saidTwice(protocol: number | 'icmp', word: string): string {
  const isIcmp = protocol === 'icmp' || protocol === PROTOCOLS.numberOf('icmpv6');
  if (isIcmp && /^\d+$/.test(word)) return `ICMP has no ports: \`type ${word}\` says which kind it is`;
  return `one packet has one protocol: \`${word}\` is a second one`;
}

function macFrom(text: string): number {
  const mac = parseMac(text);
  if (!mac.ok) throw new Unclear(mac.problem.message);
  return macNumber(mac.value);
}

function numberFrom(text: string, most: number, what: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new Unclear(`${what} is a number from 0 to ${most}, not ${text}`);
  return value;
}

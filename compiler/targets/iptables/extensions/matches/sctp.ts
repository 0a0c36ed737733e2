import { match, number } from '../../../../../dsl/ruleset/nodes';
import type { Expression, Statement } from '../../../../../dsl/ruleset/tree';
import { impossible, type Meaning, means, wrong } from '../module';

/** Chunks by the names that nft has for them (libxt_sctp.c). */
const CHUNKS: Readonly<Record<string, string>> = {
  DATA: 'data',
  INIT: 'init',
  INIT_ACK: 'init-ack',
  SACK: 'sack',
  HEARTBEAT: 'heartbeat',
  HEARTBEAT_ACK: 'heartbeat-ack',
  ABORT: 'abort',
  SHUTDOWN: 'shutdown',
  SHUTDOWN_ACK: 'shutdown-ack',
  ERROR: 'error',
  COOKIE_ECHO: 'cookie-echo',
  COOKIE_ACK: 'cookie-ack',
  ECN_ECNE: 'ecne',
  ECN_CWR: 'cwr',
  SHUTDOWN_COMPLETE: 'shutdown-complete',
  ASCONF: 'asconf',
  ASCONF_ACK: 'asconf-ack',
  FORWARD_TSN: 'forward-tsn',
};

/** Those that nft 1.0.6 has no names for, and words for all and none. */
const NAMELESS = /^(I_DATA|RE_CONFIG|PAD|I_FORWARD_TSN|ALL|NONE)$/;

/** `I` tells of a fourth flag; a small letter asks for one that is not set. */
const FLAGS: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  DATA: { I: 8n, U: 4n, B: 2n, E: 1n },
  ABORT: { T: 1n },
  SHUTDOWN_COMPLETE: { T: 1n },
};

function chunkStatement(word: string): Statement | undefined {
  const [name = '', letters = ''] = word.split(':');
  const option = CHUNKS[name.toUpperCase()];
  if (option === undefined) return undefined;
  const chunk: Expression = { kind: 'option', protocol: 'sctp', option };
  if (letters === '') return match(chunk, '==', { kind: 'exists', present: true });
  let [mask, wanted] = [0n, 0n];
  for (const letter of letters) {
    const bit = FLAGS[name.toUpperCase()]?.[letter.toUpperCase()];
    if (bit === undefined) return undefined;
    mask |= bit;
    if (letter === letter.toUpperCase()) wanted |= bit;
  }
  const flags: Expression = { kind: 'binary', op: '&', left: { ...chunk, field: 'flags' }, right: number(mask) };
  return match(flags, '==', number(wanted));
}

/** `any`, `all` or `only` these chunks. */
export function chunksMeaning(how: string, list: string, negated: boolean): Meaning {
  if (!/^(any|all|only)$/.test(how)) return wrong(`\`${how}\` is not \`all\`, \`any\` or \`only\``);
  const words = list.split(',');
  if (how === 'only') return impossible('nft does not ask whether a packet has no other chunks');
  if (words.some((word) => NAMELESS.test(word.toUpperCase())))
    return impossible(`nft 1.0.6 has no name for the chunks of \`${list}\``);
  const statements = words.map(chunkStatement);
  const known = statements.filter((one) => one !== undefined);
  if (known.length < statements.length) return wrong(`\`${list}\` is not a list of chunks`);
  const alternatives = how === 'any' ? known.map((one) => [one]) : [known];
  const meant: Meaning = how === 'all' && !negated ? means(...known) : means({ kind: 'either', alternatives, negated });
  return list.includes(':') ? { ...meant, note: 'of chunks of one type nft asks the first for its flags' } : meant;
}

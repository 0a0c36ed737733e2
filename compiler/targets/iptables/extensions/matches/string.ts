import { match } from '../../../../../dsl/ruleset/nodes';
import type { Statement } from '../../../../../dsl/ruleset/tree';
import { BOTH, impossible, type Meaning, type Module, means, noted, wrong } from '../module';
import { NEVER, wholeNumber } from '../values';

const ONE = { values: 1 } as const;
/** XT_STRING_MAX_PATTERN_SIZE. */
const LONGEST = 128;
const END = 65535n;
/** More places than this are a search, not places. */
const MOST_PLACES = 8;
/** As many bytes are loaded at once. */
const WORD = 16;

/** skb_find_text() compares `--to` with where the bytes end; it did so with where they begin. */
const NO_ROOM =
  'the bytes have no room between `--from` and `--to`, so that no packet matches; an older Linux asked only where they begin: there, move `--to` behind their end';

/** `|de ad be ef|Host: \|`: bytes in bars, a character after `\` as it is. */
function hexBytes(text: string): Buffer | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const [whole, hex, escaped, plain] = /^(?:\|([^|]*)\||\\(.)|([^\\|]))/s.exec(text.slice(at)) ?? [];
    if (whole === undefined) return undefined;
    if (hex !== undefined) {
      if (!/^ *([0-9a-f]{2} ?)*$/i.test(hex)) return undefined;
      bytes.push(...Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    } else bytes.push(...Buffer.from((escaped ?? plain) as string));
    at += whole.length;
  }
  return Buffer.from(bytes);
}

/** Whether the bytes stand at a place, counted from the header of IP. */
function standsAt(bytes: Buffer, place: number): Statement[] {
  const words: Statement[] = [];
  for (let at = 0; at < bytes.length; at += WORD) {
    const part = bytes.subarray(at, at + WORD);
    words.push(
      match({ kind: 'payload', base: 'nh', offset: 8 * (place + at), bits: 8 * part.length }, '==', {
        kind: 'number',
        value: BigInt(`0x${part.toString('hex')}`),
        base: 16,
      }),
    );
  }
  return words;
}

export const string: Module = {
  name: 'string',
  families: BOTH,
  options: {
    '--string': { values: 1, negatable: true },
    '--hex-string': { values: 1, negatable: true },
    '--algo': ONE,
    '--from': ONE,
    '--to': ONE,
    '--icase': { values: 0 },
  },
  read(options): Meaning {
    const [plain, hex] = [options.find('--string'), options.find('--hex-string')];
    const given = plain ?? hex;
    if (!given || (plain && hex)) return wrong('string needs `--string` or `--hex-string`', hex?.span);
    if (!/^(bm|kmp)$/.test(options.value('--algo') ?? ''))
      return wrong('string needs `--algo bm` or `--algo kmp`', options.find('--algo')?.span);
    const text = given.values[0] ?? '';
    const bytes = plain ? Buffer.from(text) : hexBytes(text);
    if (!bytes || bytes.length === 0 || bytes.length > LONGEST)
      return wrong(`a string has from 1 to ${LONGEST} bytes`, given.span);
    const [from, to] = ['--from', '--to'].map((name, at) =>
      wholeNumber(options.value(name) ?? (at === 0 ? '0' : '65535'), END),
    );
    if (from === undefined || to === undefined || from > to)
      return wrong('`--from` and `--to` are numbers up to 65535, in rising order');
    const last = Number(to) - bytes.length;
    const places = last - Number(from) + 1;
    if (options.has('--icase')) return impossible('nft compares bytes as they are, not letters (--icase)');
    if (places <= 0) return noted(NO_ROOM, ...(given.negated ? [] : [NEVER]));
    if (places > MOST_PLACES)
      return impossible(
        'nft does not search contents; it looks at one place, which `--from` and `--to` would have to leave no choice of',
      );
    const alternatives = Array.from({ length: places }, (_, at) => standsAt(bytes, Number(from) + at));
    const [only] = alternatives;
    return only && alternatives.length === 1 && !given.negated
      ? means(...only)
      : means({ kind: 'either', alternatives, negated: given.negated });
  },
};

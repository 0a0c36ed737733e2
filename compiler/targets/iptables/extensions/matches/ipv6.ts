import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { anonymousSet, field, match, number } from '../../../../../dsl/ruleset/nodes';
import type { Statement } from '../../../../../dsl/ruleset/tree';
import { impossible, type Meaning, type Module, means, noted, perOption, wrong } from '../module';
import { NEVER, numberRange, wholeNumber } from '../values';
import { hasHeader } from './extension-headers';

const ONE = { values: 1, negatable: true } as const;

const MESSAGES: Readonly<Record<string, bigint>> = {
  'binding-refresh-request': 0n,
  brr: 0n,
  'home-test-init': 1n,
  hoti: 1n,
  'careof-test-init': 2n,
  coti: 2n,
  'home-test': 3n,
  hot: 3n,
  'careof-test': 4n,
  cot: 4n,
  'binding-update': 5n,
  bu: 5n,
  'binding-acknowledgement': 6n,
  ba: 6n,
  'binding-error': 7n,
  be: 7n,
};

const MOBILITY = 135;

export const mh: Module = perOption(
  { name: 'mh', families: ['ip6'], options: { '--mh-type': ONE } },
  ({ negated, values: [value = ''] }, { protocol }) => {
    if (protocol !== MOBILITY) return wrong('mh needs `-p mobility-header`');
    const types = numberRange(value, 255n, ':', (word) => MESSAGES[word.toLowerCase()] ?? wholeNumber(word, 255n));
    return types
      ? means(match(field('mh type'), negated ? '!=' : '==', types))
      : wrong(`\`${value}\` is not a type of mobility header`);
  },
);

/** Headers by their names and numbers (libip6t_ipv6header.c). */
const HEADERS: Readonly<Record<string, string>> = {
  hop: 'hbh',
  'hop-by-hop': 'hbh',
  '0': 'hbh',
  dst: 'dst',
  'ipv6-opts': 'dst',
  '60': 'dst',
  route: 'rt',
  'ipv6-route': 'rt',
  '43': 'rt',
  frag: 'frag',
  'ipv6-frag': 'frag',
  '44': 'frag',
  auth: 'ah',
  ah: 'ah',
  '51': 'ah',
  esp: 'esp',
  '50': 'esp',
  none: 'none',
  'ipv6-nonxt': 'none',
  '59': 'none',
  prot: 'prot',
  protocol: 'prot',
  '255': 'prot',
};

/** Those that nft looks for behind one another. */
const FOUND = ['hbh', 'dst', 'rt', 'frag'];
/** What nft takes for a packet's protocol: it does not look behind `ah`. */
const LAST: Readonly<Record<string, number>> = { ah: 51, esp: 50, none: 59 };

function lastIs(header: string, op: '==' | '!='): Statement {
  const own = LAST[header];
  if (own !== undefined) return match(field('meta l4proto'), op, number(own));
  return match(field('meta l4proto'), op === '==' ? '!=' : '==', anonymousSet(...Object.values(LAST).map(number)));
}

/** `--soft`: the headers that are named are among the packet's; without it, they are all it has. */
export const ipv6header: Module = {
  name: 'ipv6header',
  families: ['ip6'],
  options: { '--header': ONE, '--soft': { values: 0 } },
  needsOption: true,
  read(options): Meaning {
    const given = options.find('--header');
    const names = (given?.values[0] ?? '').split(',').map((name) => HEADERS[name]);
    const wanted = [...new Set(names.filter((name) => name !== undefined))];
    if (!given || names.includes(undefined)) return wrong('expected a list of headers like `hop,frag`', given?.span);
    const soft = options.has('--soft');
    const last = wanted.filter((name) => !FOUND.includes(name));
    const behind = 'nft does not look behind an authentication header';
    if (last.length > 1) return impossible(behind);
    const ofChain = (present: boolean) =>
      wanted.filter((name) => FOUND.includes(name)).map((name) => hasHeader(name, present));
    if (soft) {
      const asked = [...ofChain(!given.negated), ...last.map((name) => lastIs(name, given.negated ? '!=' : '=='))];
      return last.some((name) => name !== 'ah') ? noted(behind, ...asked) : means(...asked);
    }
    // A packet ends with ESP, with nothing, or with a protocol, and that is counted too (ip6t_ipv6header.c).
    if (last.every((name) => name === 'ah')) return given.negated ? means() : means(NEVER);
    const others = FOUND.filter((name) => !wanted.includes(name)).map((name) => hasHeader(name, false));
    const all = [...ofChain(true), ...others, ...last.map((name) => lastIs(name, '=='))];
    return means(...(given.negated ? [{ kind: 'either', alternatives: [all], negated: true } as const] : all));
  },
};

const SEGMENT_ROUTING = 4;

const SRH_FIELDS: Readonly<Record<string, FieldName>> = {
  '--srh-next-hdr': 'rt nexthdr',
  '--srh-hdr-len': 'rt hdrlength',
  '--srh-segs-left': 'rt seg-left',
  '--srh-last-entry': 'srh last-entry',
  '--srh-tag': 'srh tag',
};

/** As ranges: nft lists `rt hdrlength < 1 rt seg-left > 2` as `rt seg-left != 1-2`. */
function comparedWith(how: string, count: bigint): string {
  if (how === 'lt') return count === 0n ? '' : `0:${count - 1n}`;
  if (how === 'gt') return count === 255n ? '' : `${count + 1n}:255`;
  return String(count);
}

export const srh: Module = {
  name: 'srh',
  families: ['ip6'],
  options: {
    '--srh-next-hdr': ONE,
    '--srh-hdr-len-eq': ONE,
    '--srh-hdr-len-gt': ONE,
    '--srh-hdr-len-lt': ONE,
    '--srh-segs-left-eq': ONE,
    '--srh-segs-left-gt': ONE,
    '--srh-segs-left-lt': ONE,
    '--srh-last-entry-eq': ONE,
    '--srh-last-entry-gt': ONE,
    '--srh-last-entry-lt': ONE,
    '--srh-tag': ONE,
    '--srh-psid': ONE,
    '--srh-nsid': ONE,
    '--srh-lsid': ONE,
  },
  read(options) {
    const asked: Statement[] = [match(field('rt type'), '==', number(SEGMENT_ROUTING))];
    for (const {
      name,
      negated,
      values: [value = ''],
      span,
    } of options.all) {
      const [, base = name, how = 'eq'] = /^(.*)-(eq|gt|lt)$/.exec(name) ?? [];
      const of = SRH_FIELDS[base];
      if (!of) return impossible('nft does not ask for single segments of a routing header');
      const count = wholeNumber(value, name === '--srh-tag' ? 0xffffn : 255n);
      if (count === undefined) return wrong(`\`${value}\` is not a number that fits there`, span);
      const range = numberRange(comparedWith(how, count));
      if (range) asked.push(match(field(of), negated ? '!=' : '==', range));
      else if (!negated) asked.push(NEVER);
    }
    return noted('nft does not check that no more segments are left than there are', ...asked);
  },
};

export const eui64: Module = {
  name: 'eui64',
  families: ['ip6'],
  options: {},
  read: () => impossible('nft does not compare an address with the MAC address beside it'),
};

import type { FieldName } from '../../../../../dsl/ruleset/fields';
import { field, match, number, symbol } from '../../../../../dsl/ruleset/nodes';
import { type Around, type Meaning, type Module, means, perOption, wrong } from '../module';
import { wholeNumber } from '../values';

/** Names of types and codes (`iptables -p icmp -h`). */
const ICMP: Readonly<Record<string, readonly [number, number?]>> = {
  'echo-reply': [0],
  pong: [0],
  'destination-unreachable': [3],
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
  'source-route-failed': [3, 5],
  'network-unknown': [3, 6],
  'host-unknown': [3, 7],
  'network-prohibited': [3, 9],
  'host-prohibited': [3, 10],
  'TOS-network-unreachable': [3, 11],
  'TOS-host-unreachable': [3, 12],
  'communication-prohibited': [3, 13],
  'host-precedence-violation': [3, 14],
  'precedence-cutoff': [3, 15],
  'source-quench': [4],
  redirect: [5],
  'network-redirect': [5, 0],
  'host-redirect': [5, 1],
  'TOS-network-redirect': [5, 2],
  'TOS-host-redirect': [5, 3],
  'echo-request': [8],
  ping: [8],
  'router-advertisement': [9],
  'router-solicitation': [10],
  'time-exceeded': [11],
  'ttl-exceeded': [11],
  'ttl-zero-during-transit': [11, 0],
  'ttl-zero-during-reassembly': [11, 1],
  'parameter-problem': [12],
  'ip-header-bad': [12, 0],
  'required-option-missing': [12, 1],
  'timestamp-request': [13],
  'timestamp-reply': [14],
  'address-mask-request': [17],
  'address-mask-reply': [18],
};

const ICMPV6: Readonly<Record<string, readonly [number, number?]>> = {
  'destination-unreachable': [1],
  'no-route': [1, 0],
  'communication-prohibited': [1, 1],
  'beyond-scope': [1, 2],
  'address-unreachable': [1, 3],
  'port-unreachable': [1, 4],
  'failed-policy': [1, 5],
  'reject-route': [1, 6],
  'packet-too-big': [2],
  'time-exceeded': [3],
  'ttl-exceeded': [3],
  'ttl-zero-during-transit': [3, 0],
  'ttl-zero-during-reassembly': [3, 1],
  'parameter-problem': [4],
  'bad-header': [4, 0],
  'unknown-header-type': [4, 1],
  'unknown-option': [4, 2],
  'echo-request': [128],
  ping: [128],
  'echo-reply': [129],
  pong: [129],
  'mld-listener-query': [130],
  'mld-listener-report': [131],
  'mld-listener-done': [132],
  'mld-listener-reduction': [132],
  'router-solicitation': [133],
  'router-advertisement': [134],
  'neighbour-solicitation': [135],
  'neighbor-solicitation': [135],
  'neighbour-advertisement': [136],
  'neighbor-advertisement': [136],
  redirect: [137],
};

/** What nft calls the types. */
const NFT_ICMP: Readonly<Record<number, string>> = {
  0: 'echo-reply',
  3: 'destination-unreachable',
  4: 'source-quench',
  5: 'redirect',
  8: 'echo-request',
  9: 'router-advertisement',
  10: 'router-solicitation',
  11: 'time-exceeded',
  12: 'parameter-problem',
  13: 'timestamp-request',
  14: 'timestamp-reply',
  17: 'address-mask-request',
  18: 'address-mask-reply',
};

const NFT_ICMPV6: Readonly<Record<number, string>> = {
  1: 'destination-unreachable',
  2: 'packet-too-big',
  3: 'time-exceeded',
  4: 'parameter-problem',
  128: 'echo-request',
  129: 'echo-reply',
  130: 'mld-listener-query',
  131: 'mld-listener-report',
  132: 'mld-listener-done',
  133: 'nd-router-solicit',
  134: 'nd-router-advert',
  135: 'nd-neighbor-solicit',
  136: 'nd-neighbor-advert',
  137: 'nd-redirect',
};

/** A name (or the beginning of just one), `type`, `type/code`. */
function typeAndCode(
  text: string,
  names: Readonly<Record<string, readonly [number, number?]>>,
): readonly [number, number?] | undefined {
  const wanted = text.toLowerCase();
  const exact = Object.keys(names).find((name) => name.toLowerCase() === wanted);
  const longer = Object.keys(names).filter((name) => name.toLowerCase().startsWith(wanted));
  const name = exact ?? (longer.length === 1 ? longer[0] : undefined);
  if (name !== undefined && text !== '') return names[name];
  const [type, code] = text.split('/');
  const read = (word: string) => wholeNumber(word, 255n);
  const [typeNumber, codeNumber] = [read(type ?? ''), code === undefined ? undefined : read(code)];
  if (typeNumber === undefined || (code !== undefined && codeNumber === undefined)) return undefined;
  return codeNumber === undefined ? [Number(typeNumber)] : [Number(typeNumber), Number(codeNumber)];
}

function icmpMatch(protocol: 'icmp' | 'icmpv6', text: string, negated: boolean): Meaning {
  const [names, words] = protocol === 'icmp' ? [ICMP, NFT_ICMP] : [ICMPV6, NFT_ICMPV6];
  if (protocol === 'icmp' && (text.toLowerCase() === 'any' || text === '255' || text === '255/255'))
    return negated ? means(match(field('meta l4proto'), '>', number(255))) : means();
  const found = typeAndCode(text, names);
  if (!found) return wrong(`\`${text}\` is not a type of ICMP${protocol === 'icmp' ? '' : 'v6'}`);
  const [type, code] = found;
  const word = words[type];
  const ofType = (op: '==' | '!=') =>
    match(field(`${protocol} type` as FieldName), op, word === undefined ? number(type) : symbol(word));
  if (code === undefined) return means(ofType(negated ? '!=' : '=='));
  const both = [ofType('=='), match(field(`${protocol} code` as FieldName), '==', number(code))];
  if (!negated) return means(...both);
  return means({ kind: 'either', alternatives: [both], negated: true });
}

function otherProtocol(own: number, { protocol, excluded }: Around): Meaning | undefined {
  return !excluded && (protocol === undefined || protocol === own)
    ? undefined
    : wrong('a type of ICMP does not go with another protocol');
}

export const icmp: Module = perOption(
  { name: 'icmp', families: ['ip'], options: { '--icmp-type': { values: 1, negatable: true } } },
  ({ negated, values: [value = ''] }, around) => otherProtocol(1, around) ?? icmpMatch('icmp', value, negated),
);

export const icmp6: Module = perOption(
  { name: 'icmp6', families: ['ip6'], options: { '--icmpv6-type': { values: 1, negatable: true } } },
  ({ negated, values: [value = ''] }, around) => otherProtocol(58, around) ?? icmpMatch('icmpv6', value, negated),
);

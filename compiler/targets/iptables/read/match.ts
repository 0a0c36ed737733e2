import { readIpv4, readIpv6 } from '../../../../dsl/core/address';
import type { FieldName } from '../../../../dsl/ruleset/fields';
import { ct, field, flags, match, number, symbol, text } from '../../../../dsl/ruleset/nodes';
import type { CompareOp, Expression, Statement } from '../../../../dsl/ruleset/tree';
import { readValue } from '../../../../dsl/ruleset/value';
import type { XtFamily } from '../tables';

/** An option of a match with its values, as it stands in a rule. */
export interface Option {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

/** What an option of a module asks; undefined when only its text tells. */
export function matchOf(
  module: string,
  option: Option,
  family: XtFamily,
  protocol: string,
): readonly Statement[] | undefined {
  const { name, negated, values } = option;
  const [value = ''] = values;
  const op: CompareOp = negated ? '!=' : '==';
  const one = (left: Expression, right: Expression | undefined) => right && [match(left, op, right)];
  switch (`${module} ${name}`) {
    case 'tcp --sport':
    case 'udp --sport':
    case 'sctp --sport':
    case 'dccp --sport':
    case 'udplite --sport':
      return one(field(`${module} sport` as FieldName), portRange(value));
    case 'tcp --dport':
    case 'udp --dport':
    case 'sctp --dport':
    case 'dccp --dport':
    case 'udplite --dport':
      return one(field(`${module} dport` as FieldName), portRange(value));
    case 'tcp --syn':
      return tcpFlags('FIN,SYN,RST,ACK', 'SYN', op);
    case 'tcp --tcp-flags':
      return tcpFlags(value, values[1] ?? '', op);
    case 'multiport --sports':
      return one(portField('sport', protocol), ports(value));
    case 'multiport --dports':
      return one(portField('dport', protocol), ports(value));
    case 'multiport --ports': {
      const set = ports(value);
      const alternatives = (['sport', 'dport'] as const).map((side) => [match(portField(side, protocol), '==', set)]);
      return [match(field('meta l4proto'), '==', symbol(protocol)), { kind: 'either', alternatives, negated }];
    }
    case 'icmp --icmp-type':
      return icmp('icmp', value, op);
    case 'icmp6 --icmpv6-type':
    case 'icmpv6 --icmpv6-type':
      return icmp('icmpv6', value, op);
    case 'state --state':
    case 'conntrack --ctstate':
      return states(value.split(','), negated);
    case 'conntrack --ctstatus':
      if (value === 'NONE') return one(ct('status'), number(0));
      return [
        match(
          ct('status'),
          negated ? '!' : '==',
          flags(...value.split(',').map((one) => STATUS_NAMES[one] ?? one.toLowerCase())),
        ),
      ];
    case 'conntrack --ctdir':
      return one(ct('direction'), symbol(value.toLowerCase()));
    case 'conntrack --ctproto':
      return one(ct('protocol'), readValue(value, 'inet_proto'));
    case 'conntrack --ctorigdstport':
      return one({ kind: 'ct', key: 'proto-dst', direction: 'original' }, portRange(value));
    case 'conntrack --ctorigsrcport':
      return one({ kind: 'ct', key: 'proto-src', direction: 'original' }, portRange(value));
    case 'conntrack --ctorigdst':
      return one({ kind: 'ct', key: 'daddr', direction: 'original', family }, address(value, family));
    case 'conntrack --ctorigsrc':
      return one({ kind: 'ct', key: 'saddr', direction: 'original', family }, address(value, family));
    case 'mark --mark':
      return masked(field('meta mark'), value, op);
    case 'connmark --mark':
      return masked(ct('mark'), value, op);
    case 'addrtype --dst-type':
    case 'addrtype --src-type': {
      const types = value
        .split(',')
        .map((one) => ({ key: symbol(one.toLowerCase()), origin: { kind: 'program' as const } }));
      const key = name === '--dst-type' ? 'daddr' : 'saddr';
      return one({ kind: 'fib', keys: [key], result: 'type' }, { kind: 'set', elements: types });
    }
    case 'mac --mac-source':
      return one(field('ether saddr'), readValue(value.toLowerCase(), 'ether_addr'));
    case 'iprange --src-range':
      return one(field(`${family} saddr`), readValue(value));
    case 'iprange --dst-range':
      return one(field(`${family} daddr`), readValue(value));
    case 'pkttype --pkt-type':
      return one(field('meta pkttype'), symbol(value));
    case 'length --length':
      return one(field('meta length'), range(value));
    case 'ttl --ttl-eq':
      return one(field('ip ttl'), number(BigInt(value)));
    case 'ttl --ttl-lt':
      return [match(field('ip ttl'), '<', number(BigInt(value)))];
    case 'ttl --ttl-gt':
      return [match(field('ip ttl'), '>', number(BigInt(value)))];
    case 'hl --hl-eq':
      return one(field('ip6 hoplimit'), number(BigInt(value)));
    case 'owner --uid-owner':
      return one(field('meta skuid'), range(value.replace('-', ':')));
    case 'owner --gid-owner':
      return one(field('meta skgid'), range(value.replace('-', ':')));
    case 'dscp --dscp':
      return one(field(`${family} dscp`), number(BigInt(value)));
    case 'dscp --dscp-class':
      return one(field(`${family} dscp`), symbol(value.toLowerCase()));
    case 'helper --helper':
      return one(ct('helper'), text(value));
    case 'esp --espspi':
      return one(field('esp spi'), range(value));
    default:
      return undefined;
  }
}

const STATUS_NAMES: Readonly<Record<string, string>> = { SEEN_REPLY: 'seen-reply' };

/** `a.b.c.d`, a prefix or a mask of any bits; undefined for what is no address of the family (a name, say). */
export function address(value: string, family: XtFamily): Expression | undefined {
  const [host = '', mask] = value.split('/');
  const bits = family === 'ip' ? 32 : 128;
  const read = (one: string) => (family === 'ip' ? readIpv4(one) : readIpv6(one));
  const found = read(host);
  if (found === undefined) return undefined;
  const wide = mask === undefined ? bits : /^\d+$/.test(mask) ? Number(mask) : prefixLength(read(mask), bits);
  if (wide === undefined || wide > bits) return undefined;
  const cleared = (BigInt(found) >> BigInt(bits - wide)) << BigInt(bits - wide);
  const base =
    family === 'ip'
      ? ({ kind: 'ipv4', value: Number(cleared) } as Expression)
      : ({ kind: 'ipv6', value: cleared } as Expression);
  return wide === bits ? base : { kind: 'prefix', address: base as never, length: wide };
}

function prefixLength(mask: number | bigint | undefined, bits: number): number | undefined {
  if (mask === undefined) return undefined;
  const text = BigInt(mask).toString(2).padStart(bits, '0');
  return /^1*0*$/.test(text) ? text.replaceAll('0', '').length : undefined;
}

function range(value: string): Expression {
  const [first = '', last] = value.split(':');
  if (last === undefined) return readValue(first);
  return { kind: 'range', first: number(BigInt(first || '0')), last: number(BigInt(last || '4294967295')) };
}

function portRange(value: string): Expression {
  const [first = '', last] = value.split(':');
  const port = (word: string, none: string) =>
    readValue(word === '' ? none : word, 'inet_service') as ReturnType<typeof number>;
  if (last === undefined) return port(first, '0');
  return { kind: 'range', first: port(first, '0'), last: port(last, '65535') };
}

function ports(value: string): Expression {
  return {
    kind: 'set',
    elements: value.split(',').map((one) => ({ key: portRange(one), origin: { kind: 'program' } })),
  };
}

function portField(side: 'sport' | 'dport', protocol: string): Expression {
  return field(
    (['tcp', 'udp', 'sctp', 'dccp', 'udplite'].includes(protocol) ? `${protocol} ${side}` : `th ${side}`) as FieldName,
  );
}

function tcpFlags(mask: string, wanted: string, op: CompareOp): readonly Statement[] {
  const bits: Record<string, bigint> = { FIN: 1n, SYN: 2n, RST: 4n, PSH: 8n, ACK: 16n, URG: 32n, ALL: 63n, NONE: 0n };
  const sum = (list: string) => number(list.split(',').reduce((all, one) => all | (bits[one] ?? 0n), 0n));
  return [match({ kind: 'binary', op: '&', left: field('tcp flags'), right: sum(mask) }, op, sum(wanted))];
}

const CODES: Readonly<Record<string, readonly [number, number]>> = {
  'network-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'protocol-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'fragmentation-needed': [3, 4],
};
const TYPE_NAMES: Readonly<Record<string, string>> = {
  redirect: 'nd-redirect',
  pong: 'echo-reply',
  ping: 'echo-request',
  'router-solicitation': 'nd-router-solicit',
  'router-advertisement': 'nd-router-advert',
  'neighbour-solicitation': 'nd-neighbor-solicit',
  'neighbor-solicitation': 'nd-neighbor-solicit',
  'neighbour-advertisement': 'nd-neighbor-advert',
  'neighbor-advertisement': 'nd-neighbor-advert',
};

function icmp(protocol: 'icmp' | 'icmpv6', value: string, op: CompareOp): readonly Statement[] | undefined {
  if (value === 'any' || value === '255')
    return op === '=='
      ? [match(field('meta l4proto'), '==', symbol(protocol === 'icmp' ? 'icmp' : 'ipv6-icmp'))]
      : undefined;
  const [type = '', code] = protocol === 'icmp' && CODES[value] ? CODES[value].map(String) : value.split('/');
  const name = protocol === 'icmpv6' || type === 'ping' || type === 'pong' ? (TYPE_NAMES[type] ?? type) : type;
  const ofType = match(field(`${protocol} type`), '==', readValue(name, `${protocol}_type`));
  const both = code === undefined ? [ofType] : [ofType, match(field(`${protocol} code`), '==', number(BigInt(code)))];
  if (op === '==') return both;
  return [
    match(field('meta l4proto'), '==', symbol(protocol === 'icmp' ? 'icmp' : 'ipv6-icmp')),
    { kind: 'either', alternatives: [both], negated: true },
  ];
}

function states(names: readonly string[], negated: boolean): readonly Statement[] {
  const state = names.filter((one) => one !== 'DNAT' && one !== 'SNAT').map((one) => one.toLowerCase());
  const status = names.filter((one) => one === 'DNAT' || one === 'SNAT').map((one) => one.toLowerCase());
  const ofState = state.length > 0 ? [match(ct('state'), '==', flags(...state))] : undefined;
  const ofStatus = status.length > 0 ? [match(ct('status'), '==', flags(...status))] : undefined;
  const alternatives = [ofState, ofStatus].filter((one) => one !== undefined);
  return alternatives.length === 1 && !negated
    ? (alternatives[0] as Statement[])
    : [{ kind: 'either', alternatives, negated }];
}

function masked(left: Expression, value: string, op: CompareOp): readonly Statement[] {
  const [wanted = '0', mask] = value.split('/');
  const key: Expression = mask === undefined ? left : { kind: 'binary', op: '&', left, right: number(BigInt(mask)) };
  return [match(key, op, number(BigInt(wanted)))];
}

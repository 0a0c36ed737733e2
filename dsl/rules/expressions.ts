import type { DataType } from '../ruleset/data-type';
import type { Expression, IpsecKey, TableFamily } from '../ruleset/tree';
import { FIB_TYPES, ipsecType } from '../ruleset/type-of';
import { type Bits, type Operand, type Optional, type Ordered, operand, type Typed, type Writable } from './operand';

type OfKind<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type Routed = 'ip' | 'ip6' | 'inet';

type FibKey = OfKind<'fib'>['keys'][number];

/** What the routing table says of addresses: `fib(['daddr'], 'type').is('local')`. */
export function fib<Result extends 'type' | 'oif' | 'oifname'>(
  keys: readonly [FibKey, ...FibKey[]],
  result: Result,
): Operand<(typeof FIB_TYPES)[Result]> & (Result extends 'type' ? unknown : Optional) {
  return operand(FIB_TYPES[result], { kind: 'fib', keys, result });
}

/** A number below `modulus`, in turn or at random, to spread by. */
export function numgen(mode: 'inc' | 'random', modulus: number, offset = 0): Bits<'integer'> {
  return operand('integer', { kind: 'numgen', mode, modulus, offset });
}

export interface HashOptions {
  readonly seed?: number;
  readonly offset?: number;
}

/** A number below `modulus` that is the same for the same key, to spread by. */
export function jhash<F extends TableFamily>(
  of: Typed<DataType, F>,
  modulus: number,
  { offset = 0, ...seed }: HashOptions = {},
): Bits<'integer', F> {
  return operand('integer', { kind: 'hash', function: 'jhash', of: of.expression, modulus, offset, ...seed });
}

/** The same by addresses and ports, for both directions of a connection. */
export function symhash(modulus: number, offset = 0): Bits<'integer'> {
  return operand('integer', { kind: 'hash', function: 'symhash', modulus, offset });
}

/** So many bits of a packet, counted from its link, network or transport header. */
export function payload(base: OfKind<'payload'>['base'], offset: number, bits: number): Bits<'integer'> {
  return operand('integer', { kind: 'payload', base, offset, bits });
}

type Option<F extends TableFamily> = Bits<'integer', F> & Optional<F> & Writable<'integer', F>;

/** An option of TCP: `tcpOption('maxseg', 'size')`. */
export function tcpOption(option: string, field?: string): Option<TableFamily> {
  return optionOf('tcp', option, field);
}

/** An option of IPv4. */
export function ipOption(option: string, field?: string): Option<'ip' | 'inet' | 'bridge' | 'netdev'> {
  return optionOf('ip', option, field);
}

/** A chunk of SCTP. */
export function sctpChunk(option: string, field?: string): Option<TableFamily> {
  return optionOf('sctp', option, field);
}

function optionOf<F extends TableFamily>(protocol: OfKind<'option'>['protocol'], option: string, field?: string) {
  return operand<Option<F>>('integer', { kind: 'option', protocol, option, ...(field ? { field } : {}) });
}

/** An extension header of IPv6. */
export function exthdr(header: string): Optional<'ip6' | 'inet' | 'bridge' | 'netdev'> {
  return operand('boolean', { kind: 'exthdr', header });
}

type IpsecOf<K extends IpsecKey> = K extends `ip6 ${string}`
  ? Ordered<'ipv6_addr', Routed>
  : K extends `ip ${string}`
    ? Ordered<'ipv4_addr', Routed>
    : Bits<'integer', Routed>;

/** What IPsec did to a packet, or will do; `spnum` counts the transformations. */
export function ipsec<K extends IpsecKey>(direction: 'in' | 'out', key: K, spnum = 0): IpsecOf<K> {
  return operand(ipsecType(key), { kind: 'ipsec', direction, spnum, key });
}

/** The operating system that sent a SYN, by how it looks. */
export function osf(result: 'name' | 'version', ttl?: 'loose' | 'skip'): Operand<'string'> {
  return operand('string', { kind: 'osf', result, ...(ttl ? { ttl } : {}) });
}

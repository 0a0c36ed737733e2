import { readIpv6 } from '../../../../dsl/core/address';
import { anonymousSet, ct, field, match, number, symbol } from '../../../../dsl/ruleset/nodes';
import type { Constant, Expression, Statement } from '../../../../dsl/ruleset/tree';
import { PROTOCOLS, SERVICES } from '../../../meaning/registries';
import type { XtFamily } from '../tables';

/** A whole number as strtoul(3) reads it: decimal, `0x` hexadecimal, `0` octal. */
export function wholeNumber(text: string, max = 0xffffffffn): bigint | undefined {
  const value = /^0x[0-9a-f]+$/i.test(text)
    ? BigInt(text)
    : /^0[0-7]+$/.test(text)
      ? BigInt(`0o${text.slice(1)}`)
      : /^(0|[1-9]\d*)$/.test(text)
        ? BigInt(text)
        : undefined;
  return value === undefined || value > max ? undefined : value;
}

/** `n`, `a:b`, `a:`, `:b`; with `separator` `-`, `a-b`. */
export function numberRange(
  text: string,
  max = 0xffffffffn,
  separator = ':',
  read = (word: string) => wholeNumber(word, max),
): Constant | Extract<Expression, { kind: 'range' }> | undefined {
  const at = text.indexOf(separator);
  const whole = separator === '-' ? read(text) : undefined;
  if (whole !== undefined) return number(whole);
  if (at < 0) {
    const value = read(text);
    return value === undefined ? undefined : number(value);
  }
  const first = at === 0 ? 0n : read(text.slice(0, at));
  const last = at === text.length - 1 ? max : read(text.slice(at + 1));
  if (first === undefined || last === undefined || first > last) return undefined;
  return first === last ? number(first) : { kind: 'range', first: number(first), last: number(last) };
}

/** A range that ends before it begins holds nothing, and iptables takes it. */
export function isBackward(text: string, read: (word: string) => bigint | undefined, separator = ':'): boolean {
  const [first, last, more] = text.split(separator).map(read);
  return first !== undefined && last !== undefined && more === undefined && first > last;
}

/** A port's number or its name in services(5). */
export function portNumber(text: string): bigint | undefined {
  const named = SERVICES.numberOf(text.toLowerCase());
  return named === undefined ? wholeNumber(text, 65535n) : BigInt(named);
}

export function portRange(text: string): ReturnType<typeof numberRange> {
  return numberRange(text, 65535n, ':', portNumber);
}

/** `80,443,8000:8080` as a set, or as what it is when it is one. */
export function portList(text: string): Expression | undefined {
  const members = text.split(',').map(portRange);
  const known = members.filter((one) => one !== undefined);
  if (known.length < members.length) return undefined;
  return known.length === 1 ? known[0] : anonymousSet(...known);
}

/** A protocol's number or its name in protocols(5). */
export function protocolNumber(text: string): number | undefined {
  const named = PROTOCOLS.numberOf(text.toLowerCase());
  if (named !== undefined) return named;
  const value = wholeNumber(text, 255n);
  return value === undefined ? undefined : Number(value);
}

/** What an address of iptables says: one address, all under a mask, or (a mask of any bits) those that agree in it. */
export interface Block {
  readonly address: Constant & { readonly kind: 'ipv4' | 'ipv6' };
  readonly mask: bigint;
}

const BITS: Readonly<Record<XtFamily, number>> = { ip: 32, ip6: 128 };

/** `a.b.c.d`, `a.b/16`, `a.b.c.d/255.0.0.255`, `2001:db8::/32`. Undefined for a name, and for the other family. */
export function addressBlock(text: string, family: XtFamily): Block | undefined {
  const slash = text.indexOf('/');
  const host = addressNumber(slash < 0 ? text : text.slice(0, slash), family);
  const mask = slash < 0 ? wholeMask(family) : maskNumber(text.slice(slash + 1), family);
  if (host === undefined || mask === undefined) return undefined;
  return { address: addressOf(host & mask, family), mask };
}

export function addressOf(value: bigint, family: XtFamily): Block['address'] {
  return family === 'ip' ? { kind: 'ipv4', value: Number(value) as never } : { kind: 'ipv6', value: value as never };
}

export function wholeMask(family: XtFamily): bigint {
  return (1n << BigInt(BITS[family])) - 1n;
}

/** Missing bytes at the end are 0, and each may be octal or hexadecimal, as iptables reads them. */
export function addressNumber(text: string, family: XtFamily): bigint | undefined {
  if (family === 'ip6') return readIpv6(text);
  const bytes = text.split('.');
  if (bytes.length > 4) return undefined;
  const whole = bytes.length === 1 ? wholeNumber(text) : undefined;
  if (whole !== undefined && whole > 255n) return whole;
  let sum = 0n;
  for (let index = 0; index < 4; index++) {
    const byte = index < bytes.length ? wholeNumber(bytes[index] as string, 255n) : 0n;
    if (byte === undefined) return undefined;
    sum = (sum << 8n) | byte;
  }
  return sum;
}

function maskNumber(text: string, family: XtFamily): bigint | undefined {
  const bits = BITS[family];
  const length = wholeNumber(text, BigInt(bits));
  if (length !== undefined) return ((1n << length) - 1n) << (BigInt(bits) - length);
  return family === 'ip' && text.split('.').length !== 4 ? undefined : addressNumber(text, family);
}

/** Undefined for a mask with holes. */
export function prefixLength(mask: bigint, family: XtFamily): number | undefined {
  const bits = mask.toString(2).padStart(BITS[family], '0');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

/** Whether a field lies in a block; a block of all addresses asks nothing. */
export function inBlock(left: Expression, op: '==' | '!=', { address, mask }: Block, family: XtFamily): Statement[] {
  const length = prefixLength(mask, family);
  if (length === undefined)
    return [match({ kind: 'binary', op: '&', left, right: addressOf(mask, family) }, op, address)];
  if (length === 0 && op === '==') return [];
  const right: Expression = length === BITS[family] ? address : { kind: 'prefix', address, length };
  return [match(left, op, right)];
}

/** `a-b` of addresses. */
export function addressRange(text: string, family: XtFamily): Expression | undefined {
  const dash = text.indexOf('-');
  const first = addressNumber(dash < 0 ? text : text.slice(0, dash), family);
  const last = dash < 0 ? first : addressNumber(text.slice(dash + 1), family);
  if (first === undefined || last === undefined || first > last) return undefined;
  if (first === last) return addressOf(first, family);
  return { kind: 'range', first: addressOf(first, family), last: addressOf(last, family) };
}

/** `value[/mask]`: the bits of the mask are the value's. */
export function maskedMatch(
  left: Expression,
  text: string,
  op: '==' | '!=',
  whatever: readonly Statement[],
): readonly Statement[] | undefined {
  const [valueText = '', maskText] = text.split('/');
  const value = wholeNumber(valueText);
  const mask = maskText === undefined ? 0xffffffffn : wholeNumber(maskText);
  return value === undefined || mask === undefined ? undefined : underMask(left, mask, op, value, { whatever });
}

interface UnderMask {
  /** What is left to ask where any value will do. */
  readonly whatever?: readonly Statement[];
  readonly spelt?: (value: bigint) => Constant;
}

/** nft lists a bit outside of the mask as `value/length`, and reads that without the bit: what cannot be is said else. */
export function underMask(
  left: Expression,
  mask: bigint,
  op: '==' | '!=',
  value: bigint,
  { whatever = [], spelt = hex }: UnderMask = {},
): readonly Statement[] {
  if ((value & ~mask) !== 0n) return op === '==' ? [NEVER] : whatever;
  if (mask === 0n) return op === '==' ? whatever : [NEVER];
  const key: Expression = mask === 0xffffffffn ? left : { kind: 'binary', op: '&', left, right: spelt(mask) };
  return [match(key, op, spelt(value))];
}

export function hex(value: bigint): Constant {
  return { kind: 'number', value, base: 16 };
}

/** What a packet's address is under a mask, as key of a set; undefined when the mask leaves nothing of it. */
export function addressKey(side: 'saddr' | 'daddr', mask: bigint, family: XtFamily): Expression | undefined {
  const left = field(`${family} ${side}`);
  if (mask === 0n) return undefined;
  return mask === wholeMask(family) ? left : { kind: 'binary', op: '&', left, right: addressOf(mask, family) };
}

/** The mask of a prefix's length. */
export function lengthMask(length: number, family: XtFamily): bigint {
  const bits = BigInt(BITS[family]);
  const all = (1n << bits) - 1n;
  return all & ~((1n << (bits - BigInt(length))) - 1n);
}

export function addressType(family: XtFamily): 'ipv4_addr' | 'ipv6_addr' {
  return family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
}

/** A match that no packet passes: no protocol has such a number. */
export const NEVER: Statement = match(field('meta l4proto'), '>', number(255));

/** Of what is invalid or untracked conntrack knows nothing. */
export const HAS_CONNECTION: Statement = match(ct('state'), '!=', anonymousSet(symbol('invalid'), symbol('untracked')));

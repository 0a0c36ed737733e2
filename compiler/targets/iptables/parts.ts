import { formatIpv4, formatIpv6 } from '../../../dsl/core/address';
import type { Constant, Expression } from '../../../dsl/ruleset/tree';
import type { XtFamily } from './tables';

/**
 * A piece of a rule's match. Two pieces of one slot exclude each other in one rule; `module` pieces may stand any
 * number of times.
 */
export interface Part {
  readonly slot: 'src' | 'dst' | 'in' | 'out' | 'proto' | 'ports' | 'module';
  readonly args: readonly string[];
}

/** Modules come last: a rate counts the packets that reach it. */
const SLOT_ORDER: readonly Part['slot'][] = ['src', 'dst', 'in', 'out', 'proto', 'ports', 'module'];

export function argumentsOf(parts: readonly Part[]): string[] {
  return SLOT_ORDER.flatMap((slot) => parts.filter((part) => part.slot === slot).flatMap((part) => part.args));
}

/** Whether the pieces fit into one rule. */
export function fits(parts: readonly Part[]): boolean {
  const slots = parts.map(({ slot }) => slot).filter((slot) => slot !== 'module');
  return new Set(slots).size === slots.length;
}

/** The pieces that say `left == right`, or undefined when iptables has no word for it. */
export function equals(left: Expression, right: Expression, family: XtFamily): readonly Part[] | undefined {
  if (left.kind === 'concat' && right.kind === 'concat') return concatEquals(left.parts, right.parts, family);
  switch (left.kind) {
    case 'field':
      return fieldEquals(left.field, right, family);
    case 'ct':
      return left.direction === undefined ? ctEquals(left.key, right) : askedEquals(left, right);
    case 'binary':
      return maskedEquals(left, right);
    case 'fib':
      if (left.result !== 'type' || left.keys.length !== 1 || right.kind !== 'symbol') return undefined;
      return module('addrtype', left.keys[0] === 'daddr' ? '--dst-type' : '--src-type', right.name.toUpperCase());
    default:
      return undefined;
  }
}

/** The same, denied; only what one piece says can be. */
export function differs(left: Expression, right: Expression, family: XtFamily): readonly Part[] | undefined {
  const parts = equals(left, right, family);
  const [only] = parts ?? [];
  if (!only || parts?.length !== 1) return undefined;
  if (only.slot === 'module') {
    const [flag, name, option, ...values] = only.args;
    return flag && name && option ? [{ slot: 'module', args: [flag, name, '!', option, ...values] }] : undefined;
  }
  return [{ slot: only.slot, args: ['!', ...only.args] }];
}

function concatEquals(left: readonly Expression[], right: readonly Expression[], family: XtFamily) {
  const parts = left.map((expression, index) => {
    const value = right[index];
    return value && equals(expression, value, family);
  });
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function fieldEquals(name: string, right: Expression, family: XtFamily): readonly Part[] | undefined {
  switch (name) {
    case 'meta iifname':
    case 'meta iif':
      return right.kind === 'string' ? [{ slot: 'in', args: ['-i', interfaceText(right)] }] : undefined;
    case 'meta oifname':
    case 'meta oif':
      return right.kind === 'string' ? [{ slot: 'out', args: ['-o', interfaceText(right)] }] : undefined;
    case 'ip saddr':
    case 'ip6 saddr':
      return addressEquals('src', right);
    case 'ip daddr':
    case 'ip6 daddr':
      return addressEquals('dst', right);
    case 'meta l4proto':
    case 'ip protocol':
    case 'ip6 nexthdr':
      return protocolEquals(right);
    case 'th dport':
      return portEquals('--dport', right);
    case 'th sport':
      return portEquals('--sport', right);
    case 'tcp dport':
    case 'udp dport':
    case 'sctp dport':
      return withProtocol(name.slice(0, -6), portEquals('--dport', right));
    case 'tcp sport':
    case 'udp sport':
    case 'sctp sport':
      return withProtocol(name.slice(0, -6), portEquals('--sport', right));
    case 'icmp type':
      return family === 'ip' ? icmp('icmp', '--icmp-type', right) : undefined;
    case 'icmpv6 type':
      return family === 'ip6' ? icmp('icmpv6', '--icmpv6-type', right) : undefined;
    case 'ether saddr':
      return right.kind === 'ether' ? module('mac', '--mac-source', right.value.toUpperCase()) : undefined;
    case 'meta mark':
      return markEquals('mark', right);
    case 'meta pkttype':
      return right.kind === 'symbol' && right.name !== 'other'
        ? module('pkttype', '--pkt-type', right.name)
        : undefined;
    case 'meta skuid':
      return ownerEquals('--uid-owner', right);
    case 'meta skgid':
      return ownerEquals('--gid-owner', right);
    case 'ip ttl':
      return right.kind === 'number' ? module('ttl', '--ttl-eq', String(right.value)) : undefined;
    case 'ip6 hoplimit':
      return right.kind === 'number' ? module('hl', '--hl-eq', String(right.value)) : undefined;
    case 'meta nfproto':
      return right.kind === 'symbol' && right.name === NFPROTO[family] ? [] : undefined;
    case 'tcp flags':
      return tcpFlagsEquals(ALL_TCP_FLAGS, right);
    default:
      return undefined;
  }
}

export const NFPROTO: Readonly<Record<XtFamily, string>> = { ip: 'ipv4', ip6: 'ipv6' };

function protocolEquals(right: Expression): readonly Part[] | undefined {
  if (right.kind === 'symbol') return [{ slot: 'proto', args: ['-p', right.name] }];
  // 0 is what iptables calls any protocol.
  if (right.kind === 'number' && right.value > 0n) return [{ slot: 'proto', args: ['-p', String(right.value)] }];
  return undefined;
}

function ownerEquals(option: string, right: Expression): readonly Part[] | undefined {
  if (right.kind === 'number') return module('owner', option, String(right.value));
  if (right.kind === 'symbol') return module('owner', option, right.name);
  if (right.kind !== 'range' || right.first.kind !== 'number' || right.last.kind !== 'number') return undefined;
  return module('owner', option, `${right.first.value}-${right.last.value}`);
}

/** A number as iptables reads a mark. */
export function bitsText(value: Expression): string | undefined {
  return value.kind === 'number' ? `0x${value.value.toString(16)}` : undefined;
}

function markEquals(name: 'mark' | 'connmark', right: Expression, mask?: Expression): readonly Part[] | undefined {
  const bits = bitsText(right);
  const masked = mask && bitsText(mask);
  if (bits === undefined || (mask && masked === undefined)) return undefined;
  return module(name, '--mark', masked === undefined ? bits : `${bits}/${masked}`);
}

const ALL_TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];

/** `field & mask == value`: marks and TCP flags. */
function maskedEquals({ op, left, right: mask }: Extract<Expression, { kind: 'binary' }>, right: Expression) {
  if (op !== '&') return undefined;
  if (left.kind === 'ct' && left.key === 'mark') return markEquals('connmark', right, mask);
  if (left.kind !== 'field') return undefined;
  if (left.field === 'meta mark') return markEquals('mark', right, mask);
  const flags = left.field === 'tcp flags' ? flagNames(mask) : undefined;
  return flags && tcpFlagsEquals(flags, right);
}

function tcpFlagsEquals(mask: readonly string[], right: Expression): readonly Part[] | undefined {
  const set = right.kind === 'number' && right.value === 0n ? [] : flagNames(right);
  if (!set || [...mask, ...set].some((flag) => !ALL_TCP_FLAGS.includes(flag))) return undefined;
  const list = (flags: readonly string[]) => (flags.length === 0 ? 'NONE' : flags.join(',').toUpperCase());
  return [
    { slot: 'proto', args: ['-p', 'tcp'] },
    { slot: 'module', args: ['-m', 'tcp', '--tcp-flags', list(mask), list(set)] },
  ];
}

/** `syn | ack`, as names. */
function flagNames(expression: Expression): readonly string[] | undefined {
  if (expression.kind === 'symbol') return [expression.name];
  if (expression.kind !== 'binary' || expression.op !== '|') return undefined;
  const [left, right] = [flagNames(expression.left), flagNames(expression.right)];
  return left && right && [...left, ...right];
}

function ctEquals(key: string, right: Expression): readonly Part[] | undefined {
  if (key === 'mark') return markEquals('connmark', right);
  if (key === 'direction' && right.kind === 'symbol') return module('conntrack', '--ctdir', right.name.toUpperCase());
  const flags = right.kind === 'flags' ? right.flags : key === 'state' ? [right] : [];
  const names = flags.flatMap((flag) => (flag.kind === 'symbol' ? [flag.name] : []));
  if (names.length === 0 || names.length < flags.length) return undefined;
  if (key === 'state' || (key === 'status' && names.every((name) => name === 'dnat' || name === 'snat')))
    return module('conntrack', '--ctstate', names.join(',').toUpperCase());
  return undefined;
}

/** What a connection was opened to, before translation. */
function askedEquals({ key, direction }: Extract<Expression, { kind: 'ct' }>, right: Expression) {
  if (direction !== 'original' || key !== 'proto-dst') return undefined;
  if (right.kind === 'number') return module('conntrack', '--ctorigdstport', String(right.value));
  if (right.kind !== 'range' || right.first.kind !== 'number' || right.last.kind !== 'number') return undefined;
  return module('conntrack', '--ctorigdstport', `${right.first.value}:${right.last.value}`);
}

function addressEquals(slot: 'src' | 'dst', right: Expression): readonly Part[] | undefined {
  const flag = slot === 'src' ? '-s' : '-d';
  switch (right.kind) {
    case 'ipv4':
    case 'ipv6':
      return [{ slot, args: [flag, `${addressText(right)}/${right.kind === 'ipv4' ? 32 : 128}`] }];
    case 'prefix':
      return right.length === 0 ? [] : [{ slot, args: [flag, `${addressText(right.address)}/${right.length}`] }];
    case 'range':
      return module(
        'iprange',
        slot === 'src' ? '--src-range' : '--dst-range',
        `${addressText(right.first)}-${addressText(right.last)}`,
      );
    default:
      return undefined;
  }
}

function portEquals(option: string, right: Expression): readonly Part[] | undefined {
  if (right.kind === 'number') return [{ slot: 'ports', args: [option, String(right.value)] }];
  if (right.kind !== 'range' || right.first.kind !== 'number' || right.last.kind !== 'number') return undefined;
  if (right.first.value === 0n && right.last.value === 65535n) return [];
  return [{ slot: 'ports', args: [option, `${right.first.value}:${right.last.value}`] }];
}

function withProtocol(protocol: string, parts: readonly Part[] | undefined): readonly Part[] | undefined {
  return parts && [{ slot: 'proto', args: ['-p', protocol] }, ...parts];
}

/** nft and iptables call most ICMP types alike; neighbour discovery they do not. */
const ICMP_NAMES: Readonly<Record<string, string>> = {
  'nd-router-solicit': 'router-solicitation',
  'nd-router-advert': 'router-advertisement',
  'nd-neighbor-solicit': 'neighbour-solicitation',
  'nd-neighbor-advert': 'neighbour-advertisement',
  'nd-redirect': 'redirect',
  'mld2-listener-report': '143',
};

function icmp(protocol: string, option: string, type: Expression): readonly Part[] | undefined {
  const name = type.kind === 'symbol' ? type.name : type.kind === 'number' ? String(type.value) : undefined;
  if (name === undefined) return undefined;
  return [
    { slot: 'proto', args: ['-p', protocol] },
    { slot: 'ports', args: [option, ICMP_NAMES[name] ?? name] },
  ];
}

function module(name: string, ...args: readonly string[]): readonly Part[] {
  return [{ slot: 'module', args: ['-m', name, ...args] }];
}

function interfaceText({ value, wildcard }: Extract<Constant, { kind: 'string' }>): string {
  return wildcard ? `${value}+` : value;
}

export function addressText(constant: Constant): string {
  switch (constant.kind) {
    case 'ipv4':
      return formatIpv4(constant.value);
    case 'ipv6':
      return formatIpv6(constant.value);
    default:
      throw new Error(`not an address: ${constant.kind}`);
  }
}

import type { Expression, Nat } from '../ruleset/tree';
import type { Typed } from './operand';
import { type Statement, statement } from './statement';
import { type Ipv4Block, type Ipv6Block, type Key, type PortRange, valueNode } from './values';

type Address =
  | Ipv4Block
  | Ipv6Block
  | Looked<'ipv4_addr'>
  | Looked<'ipv6_addr'>
  | Looked<readonly ['ipv4_addr', 'inet_service']>
  | Looked<readonly ['ipv6_addr', 'inet_service']>;

/** Looked up in a map, by whichever key. */
type Looked<K extends Key> = Typed<K, never>;

export interface NatOptions {
  readonly port?: PortRange | Looked<'inet_service'>;
  readonly flags?: Nat['flags'];
  /** The address is a block, into which addresses are mapped one to one. */
  readonly prefix?: boolean;
}

type NatFamily = 'ip' | 'ip6' | 'inet';

/** Another port, and the address as it is. */
type PortOnly = NatOptions & { readonly port: PortRange | Looked<'inet_service'> };

/** Sends the connection to another address, another port or both. */
export function dnat(
  to: Address | PortOnly,
  options: NatOptions = {},
): Statement<'nat prerouting' | 'nat output', NatFamily> {
  return statement(isPortOnly(to) ? translate('dnat', undefined, to) : translate('dnat', to, options));
}

/** Gives the connection another source address, another port or both. */
export function snat(
  to: Address | PortOnly,
  options: NatOptions = {},
): Statement<'nat postrouting' | 'nat input', NatFamily> {
  return statement(isPortOnly(to) ? translate('snat', undefined, to) : translate('snat', to, options));
}

/** Gives the connection the source address of the interface that it leaves by. */
export function masquerade(options: NatOptions = {}): Statement<'nat postrouting', NatFamily> {
  return statement(translate('masquerade', undefined, options));
}

/** Sends the connection to the host itself. */
export function redirect(options: NatOptions = {}): Statement<'nat prerouting' | 'nat output', NatFamily> {
  return statement(translate('redirect', undefined, options));
}

function isPortOnly(to: Address | PortOnly): to is PortOnly {
  return typeof to === 'object' && 'port' in to;
}

function translate(kind: Nat['kind'], to: Address | undefined, { port, flags = [], prefix }: NatOptions): Nat {
  return {
    kind,
    ...(to === undefined ? {} : { family: familyOf(to), address: addressNode(to) }),
    ...(port === undefined ? {} : { port: portNode(port) }),
    flags,
    ...(prefix ? { prefix } : {}),
  };
}

function familyOf(to: Address): 'ip' | 'ip6' {
  const type = typeof to === 'string' ? (to.includes(':') ? 'ipv6_addr' : 'ipv4_addr') : [to.key].flat()[0];
  return type === 'ipv6_addr' ? 'ip6' : 'ip';
}

function addressNode(to: Address): Expression {
  if (typeof to !== 'string') return to.expression;
  return valueNode(familyOf(to) === 'ip6' ? 'ipv6_addr' : 'ipv4_addr', to);
}

function portNode(port: PortRange | Looked<'inet_service'>): Expression {
  return typeof port === 'object' ? port.expression : valueNode('inet_service', port);
}

import type { Statement as Node } from '../ruleset/tree';
import { type Statement, statement } from './statement';
import { type Ipv4, type Ipv6, type PortRange, valueNode } from './values';
import { quotable } from './words';

type Ip = 'ip' | 'ip6' | 'inet';
type Filter = 'filter prerouting' | 'filter input' | 'filter forward' | 'filter output' | 'filter postrouting';

/** Hands the packet to a program that listens on a queue of nfnetlink. */
export function queue(
  to: number | `${number}-${number}`,
  { flags = [] }: { readonly flags?: Extract<Node, { kind: 'queue' }>['flags'] } = {},
): Statement {
  return statement({ kind: 'queue', first: valueNode('integer', to), flags });
}

export interface TproxyOptions {
  readonly address?: Ipv4 | Ipv6;
  readonly port?: PortRange;
  /** Needed in a table of both families. */
  readonly family?: 'ip' | 'ip6';
}

/** Hands the packet to a local socket, its addresses as they are. */
export function tproxy({ address, port, family }: TproxyOptions): Statement<'filter prerouting', Ip> {
  return statement({
    kind: 'tproxy',
    ...(family ? { family } : {}),
    ...(address === undefined ? {} : { address: addressNode(address) }),
    ...(port === undefined ? {} : { port: valueNode('inet_service', port) }),
  });
}

/** Sends a copy of the packet to another host. */
export function dup(to: Ipv4 | Ipv6, device?: string): Statement<Filter, Ip> {
  return statement({
    kind: 'dup',
    address: addressNode(to),
    ...(device === undefined ? {} : { device: valueNode('iface_index', device) }),
  });
}

/** Overwrites an option of TCP with no-ops. */
export function resetOption(option: string): Statement {
  return statement({ kind: 'reset-option', option: quotable(option) });
}

type Synproxy = Omit<Extract<Node, { kind: 'synproxy' }>, 'kind'>;

/** Answers SYNs for the host behind, and lets only whole handshakes through to it. */
export function synproxy(options: Partial<Synproxy> = {}): Statement<'filter input' | 'filter forward', Ip> {
  return statement({ kind: 'synproxy', flags: [], ...options });
}

function addressNode(address: Ipv4 | Ipv6) {
  return valueNode(address.includes(':') ? 'ipv6_addr' : 'ipv4_addr', address);
}

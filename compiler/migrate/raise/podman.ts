import { type Address, addressOf, formatAddress, formatPrefix, type Prefix } from '../../../dsl/core/address';
import { formatPortRange } from '../../../dsl/core/port';
import type { Rule } from '../../../dsl/ruleset/tree';
import type { Facts, NetworkFacts } from './facts';
import type { Pattern } from './patterns';
import type { Shape } from './shape';

/**
 * The rules of netavark 1.x and of the CNI plugins bridge, firewall and portmap (0.x and 1.x), both Podman's. They speak
 * of subnets and addresses, not of bridges; comments name networks and containers.
 */

const HASHED = /^(NETAVARK-[0-9A-F]{8,}|CNI-[0-9a-f]{24})$/;
const FORWARDING = /^(NETAVARK_FORWARD|CNI-FORWARD)$/;
const PORTS = /^(NETAVARK|CNI)-HOSTPORT-DNAT$/;
const LEADING = /^(NETAVARK|CNI)-DN-/;
const MARKING = /^(NETAVARK|CNI)-HOSTPORT-SETMARK$/;
const MASQUERADING = /^(NETAVARK|CNI)-HOSTPORT-MASQ$/;
const POSTROUTING = /^POSTROUTING$/;

/** Which networks there are, and which subnets of both families are of one. */
export const PODMAN_CHAINS: readonly Pattern[] = [
  {
    table: 'nat',
    chain: HASHED,
    looks: ['daddr accept'],
    tells: (facts, { daddr }, rule, chain) => {
      if (!daddr || daddr.not || isSingle(daddr.is)) return;
      const network = networkAt(facts, daddr.is, facts.chains.get(chain));
      network.name ??= namedIn(rule)?.network;
      facts.chains.set(chain, network);
      facts.understand(rule, [network]);
    },
  },
];

/** Those that only filter. */
export const PODMAN_NETWORKS: readonly Pattern[] = [
  {
    table: 'filter',
    chain: /^NETAVARK_FORWARD$/,
    looks: ['saddr accept'],
    tells: (facts, { saddr }, rule) => {
      if (saddr && !saddr.not && !isSingle(saddr.is)) facts.understand(rule, [networkAt(facts, saddr.is)]);
    },
  },
];

export const PODMAN_RULES: readonly Pattern[] = [
  {
    table: 'nat',
    chain: HASHED,
    looks: ['!daddr masquerade'],
    tells: (facts, { daddr }, rule, chain) => {
      const network = facts.chains.get(chain);
      if (!network || !daddr || !['224.0.0.0/4', 'ff00::/8'].includes(formatPrefix(daddr.is))) return;
      network.masqueraded.add(daddr.is.family);
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: POSTROUTING,
    looks: ['saddr jump'],
    to: HASHED,
    tells: (facts, { saddr, action }, rule) => {
      const network = action.kind === 'jump' ? facts.chains.get(action.chain) : undefined;
      if (!network || !saddr || saddr.not) return;
      if (isSingle(saddr.is)) known(facts, network, addressOf(saddr.is), namedIn(rule)?.container);
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: PORTS,
    looks: ['(daddr) protocol dport jump'],
    to: LEADING,
    tells: (facts, { protocol, dports = [], action }, rule) => {
      const name = namedIn(rule);
      if (action.kind === 'jump' && name)
        for (const port of dports)
          facts.names.set(`${action.chain} ${protocol} ${formatPortRange(port)}`, name.container);
      if (action.kind === 'jump' && name) facts.names.set(action.chain, name.network);
    },
  },
];

/** What is known of addresses once networks are. */
export const PODMAN_PORTS: readonly Pattern[] = [
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['saddr accept', 'daddr established,related accept'],
    tells: (facts, { saddr, daddr }, rule) => {
      const one = saddr ?? daddr;
      const network = one && !one.not && facts.networkOf(addressOf(one.is));
      if (!network) return;
      network.reached = true;
      network.listed ||= isSingle(one.is);
      if (isSingle(one.is)) known(facts, network, addressOf(one.is), undefined);
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: LEADING,
    looks: ['(daddr) protocol dport dnat'],
    tells: (facts, { daddr, protocol, dports, action }, rule, chain) => {
      if (action.kind !== 'dnat' || daddr?.not || !protocol || dports?.length !== 1 || !isSingle(action.address))
        return;
      const to = addressOf(action.address);
      const network = facts.networkOf(to);
      const [hostPort] = dports;
      if (!network || !hostPort || (daddr && !isSingle(daddr.is))) return;
      network.name ??= facts.names.get(chain);
      known(facts, network, to, facts.names.get(`${chain} ${protocol} ${formatPortRange(hostPort)}`));
      facts.chains.set(chain, network);
      const hostAddress = daddr && addressOf(daddr.is);
      facts.publishes.push({ rule, network, hostAddress, protocol, hostPort, to, port: action.port ?? hostPort });
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: LEADING,
    looks: ['saddr (daddr) protocol dport jump'],
    to: MARKING,
    tells: (facts, shape, rule) => {
      const network = sourceOf(facts, shape);
      if (network) facts.understand(rule, network, 'marks');
    },
  },
];

/** What all networks share. */
export const PODMAN_SHARED: readonly Pattern[] = [
  {
    table: 'nat',
    chain: PORTS,
    looks: ['(daddr) protocol dport jump'],
    to: LEADING,
    tells: (facts, { action }, rule) => {
      const network = action.kind === 'jump' ? facts.chains.get(action.chain) : undefined;
      if (network) facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: MARKING,
    looks: ['mark'],
    tells: (facts, _shape, rule) => facts.understand(rule, [...facts.networks.values()], 'marks'),
  },
  {
    table: 'nat',
    chain: MASQUERADING,
    looks: ['mark masquerade'],
    tells: (facts, _shape, rule) => facts.understand(rule, [...facts.networks.values()], 'marks'),
  },
];

/** A connection from the network itself or from the host's loopback address, which has to come back through the host. */
function sourceOf(facts: Facts, { saddr }: Shape): NetworkFacts[] | undefined {
  if (!saddr || saddr.not) return undefined;
  if (['127.0.0.1/32', '::1/128'].includes(formatPrefix(saddr.is))) return [];
  const network = facts.known(formatPrefix(saddr.is));
  return network && [network];
}

/** `other` is the network as rules of the other family tell of it, by the same chain. */
function networkAt(facts: Facts, subnet: Prefix, other?: NetworkFacts): NetworkFacts {
  const key = formatPrefix(subnet);
  if (other && !facts.known(key) && facts.subnet(other, subnet)) facts.halves.set(key, other);
  const network = facts.network(formatPrefix(subnet), undefined);
  facts.subnet(network, subnet);
  return network;
}

function known(facts: Facts, network: NetworkFacts, address: Address, name: string | undefined): void {
  facts.containers.set(formatAddress(address), { address, network });
  if (name !== undefined) facts.names.set(formatAddress(address), name);
}

function isSingle({ family, length }: Prefix): boolean {
  return length === (family === 4 ? 32 : 128);
}

/** `dnat name: "bench" id: "c0"`: the network's name, and the container's or, when that is a hash, its beginning. */
function namedIn(rule: Rule): { network: string; container: string } | undefined {
  const [, network = '', id = ''] = /name: "?([\w.-]{1,63})"? id: "?([\w.-]+)"?/.exec(commentOf(rule) ?? '') ?? [];
  if (network === '' || id === '') return undefined;
  return { network, container: /^[0-9a-f]{64}$/.test(id) ? `c-${id.slice(0, 12)}` : id };
}

function commentOf({ comment, origin }: Rule): string | undefined {
  if (comment !== undefined || origin.kind !== 'source') return comment;
  const { source, start, end } = origin.span;
  const [, text] = /--comment "((?:[^"\\]|\\.)*)"/.exec(source.text.slice(start, end)) ?? [];
  return text?.replace(/\\(.)/g, '$1');
}

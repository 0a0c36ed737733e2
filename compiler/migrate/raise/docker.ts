import { type Address, addressOf, formatPrefix, isLoopback, type Prefix } from '../../../dsl/core/address';
import type { Rule } from '../../../dsl/ruleset/tree';
import type { Facts, NetworkFacts } from './facts';
import type { Pattern } from './patterns';
import type { Shape } from './shape';

/**
 * Docker's rules, as libnetwork's bridge driver has written them from 1.x (chain DOCKER alone) to 28 (DOCKER-FORWARD,
 * DOCKER-BRIDGE, DOCKER-CT, DOCKER-INTERNAL, and drops in table raw). The chains differ, the rules hardly do.
 */

const FORWARDING = /^(FORWARD|DOCKER|DOCKER-(FORWARD|BRIDGE|CT|INTERNAL|ISOLATION(-STAGE-[12])?))$/;
const ISOLATING = /^DOCKER-(INTERNAL|ISOLATION(-STAGE-[12])?)$/;
const DOCKER = /^DOCKER$/;
const POSTROUTING = /^POSTROUTING$/;

/** Which bridges are Docker's. */
export const DOCKER_BRIDGES: readonly Pattern[] = [
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['oif jump'],
    to: DOCKER,
    tells: (facts, { oif }) => {
      if (oif) facts.network(oif.is, oif.is);
    },
  },
  {
    table: 'filter',
    chain: ISOLATING,
    looks: ['oif !saddr drop', 'iif !daddr drop'],
    tells: (facts, { iif, oif, saddr, daddr }) => {
      const bridge = (iif ?? oif)?.is;
      const block = (saddr ?? daddr)?.is;
      if (bridge === undefined || !block) return;
      const network = facts.network(bridge, bridge);
      network.shut.add(iif ? 'out' : 'in');
      network.internal = network.shut.size === 2;
      facts.subnet(network, block);
    },
  },
];

/** Which addresses they have, and with which ones they leave. */
export const DOCKER_SUBNETS: readonly Pattern[] = [
  {
    table: 'nat',
    chain: POSTROUTING,
    looks: ['!oif saddr masquerade', '!oif saddr snat'],
    tells: (facts, { oif, saddr, action }, rule) => {
      const network = oif && facts.networks.get(oif.is);
      if (!network || !saddr || !facts.subnet(network, saddr.is)) return;
      if (action.kind === 'masquerade') network.masqueraded.add(saddr.is.family);
      if (action.kind === 'snat' && action.port) return;
      if (action.kind === 'snat') network.snat.push(addressOf(action.address));
      facts.understand(rule, [network]);
    },
  },
];

/** What they are, and which ports lead to their containers. */
export const DOCKER_RULES: readonly Pattern[] = [
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['oif established,related accept', 'iif accept', 'iif !oif accept'],
    tells: about(() => {}),
  },
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['!iif oif drop'],
    tells: about((network) => {
      network.closed = true;
    }),
  },
  { table: 'filter', chain: FORWARDING, looks: ['oif jump'], to: DOCKER, tells: about(() => {}) },
  { table: 'filter', chain: /^DOCKER-ISOLATION-STAGE-2$/, looks: ['oif drop'], tells: about(isolate) },
  { table: 'filter', chain: ISOLATING, looks: ['oif !saddr drop', 'iif !daddr drop'], tells: about(() => {}) },
  { table: 'filter', chain: FORWARDING, looks: ['iif oif accept'], tells: about(() => {}) },
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['iif oif drop'],
    tells: about((network) => {
      network.icc = false;
    }),
  },
  {
    table: 'filter',
    chain: /^DOCKER-ISOLATION$/,
    looks: ['iif oif drop'],
    tells: (facts, { iif, oif }, rule) => {
      const both = [iif, oif].flatMap((one) => (one ? [facts.networks.get(one.is)] : []));
      if (iif?.is === oif?.is || !both.every((one) => one !== undefined)) return;
      for (const network of both) isolate(network);
      facts.understand(rule, both);
    },
  },
  {
    table: 'filter',
    chain: DOCKER,
    looks: ['!iif oif accept'],
    tells: about((network) => {
      network.open = true;
    }),
  },
  {
    table: 'filter',
    chain: DOCKER,
    looks: ['oif protocol accept'],
    tells: (facts, shape, rule, chain) => {
      if (shape.protocol === 'icmp' || shape.protocol === 'ipv6-icmp') about(() => {})(facts, shape, rule, chain);
    },
  },
  {
    table: 'filter',
    chain: FORWARDING,
    looks: ['!iif oif daddr protocol dport accept', 'iif oif saddr daddr protocol dport accept'],
    tells: (facts, shape, rule) => {
      const network = ownBridge(facts, shape);
      const [to, from] = [single(shape.daddr?.is), single(shape.saddr?.is)];
      if (!network || !to || (shape.saddr && !from) || !shape.protocol || !shape.dports) return;
      if (!network.closed || from)
        facts.openings.push({ rule, network, from, to, protocol: shape.protocol, ports: shape.dports });
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'filter',
    chain: DOCKER,
    looks: ['iif oif saddr daddr protocol sport accept'],
    tells: (facts, shape, rule) => {
      const network = ownBridge(facts, shape);
      if (network) facts.understand(rule, [network], 'link-reply');
    },
  },
  {
    table: 'nat',
    chain: POSTROUTING,
    looks: ['oif local-saddr masquerade'],
    tells: (facts, { oif }, rule) => {
      const network = oif && facts.networks.get(oif.is);
      if (network) facts.understand(rule, [network], 'proxy-source');
    },
  },
  {
    table: 'nat',
    chain: DOCKER,
    looks: ['iif return'],
    tells: about(() => {}),
  },
];

/** Where a rule speaks of an address alone, and its network has to be known. */
export const DOCKER_PORTS: readonly Pattern[] = [
  {
    table: 'nat',
    chain: DOCKER,
    looks: ['(!iif) (daddr) protocol dport dnat'],
    tells: (facts, { iif, daddr, protocol, dports, action }, rule) => {
      if (action.kind !== 'dnat' || daddr?.not || !protocol || dports?.length !== 1) return;
      const [to, hostAddress] = [single(action.address), single(daddr?.is)];
      const [hostPort] = dports;
      const network = to && (facts.networks.get(iif?.is ?? '') ?? facts.networkOf(to));
      if (!network || !hostPort || (daddr && !hostAddress) || isImpossible(hostAddress)) return;
      facts.publishes.push({ rule, network, hostAddress, protocol, hostPort, to, port: action.port ?? hostPort });
      facts.understand(rule, [network]);
    },
  },
  {
    table: 'nat',
    chain: POSTROUTING,
    looks: ['saddr daddr protocol dport masquerade'],
    tells: (facts, { saddr, daddr }, rule) => {
      const [from, to] = [single(saddr?.is), single(daddr?.is)];
      const network = to && facts.networkOf(to);
      if (network && from && saddr && daddr && formatPrefix(saddr.is) === formatPrefix(daddr.is))
        facts.understand(rule, [network], 'hairpin');
    },
  },
  {
    table: 'raw',
    chain: /^PREROUTING$/,
    looks: ['!iif daddr drop', '!iif daddr protocol dport drop'],
    tells: (facts, { iif, daddr }, rule) => {
      const to = single(daddr?.is);
      if (!to || !iif || daddr?.not) return;
      const network = iif.is === 'lo' && isLoopback(to) ? publisherAt(facts, to) : facts.networks.get(iif.is);
      if (network) facts.understand(rule, [network], 'raw');
    },
  },
];

/** What Docker has done for SCTP, CHECKSUM, which means nothing here; the kernel's own translation sees to it. */
export const DOCKER_CHECKSUMS: readonly Pattern[] = [
  {
    table: 'mangle',
    chain: POSTROUTING,
    looks: ['protocol sport nothing'],
    tells: (facts, { protocol, sports }, rule) => {
      const publish = facts.publishes.find(
        (one) => one.protocol === 'sctp' && protocol === 'sctp' && sports?.[0]?.first === one.port.first,
      );
      if (publish) facts.understand(rule, [publish.network], 'checksum');
    },
  },
];

function isolate(network: NetworkFacts): void {
  network.isolated = true;
}

function publisherAt(facts: Facts, address: Address): NetworkFacts | undefined {
  return facts.publishes.find(({ hostAddress }) => hostAddress?.value === address.value)?.network;
}

/** The kernel translates nothing that goes to ::1. */
function isImpossible(hostAddress: Address | undefined): boolean {
  return hostAddress?.family === 6 && isLoopback(hostAddress);
}

/** A pattern about the one bridge that the rule names, by however many of its interfaces. */
function about(tells: (network: NetworkFacts) => void): Pattern['tells'] {
  return (facts, shape, rule: Rule) => {
    const network = ownBridge(facts, shape);
    if (!network) return;
    tells(network);
    facts.understand(rule, [network]);
  };
}

function ownBridge(facts: Facts, { iif, oif }: Shape): NetworkFacts | undefined {
  if (iif && oif && iif.is !== oif.is) return undefined;
  return facts.networks.get((iif ?? oif)?.is ?? '');
}

function single(prefix: Prefix | undefined): Address | undefined {
  return prefix && prefix.length === (prefix.family === 4 ? 32 : 128) ? addressOf(prefix) : undefined;
}

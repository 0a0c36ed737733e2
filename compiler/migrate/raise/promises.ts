import { type Family, formatAddress, formatPrefix } from '../../../dsl/core/address';
import { formatPortRange, portCount } from '../../../dsl/core/port';
import type { Topology } from '../../../dsl/intent/topology';
import type { Ruleset } from '../../../dsl/ruleset/tree';
import { elementText } from '../../targets/nft/notation';

/** What a comparison has to know of the networks: all in nft's words. */
export interface Scene {
  readonly family: Family;
  readonly bridges: readonly string[];
  /** Those of networks that stay in rules. */
  readonly others: readonly string[];
  readonly internal: readonly string[];
  readonly isolated: readonly string[];
  readonly routed: readonly string[];
  /** Bridges that the rules did not name: they spoke of subnets alone. */
  readonly unnamed: readonly string[];
  /** Those whose containers the rules name one by one. */
  readonly oneByOne: readonly string[];
  /** `bridge, subnet, gateway` of this family. */
  readonly subnets: readonly { readonly bridge: string; readonly subnet: string; readonly gateway: string }[];
  /** `tcp . 8080` of the host. */
  readonly hostPorts: readonly string[];
  /** `172.17.0.2 . tcp . 80` */
  readonly published: readonly string[];
  /** `source . target` and `source . target . protocol . port` that policies open. */
  readonly allowed: readonly string[];
  readonly allowedPorts: readonly string[];
  /** `interface . bridge` of those whose hosts reach containers directly. */
  readonly peers: readonly string[];
  /** The containers' own addresses. */
  readonly addresses: readonly string[];
}

export function sceneOf(
  {
    topology: { networks, containers },
    ruleset: { tables },
    unnamed,
    oneByOne,
    others,
  }: {
    readonly topology: Topology;
    readonly ruleset: Ruleset;
    readonly unnamed: ReadonlySet<string>;
    readonly oneByOne: ReadonlySet<string>;
    readonly others: readonly string[];
  },
  family: Family,
): Scene {
  const bridgesOf = (test: (network: Topology['networks'][number]) => boolean) =>
    networks.filter(test).map(({ bridge }) => bridge as string);
  const publishes = containers.flatMap((container) => container.publishes);
  const ports = (range: { first: number; last: number }) => formatPortRange(range as never);
  const elements = (name: string, digit: Family | '' = family) =>
    tables
      .filter(({ origin, family: of }) => origin.kind === 'program' && of === 'inet')
      .flatMap(({ sets }) => sets.filter((set) => set.name === `${name}${digit}`))
      .flatMap((set) => set.elements.map(elementText));
  return {
    family,
    bridges: bridgesOf(() => true),
    others,
    internal: bridgesOf(({ internal }) => internal),
    isolated: bridgesOf(({ isolated }) => isolated),
    routed: bridgesOf(({ nat }) => nat.kind === 'routed'),
    unnamed: bridgesOf(({ name }) => unnamed.has(name)),
    oneByOne: bridgesOf(({ name }) => oneByOne.has(name)),
    subnets: networks.flatMap(({ bridge, subnets }) =>
      subnets
        .filter(({ prefix }) => prefix.family === family)
        .map(({ prefix, gateway }) => ({ bridge, subnet: formatPrefix(prefix), gateway: formatAddress(gateway) })),
    ),
    hostPorts: [...new Set(publishes.map(({ protocol, hostPorts }) => `${protocol} . ${ports(hostPorts)}`))],
    published: [
      ...new Set(
        publishes.flatMap(({ protocol, ports: range, targets }) =>
          portCount(range) === 0
            ? []
            : targets
                .filter((target) => target.family === family)
                .map((target) => `${formatAddress(target)} . ${protocol} . ${ports(range)}`),
        ),
      ),
    ],
    peers: elements('peers', ''),
    allowed: elements('allow'),
    allowedPorts: elements('allow_port'),
    addresses: containers.flatMap(({ mode }) =>
      mode.kind === 'bridged'
        ? mode.endpoints.flatMap((endpoint) =>
            endpoint.addresses
              .filter(({ address }) => address.family === family)
              .map(({ address }) => formatAddress(address)),
          )
        : [],
    ),
  };
}

export type PlaceOfRules = 'arriving' | 'leaving' | 'input' | 'forward' | 'postrouting';

/**
 * Where this program decides otherwise than the rules it was raised from, on purpose. `stricter`: it drops what these
 * rules of nft's say, so they are added to the old rules, and the result is to be the same. `apart`: packets that both
 * treat in their own way, or that never come: left out of the comparison.
 */
export interface Promised {
  /** The promise in SPEC and docs; undefined for what is taken for granted about packets. */
  readonly promise: string;
  readonly says: string;
  readonly how: 'stricter' | 'apart';
  readonly place: PlaceOfRules;
  readonly rules: (scene: Scene) => readonly string[];
}

const ip = ({ family }: Scene) => (family === 4 ? 'ip' : 'ip6');
const loopback = ({ family }: Scene) => (family === 4 ? '127.0.0.0/8' : '::1');
const multicast = ({ family }: Scene) => (family === 4 ? '224.0.0.0/4' : 'ff00::/8');
const quoted = (names: readonly string[]) => `{ ${names.map((name) => `"${name}"`).join(', ')} }`;
const listed = (words: readonly string[]) => `{ ${words.join(', ')} }`;
const some = (words: readonly unknown[], rules: readonly string[]) => (words.length > 0 ? rules : []);

export const PROMISES: readonly Promised[] = [
  {
    promise: 'W3, W4',
    says: 'a container that connects to a published port of the host is led to it by rules, not by a proxy',
    how: 'apart',
    place: 'arriving',
    rules: (scene) =>
      some(scene.hostPorts, [
        `iifname ${quoted([...scene.bridges, ...scene.others])} fib daddr type local meta l4proto . th dport ${listed(scene.hostPorts)} drop`,
      ]),
  },
  {
    promise: 'W5',
    says: 'nothing that arrives is led on by a loopback address',
    how: 'apart',
    place: 'arriving',
    rules: (scene) => [`${ip(scene)} daddr ${loopback(scene)} drop`],
  },
  {
    promise: 'W2',
    says: 'the host connects to a published port at a loopback address by rules, not by a proxy',
    how: 'apart',
    place: 'leaving',
    rules: (scene) => [
      ...some(scene.hostPorts, [
        `${ip(scene)} daddr ${loopback(scene)} meta l4proto . th dport ${listed(scene.hostPorts)} drop`,
      ]),
      `oifname ${quoted(scene.bridges)} ${ip(scene)} saddr ${loopback(scene)} drop`,
    ],
  },
  {
    promise: 'W17',
    says: "the host speaks to a network with that network's own address",
    how: 'apart',
    place: 'leaving',
    rules: (scene) =>
      some(scene.subnets, [`${ip(scene)} saddr ${listed(scene.subnets.map(({ subnet }) => subnet))} drop`]),
  },
  {
    promise: 'W4',
    says: 'what a container reaches in its own network through the host comes back through the host',
    how: 'apart',
    place: 'forward',
    rules: ({ bridges }) =>
      bridges.map((bridge) => `iifname "${bridge}" oifname "${bridge}" ct state new ct status dnat drop`),
  },
  {
    promise: 'W14',
    says: "packets from a network's bridge come from its addresses, and its addresses are behind it",
    how: 'apart',
    place: 'forward',
    rules: (scene) => [
      ...scene.subnets.flatMap(({ bridge, subnet }) => [
        `iifname "${bridge}" ${ip(scene)} saddr != ${subnet} drop`,
        `oifname "${bridge}" ${ip(scene)} daddr != ${subnet} drop`,
        `oifname != "${bridge}" ${ip(scene)} daddr ${subnet} drop`,
      ]),
      ...scene.bridges
        .filter((bridge) => !scene.subnets.some((one) => one.bridge === bridge))
        .flatMap((bridge) => [`iifname "${bridge}" drop`, `oifname "${bridge}" drop`]),
    ],
  },
  {
    promise: 'W14',
    says: "packets that claim a network's address come from its bridge, and none comes from a loopback address",
    how: 'apart',
    place: 'forward',
    rules: (scene) => [
      `${ip(scene)} saddr ${loopback(scene)} drop`,
      ...scene.subnets.map(({ bridge, subnet }) => `iifname != "${bridge}" ${ip(scene)} saddr ${subnet} drop`),
    ],
  },
  {
    promise: 'W14',
    says: 'where rules let containers through one by one, these are all that there are',
    how: 'apart',
    place: 'forward',
    rules: (scene) =>
      scene.oneByOne.flatMap((bridge) =>
        some(scene.addresses, [
          `iifname "${bridge}" ${ip(scene)} saddr != ${listed(scene.addresses)} drop`,
          `oifname "${bridge}" ${ip(scene)} daddr != ${listed(scene.addresses)} drop`,
        ]),
      ),
  },
  {
    promise: 'W11',
    says: 'a connection between two networks that may not begin is never established',
    how: 'apart',
    place: 'forward',
    rules: ({ bridges, others }) =>
      [...bridges, ...others].flatMap((bridge) => {
        const apart = bridges.filter((one) => one !== bridge);
        return some(apart, [`iifname "${bridge}" oifname ${quoted(apart)} ct state established,related drop`]);
      }),
  },
  {
    promise: 'W10',
    says: 'containers of a routed network answer pings from outside; other ICMP begins nothing there',
    how: 'apart',
    place: 'forward',
    rules: (scene) =>
      some(scene.routed, [
        `oifname ${quoted(scene.routed)} meta l4proto ${scene.family === 4 ? 'icmp' : 'ipv6-icmp'} ct state != { established, related } drop`,
      ]),
  },
  {
    promise: 'W15',
    says: 'a connection by a publish that was taken away since is a new one',
    how: 'apart',
    place: 'forward',
    rules: (scene) => [
      `oifname ${quoted(scene.bridges)} ct state established ct status dnat ct direction original${
        scene.published.length === 0
          ? ''
          : ` ${ip(scene)} daddr . meta l4proto . th dport != ${listed(scene.published)}`
      } drop`,
    ],
  },
  {
    promise: 'W12',
    says: 'what conntrack cannot place does not pass to or from a container',
    how: 'stricter',
    place: 'forward',
    rules: ({ bridges }) => [
      `iifname ${quoted(bridges)} ct state invalid drop`,
      `oifname ${quoted(bridges)} ct state invalid drop`,
    ],
  },
  {
    promise: 'W13',
    says: 'internal networks have no way in or out, whatever addresses are claimed',
    how: 'stricter',
    place: 'forward',
    rules: ({ internal }) =>
      internal.flatMap((bridge) => [
        `iifname "${bridge}" oifname != "${bridge}" drop`,
        `oifname "${bridge}" iifname != "${bridge}" drop`,
      ]),
  },
  {
    promise: 'W10',
    says: "a published port is not reached from outside by the container's own address",
    how: 'stricter',
    place: 'forward',
    rules: (scene) =>
      some(scene.published, [
        'ct state established,related return',
        'ct status dnat return',
        ...scene.bridges.map((bridge) => `iifname "${bridge}" oifname "${bridge}" return`),
        ...some(scene.peers, [`iifname . oifname ${listed(scene.peers)} return`]),
        ...some(scene.allowed, [`${ip(scene)} saddr . ${ip(scene)} daddr ${listed(scene.allowed)} return`]),
        ...some(scene.allowedPorts, [
          `${ip(scene)} saddr . ${ip(scene)} daddr . meta l4proto . th dport ${listed(scene.allowedPorts)} return`,
        ]),
        ...some(scene.routed, [`oifname ${quoted(scene.routed)} return`]),
        `oifname ${quoted(scene.bridges)} ${ip(scene)} daddr . meta l4proto . th dport ${listed(scene.published)} drop`,
      ]),
  },
  {
    promise: 'W11',
    says: "a container does not reach another network's own address of the host, nor the host at all from an internal one but at the gateway",
    how: 'stricter',
    place: 'input',
    rules: (scene) => [
      'ct state established,related return',
      ...(scene.family === 6 ? ['icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return'] : []),
      ...scene.subnets.flatMap(({ bridge, gateway }) => [
        `iifname ${quoted(scene.bridges)} iifname != "${bridge}" ${ip(scene)} daddr ${gateway} drop`,
      ]),
      ...some(
        scene.internal,
        scene.family === 6 ? [`iifname ${quoted(scene.bridges)} ip6 daddr fe80::/10 return`] : [],
      ),
      ...scene.internal.map((bridge) => {
        const own = scene.subnets.find((one) => one.bridge === bridge);
        return `iifname "${bridge}"${own ? ` ${ip(scene)} daddr != ${own.gateway}` : ''} drop`;
      }),
    ],
  },
  {
    promise: 'W13',
    says: "an internal network's own address of the host is reached from that network alone",
    how: 'stricter',
    place: 'input',
    rules: (scene) =>
      scene.subnets
        .filter(({ bridge }) => scene.internal.includes(bridge))
        .map(({ gateway }) => `iifname != ${quoted([...scene.bridges, 'lo'])} ${ip(scene)} daddr ${gateway} drop`),
  },
  {
    promise: 'W12',
    says: 'the host sends no redirects into a network whose containers do not reach each other',
    how: 'stricter',
    place: 'leaving',
    rules: (scene) =>
      some(scene.isolated, [
        `${scene.family === 4 ? 'icmp type redirect' : 'icmpv6 type nd-redirect'} oifname ${quoted(scene.isolated)} drop`,
      ]),
  },
  {
    promise: 'W16',
    says: 'multicast of a container that is led on leaves with the address that everything leaves with',
    how: 'apart',
    place: 'forward',
    rules: (scene) =>
      some(scene.unnamed, [`iifname ${quoted(scene.unnamed)} ${ip(scene)} daddr ${multicast(scene)} drop`]),
  },
  {
    promise: 'W16',
    says: 'what the host sends to itself keeps its address',
    how: 'apart',
    place: 'postrouting',
    rules: (scene) =>
      some(scene.subnets, [
        `oifname "lo" ${ip(scene)} saddr ${listed(scene.subnets.map(({ subnet }) => subnet))} drop`,
      ]),
  },
];

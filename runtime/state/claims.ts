import { join } from 'node:path';
import * as z from 'zod/mini';
import { boundsOf, formatAddress, isLoopback } from '../../dsl/core/address';
import { Intervals } from '../../dsl/core/intervals';
import type { Taken } from '../../dsl/intent/resolve';
import type { Container, Topology } from '../../dsl/intent/topology';
import type { Host } from '../host/port';
import { VERSION } from './records';

/**
 * What containers hold of what there is one of, all in one small file: so that one container more can be given a free
 * address and port, and be refused a taken one, without reading the records of the others. It follows from the records.
 */
export interface Claims {
  readonly networks: ReadonlyMap<string, NetworkClaims>;
  /** Host ports by `tcp 192.0.2.1`; `tcp *4` is every IPv4 address. */
  readonly ports: ReadonlyMap<string, Intervals>;
  /** Containers by who names them in a link, a `from` or as the owner of its namespace. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface NetworkClaims {
  /** Addresses, counted from the first of the subnet. */
  readonly 4: Intervals;
  readonly 6: Intervals;
  /** MAC addresses that were asked for. */
  readonly macs: ReadonlySet<string>;
  /** How many of its containers publish on the host's loopback address. */
  readonly loopback: number;
}

export const NO_CLAIMS: Claims = { networks: new Map(), ports: new Map(), named: new Map() };
const NONE: NetworkClaims = { 4: Intervals.EMPTY, 6: Intervals.EMPTY, macs: new Set(), loopback: 0 };

/** One thing that one container holds. */
export type Claim =
  | { readonly kind: 'address'; readonly network: string; readonly family: 4 | 6; readonly offset: bigint }
  | { readonly kind: 'mac'; readonly network: string; readonly mac: string }
  | { readonly kind: 'loopback'; readonly network: string }
  | { readonly kind: 'port'; readonly at: string; readonly first: bigint; readonly last: bigint }
  | { readonly kind: 'name'; readonly container: string; readonly by: string };

export function claimsOf(topology: Topology, container: Container, document: unknown): Claim[] {
  const { name, mode, publishes, links } = container;
  const endpoints = mode.kind === 'bridged' ? mode.endpoints : [];
  const networks = new Map(topology.networks.map((network) => [network.name, network]));
  const written = writtenMacs(document);
  const named = [
    ...links.map(({ target }) => target as string),
    ...(mode.kind === 'container' ? [mode.container as string] : []),
    ...sourceWords(document),
  ];
  return [
    ...endpoints.flatMap(({ network, addresses, mac }): Claim[] => [
      ...addresses.flatMap(({ address }): Claim[] => {
        const subnet = networks.get(network)?.subnets.find(({ prefix }) => prefix.family === address.family);
        if (!subnet) return [];
        const offset = BigInt(address.value) - boundsOf(subnet.prefix).first;
        return [{ kind: 'address', network, family: address.family, offset }];
      }),
      ...(written.has(network) ? [{ kind: 'mac' as const, network, mac }] : []),
      ...(publishes.some((one) => leadsFromLoopback(one, addresses)) ? [{ kind: 'loopback' as const, network }] : []),
    ]),
    ...publishes.flatMap(({ hostAddress, hostPorts, protocol, targets }): Claim[] =>
      [...new Set(targets.map(({ family }) => (hostAddress ? formatAddress(hostAddress) : `*${family}`)))].map(
        (at) => ({
          kind: 'port',
          at: `${protocol} ${at}`,
          first: BigInt(hostPorts.first),
          last: BigInt(hostPorts.last),
        }),
      ),
    ),
    ...[...new Set(named)].map((target): Claim => ({ kind: 'name', container: target, by: name })),
  ];
}

function leadsFromLoopback(
  { hostAddress, targets }: Container['publishes'][number],
  addresses: readonly { readonly address: { readonly value: number | bigint; readonly family: 4 | 6 } }[],
): boolean {
  if (hostAddress && !isLoopback(hostAddress)) return false;
  return addresses.some(({ address }) => address.family === 4 && targets.some(({ value }) => value === address.value));
}

/** The networks for which a container's document asks for a MAC address. */
function writtenMacs(document: unknown): ReadonlySet<string> {
  const { networks } = document as { networks?: unknown };
  if (!Array.isArray(networks)) return new Set();
  return new Set(networks.filter(({ mac }) => mac !== undefined).map(({ network }) => String(network)));
}

function sourceWords(document: unknown): string[] {
  const { publish } = document as { publish?: unknown };
  if (!Array.isArray(publish)) return [];
  return publish.flatMap((one) => (typeof one === 'object' && one !== null && Array.isArray(one.from) ? one.from : []));
}

/** Whether a claim is on something that is held already. */
export function isTaken({ networks, ports }: Claims, claim: Claim): boolean {
  switch (claim.kind) {
    case 'address':
      return networks.get(claim.network)?.[claim.family].has(claim.offset) === true;
    case 'mac':
      return networks.get(claim.network)?.macs.has(claim.mac) === true;
    case 'port':
      return ports.get(claim.at)?.meets(claim.first, claim.last) === true;
    case 'loopback':
    case 'name':
      return false;
  }
}

export function withClaims(claims: Claims, more: readonly Claim[]): Claims {
  return changed(claims, more, 'union');
}

export function withoutClaims(claims: Claims, less: readonly Claim[]): Claims {
  return changed(claims, less, 'without');
}

function changed(claims: Claims, change: readonly Claim[], how: 'union' | 'without'): Claims {
  const networks = new Map(claims.networks);
  const ports = new Map(claims.ports);
  const named = new Map([...claims.named].map(([name, by]) => [name, new Set(by)]));
  const runs = new Map<string, [bigint, bigint][]>();
  const collect = (key: string, first: bigint, last: bigint) => {
    const own = runs.get(key);
    if (own) own.push([first, last]);
    else runs.set(key, [[first, last]]);
  };
  const network = (name: string, of: (now: NetworkClaims) => Partial<NetworkClaims>) => {
    const now = networks.get(name) ?? NONE;
    networks.set(name, { ...now, ...of(now) });
  };
  for (const claim of change)
    switch (claim.kind) {
      case 'address':
        collect(`${claim.family} ${claim.network}`, claim.offset, claim.offset);
        break;
      case 'port':
        collect(`port ${claim.at}`, claim.first, claim.last);
        break;
      case 'mac':
        network(claim.network, ({ macs }) => ({ macs: withMember(macs, claim.mac, how) }));
        break;
      case 'loopback':
        network(claim.network, ({ loopback }) => ({ loopback: loopback + (how === 'union' ? 1 : -1) }));
        break;
      case 'name': {
        const by = withMember(named.get(claim.container) ?? new Set(), claim.by, how);
        if (by.size > 0) named.set(claim.container, by);
        else named.delete(claim.container);
      }
    }
  for (const [key, all] of runs) {
    const [kind, rest] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
    const these = Intervals.of(all);
    if (kind === 'port') {
      const now = (ports.get(rest) ?? Intervals.EMPTY)[how](these);
      if (now.toString() === '') ports.delete(rest);
      else ports.set(rest, now);
    } else network(rest, (now) => (kind === '4' ? { 4: now[4][how](these) } : { 6: now[6][how](these) }));
  }
  return { networks, ports, named };
}

function withMember(set: ReadonlySet<string>, member: string, how: 'union' | 'without'): Set<string> {
  const next = new Set(set);
  if (how === 'union') next.add(member);
  else next.delete(member);
  return next;
}

/** All that is claimed by all. */
export function allClaims(topology: Topology, documents: readonly unknown[]): Claims {
  const networks = new Map(topology.networks.map(({ name }) => [name as string, NONE]));
  const claims = topology.containers.flatMap((container, index) => claimsOf(topology, container, documents[index]));
  return withClaims({ ...NO_CLAIMS, networks }, claims);
}

/** For a compilation that does not know all containers: what it must not choose. */
export function takenOf({ networks, ports }: Claims): Taken {
  return {
    addresses: (network, family) => networks.get(network)?.[family] ?? Intervals.EMPTY,
    ports: (protocol) =>
      [...ports]
        .filter(([key]) => key.startsWith(`${protocol} `))
        .map(([, held]) => held)
        .reduce((a, b) => a.union(b), Intervals.EMPTY),
  };
}

const intervals = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    const parsed = Intervals.parse(text);
    if (parsed) return parsed;
    context.issues.push({ code: 'custom', message: 'not a list of numbers', input: text });
    return z.NEVER;
  }),
);

const claimsRecord = z.strictObject({
  version: z.literal(VERSION),
  networks: z.record(
    z.string(),
    z.strictObject({ 4: intervals, 6: intervals, macs: z.array(z.string()), loopback: z.number() }),
  ),
  ports: z.record(z.string(), intervals),
  named: z.record(z.string(), z.array(z.string())),
});

export function claimsPath(directory: string): string {
  return join(directory, 'claims.json');
}

/** Undefined when there are none, or none that can be read: then they are made anew from the records. */
export function readClaims(host: Pick<Host, 'readFile'>, directory: string): Claims | undefined {
  const text = host.readFile(claimsPath(directory));
  if (text === undefined) return undefined;
  try {
    const { networks, ports, named } = claimsRecord.parse(JSON.parse(text), { jitless: true });
    return {
      networks: new Map(Object.entries(networks).map(([name, own]) => [name, { ...own, macs: new Set(own.macs) }])),
      ports: new Map(Object.entries(ports)),
      named: new Map(Object.entries(named).map(([name, by]) => [name, new Set(by)])),
    };
  } catch {
    return undefined;
  }
}

export function serializeClaims({ networks, ports, named }: Claims): string {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${JSON.stringify(
    {
      version: VERSION,
      networks: Object.fromEntries(
        sorted(networks).map(([name, own]) => [
          name,
          { 4: own[4].toString(), 6: own[6].toString(), macs: [...own.macs].sort(), loopback: own.loopback },
        ]),
      ),
      ports: Object.fromEntries(sorted(ports).map(([key, held]) => [key, held.toString()])),
      named: Object.fromEntries(sorted(named).map(([name, by]) => [name, [...by].sort()])),
    },
    null,
    1,
  )}\n`;
}

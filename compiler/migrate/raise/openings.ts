import { addressOf, contains, formatAddress, formatPrefix, overlaps, type Prefix } from '../../../dsl/core/address';
import { formatPortRange, PROTOCOLS } from '../../../dsl/core/port';
import type { IntentDocument } from '../../../dsl/intent/model';
import type { Rule, Table } from '../../../dsl/ruleset/tree';
import { EVERYWHERE } from './document';
import { type Shape, shapeOf } from './shape';

type Item<List extends 'networks' | 'containers' | 'policies'> = NonNullable<IntentDocument[List]>[number];

/** Rules of the administrator's that let traffic in to containers, as policies and trusted interfaces. */
export interface Opened {
  readonly policies: readonly { readonly item: Item<'policies'>; readonly rules: readonly Rule[] }[];
  /** By network. */
  readonly trusted: ReadonlyMap<string, readonly string[]>;
  /** Rules that are about networks alone, and of which nothing is left. */
  readonly gone: readonly Rule[];
}

export interface RaisedNetwork {
  readonly name: string;
  readonly bridge: string;
  readonly subnets: readonly Prefix[];
}

/**
 * In iptables an accept is final, and in nft it is not: what the administrator's rules accept of a network's traffic has
 * to be allowed there too. The rules stay where they are, unless they were about a network alone.
 */
export function openingsOf(
  tables: readonly Table[],
  understood: ReadonlySet<Rule>,
  networks: readonly RaisedNetwork[],
  containers: ReadonlyMap<string, string>,
): Opened {
  const policies = new Map<string, { item: Item<'policies'>; rules: Rule[] }>();
  const trusted = new Map<string, string[]>();
  const gone: Rule[] = [];
  for (const table of tables.filter(({ name }) => name === 'filter'))
    for (const { rule, shape } of accepting(table, understood)) {
      const family = table.family === 'ip6' ? 6 : 4;
      for (const network of networks) {
        const opening = openingFor(shape, network, networks, containers, family);
        if (!opening) continue;
        if ('interface' in opening) {
          const known = trusted.get(network.name) ?? [];
          if (!known.includes(opening.interface)) trusted.set(network.name, [...known, opening.interface]);
        } else {
          const key = JSON.stringify(opening);
          const entry = policies.get(key) ?? { item: opening, rules: [] };
          policies.set(key, { ...entry, rules: [...entry.rules, rule] });
        }
        if (shape.oif && !shape.oif.not) gone.push(rule);
      }
    }
  return { policies: [...policies.values()], trusted, gone };
}

/** The rules that accept what is forwarded, and are asked of every packet that comes so far. */
function accepting(table: Table, understood: ReadonlySet<Rule>): { rule: Rule; shape: Shape }[] {
  const seen = new Set<string>();
  const visit = (name: string): { rule: Rule; shape: Shape }[] => {
    if (seen.has(name)) return [];
    seen.add(name);
    return (table.chains.find((chain) => chain.name === name)?.rules ?? []).flatMap((rule) => {
      const shape = shapeOf(rule);
      if (!shape || understood.has(rule)) return [];
      if (shape.action.kind === 'accept') return [{ rule, shape }];
      return shape.action.kind === 'jump' && Object.keys(shape).length === 1 ? visit(shape.action.chain) : [];
    });
  };
  return table.chains.filter(({ base }) => base?.hook === 'forward').flatMap(({ name }) => visit(name));
}

function openingFor(
  shape: Shape,
  network: RaisedNetwork,
  networks: readonly RaisedNetwork[],
  containers: ReadonlyMap<string, string>,
  family: 4 | 6,
): Item<'policies'> | { readonly interface: string } | undefined {
  const { iif, oif, saddr, daddr, protocol, sports, dports, states, local, mark } = shape;
  if (sports || local || mark !== undefined || saddr?.not || daddr?.not) return undefined;
  if (states !== undefined && !states.split(',').includes('new')) return undefined;
  if (oif && (oif.is === network.bridge) === oif.not) return undefined;
  if (iif && !iif.not && iif.is === network.bridge) return undefined;
  if (!network.subnets.some((subnet) => subnet.family === family && (!daddr || overlaps(daddr.is, subnet))))
    return undefined;
  const word = PROTOCOLS.find((one) => one === protocol);
  if (protocol !== undefined && !word) return undefined;
  const between = iif && !iif.not ? networks.find(({ bridge }) => bridge === iif.is) : undefined;
  if (iif && !iif.not && !between) return saddr || daddr || protocol !== undefined ? undefined : { interface: iif.is };
  return {
    action: 'allow',
    from: saddr ? formatPrefix(saddr.is).replace(/\/(32|128)$/, '') : (between?.name ?? EVERYWHERE[family]),
    to: targetOf(daddr?.is, network, containers),
    ...(word ? { protocol: word, ports: (dports ?? []).map(formatPortRange) } : {}),
  };
}

function targetOf(
  daddr: Prefix | undefined,
  { name, subnets }: RaisedNetwork,
  containers: ReadonlyMap<string, string>,
): string {
  if (!daddr || subnets.some((subnet) => contains(daddr, addressOf(subnet)) && daddr.length <= subnet.length))
    return name;
  const single = daddr.length === (daddr.family === 4 ? 32 : 128);
  const address = formatAddress(addressOf(daddr));
  return single ? (containers.get(address) ?? address) : formatPrefix(daddr);
}

import { addressBlock, addressOf, contains, type Family, type Prefix, parsePrefix } from '../../core/address';
import type { Intent } from '../model';
import type { Container, Network, Party } from '../topology';

/** Turns the words of a policy into the addresses they stand for. Unknown words were refused by the checks. */
export class PartyResolver {
  private readonly parties = new Map<string, Party>();

  constructor(intent: Intent, networks: readonly Network[], containers: readonly Container[]) {
    for (const { name, prefixes } of intent.defines)
      this.parties.set(name, { kind: 'addresses', prefixes: outermost(prefixes) });
    for (const network of networks)
      this.parties.set(network.name, {
        kind: 'network',
        network: network.name,
        prefixes: network.subnets.map((subnet) => subnet.prefix),
      });
    for (const container of containers)
      this.parties.set(container.name, {
        kind: 'container',
        container: container.name,
        prefixes: hostPrefixes(container),
      });
    this.parties.set('host', { kind: 'host' });
  }

  resolve(word: string): Party | undefined {
    const known = this.parties.get(word);
    if (known) return known;
    const prefix = parsePrefix(word);
    return prefix.ok ? { kind: 'addresses', prefixes: [prefix.value] } : undefined;
  }
}

export function prefixesOf(party: Party, family: Family): Prefix[] {
  if (party.kind === 'host') return [];
  return party.prefixes.filter((prefix) => prefix.family === family);
}

function hostPrefixes(container: Container): Prefix[] {
  if (container.mode.kind !== 'bridged') return [];
  return container.mode.endpoints.flatMap(({ addresses }) => addresses.map(({ address }) => addressBlock(address)));
}

/** Drops the prefixes that another of the list holds. Blocks are nested or apart, so sorted ones follow their holder. */
function outermost(prefixes: readonly Prefix[]): Prefix[] {
  const kept = new Set<Prefix>();
  let last: Prefix | undefined;
  for (const prefix of [...prefixes].sort(byPlace)) {
    if (last && last.family === prefix.family && contains(last, addressOf(prefix))) continue;
    kept.add(prefix);
    last = prefix;
  }
  return prefixes.filter((prefix) => kept.has(prefix));
}

function byPlace(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.length - b.length;
}

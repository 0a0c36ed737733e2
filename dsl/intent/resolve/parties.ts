import { addressBlock, addressOf, contains, type Family, type Prefix, parsePrefix } from '../../core/address';
import type { Intent } from '../model';
import type { Network, Party } from '../topology';
import type { FindContainer } from './placed';

/** Turns the words of a policy into the addresses they stand for. Unknown words were refused by the checks. */
export class PartyResolver {
  private readonly parties = new Map<string, Party>([['host', { kind: 'host' }]]);

  constructor(
    { defines }: Intent,
    networks: readonly Network[],
    private readonly find: FindContainer,
  ) {
    for (const { name, prefixes } of defines)
      this.parties.set(name, { kind: 'addresses', prefixes: outermost(prefixes) });
    for (const { name, subnets } of networks)
      this.parties.set(name, { kind: 'network', network: name, prefixes: subnets.map(({ prefix }) => prefix) });
  }

  resolve(word: string): Party | undefined {
    const known = this.parties.get(word);
    const party = known ?? this.containerParty(word) ?? addressParty(word);
    if (party && !known) this.parties.set(word, party);
    return party;
  }

  private containerParty(word: string): Party | undefined {
    const container = this.find(word);
    if (!container) return undefined;
    const addresses = container.endpoints.flatMap((endpoint) => endpoint.addresses);
    return {
      kind: 'container',
      container: container.said.name,
      prefixes: addresses.map(({ address }) => addressBlock(address)),
    };
  }
}

function addressParty(word: string): Party | undefined {
  const prefix = parsePrefix(word);
  return prefix.ok ? { kind: 'addresses', prefixes: [prefix.value] } : undefined;
}

export function prefixesOf(party: Party, family: Family): Prefix[] {
  if (party.kind === 'host') return [];
  return party.prefixes.filter((prefix) => prefix.family === family);
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

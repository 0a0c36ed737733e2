import type { Family } from '../../core/address';
import { parsePrefix } from '../../core/address';
import type { Intent } from '../model';
import { attachmentsOf, containersByName, networksByName } from './parts';

/**
 * The families of the addresses that a word of a policy stands for: none for a container without a network. Undefined
 * for an unknown word and for `host`, whose addresses are not known here.
 */
export function partyFamilies(intent: Intent): (word: string) => ReadonlySet<Family> | undefined {
  const networks = networksByName(intent);
  const containers = containersByName(intent);
  const defines = new Map<string, Intent['defines'][number]>(intent.defines.map((one) => [one.name, one]));
  const told = new Map<string, ReadonlySet<Family> | undefined>();
  const tell = (word: string): ReadonlySet<Family> | undefined => {
    const part = containers.get(word);
    const attached = part && attachmentsOf(part).map(({ attachment }) => networks.get(attachment.network));
    if (attached?.every((network) => network !== undefined))
      return familiesOf(attached.flatMap(({ network }) => network.subnets));
    const named = networks.get(word)?.network.subnets ?? defines.get(word)?.prefixes;
    if (named) return familiesOf(named);
    const prefix = parsePrefix(word);
    return prefix.ok ? familiesOf([prefix.value]) : undefined;
  };
  return (word) => {
    if (!told.has(word)) told.set(word, tell(word));
    return told.get(word);
  };
}

function familiesOf(members: readonly { readonly family: Family }[]): ReadonlySet<Family> {
  return new Set(members.map(({ family }) => family));
}

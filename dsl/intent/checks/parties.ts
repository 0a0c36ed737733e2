import type { Family } from '../../core/address';
import { parsePrefix } from '../../core/address';
import type { Intent } from '../model';
import { attachmentsOf, containersByName, networksByName } from './parts';

/**
 * The families of the addresses that a word of a policy stands for: none for a container without a network. Undefined
 * for an unknown word and for `host`, whose addresses are not known here.
 */
export function partyFamilies(intent: Intent): (word: string) => ReadonlySet<Family> | undefined {
  const families = new Map<string, ReadonlySet<Family>>();
  const networks = networksByName(intent);
  for (const { name, prefixes } of intent.defines) families.set(name, familiesOf(prefixes));
  for (const [name, { network }] of networks) families.set(name, familiesOf(network.subnets));
  for (const [name, part] of containersByName(intent)) {
    const attached = attachmentsOf(part).map(({ attachment }) => networks.get(attachment.network));
    if (attached.every((network) => network !== undefined))
      families.set(name, familiesOf(attached.flatMap(({ network }) => network.subnets)));
  }
  return (word) => {
    const known = families.get(word);
    if (known) return known;
    const prefix = parsePrefix(word);
    return prefix.ok ? familiesOf([prefix.value]) : undefined;
  };
}

function familiesOf(members: readonly { readonly family: Family }[]): ReadonlySet<Family> {
  return new Set(members.map(({ family }) => family));
}

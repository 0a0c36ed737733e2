import { type Family, parsePrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import type { Parts } from './parts';
import type { Report } from './rule';

/**
 * The families of the addresses that a word of a policy stands for: none for a container without a network. Undefined
 * for an unknown word and for `host`, whose addresses are not known here.
 */
export type PartyFamilies = (word: string) => ReadonlySet<Family> | undefined;

export function partyFamilies(parts: Parts): PartyFamilies {
  const { containersByName, networksByName, definesByName } = parts;
  const told = new Map<string, ReadonlySet<Family> | undefined>();
  const tell = (word: string): ReadonlySet<Family> | undefined => {
    const attached = containersByName
      .get(word)
      ?.attachments.map(({ said: { network } }) => networksByName.get(network));
    if (attached?.every((network) => network !== undefined))
      return familiesOf(attached.flatMap(({ said: { subnets } }) => subnets));
    const named = networksByName.get(word)?.said.subnets ?? definesByName.get(word)?.said.prefixes;
    if (named) return familiesOf(named);
    const prefix = parsePrefix(word);
    return prefix.ok ? familiesOf([prefix.value]) : undefined;
  };
  return (word) => {
    if (!told.has(word)) told.set(word, tell(word));
    return told.get(word);
  };
}

/** Says of a party that is a container without an address who has one in its place; `ofHost` when it is the host. */
export function reportWithoutAddress(
  word: string,
  path: Path,
  { containersByName }: Parts,
  ofHost: string,
  report: Report,
): void {
  const { joined, said } = containersByName.get(word) ?? {};
  const hint = said?.networks === 'host' ? ofHost : joined && `its traffic is that of \`${joined}\`: name that`;
  report(path, 'TN2104', `container \`${word}\` has no address in any network`, hint === undefined ? {} : { hint });
}

function familiesOf(members: readonly { readonly family: Family }[]): ReadonlySet<Family> {
  return new Set(members.map(({ family }) => family));
}

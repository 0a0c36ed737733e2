import { formatAddress, formatPrefix } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { formatPortRange } from '../../core/port';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { Claims } from './claims';
import { attachmentsOf, containersOf, networksOf } from './parts';

/** A list that holds each of its members once. */
interface List {
  readonly path: Path;
  /** Each member as it is said; equal texts say the same. Undefined: it may be said again. */
  readonly members: readonly (string | undefined)[];
}

/** Nothing is said twice. */
export function checkRepeats(intent: Intent): LocatedProblem[] {
  return [...definedLists(intent), ...networkLists(intent), ...containerLists(intent), ...policyLists(intent)].flatMap(
    ({ path, members }) => {
      const claims = new Claims();
      return members.flatMap((member, index) => {
        if (member === undefined) return [];
        const at = [...path, index];
        const first = claims.claim(member, { path: at, text: 'first said here' });
        return first ? [problemAt(at, 'TN2103', `\`${member}\` is said twice`, { related: [first] })] : [];
      });
    },
  );
}

function definedLists({ defines }: Intent): List[] {
  return defines.map(({ prefixes }, index) => ({
    path: ['defines', index, 'prefixes'],
    members: prefixes.map(formatPrefix),
  }));
}

function networkLists(intent: Intent): List[] {
  return networksOf(intent).map(({ network: { trustedInterfaces }, path }) => ({
    path: [...path, 'trustedInterfaces'],
    members: trustedInterfaces,
  }));
}

function containerLists(intent: Intent): List[] {
  return containersOf(intent).flatMap((part): List[] => {
    const { dns, dnsSearch, hosts, expose, links, publish } = part.container;
    return [
      ...attachmentsOf(part).flatMap(({ attachment: { aliases }, path }) =>
        listOf([...path, 'aliases'], aliases, same),
      ),
      ...listOf([...part.path, 'dns'], dns, formatAddress),
      ...listOf([...part.path, 'dnsSearch'], dnsSearch, same),
      ...listOf([...part.path, 'hosts'], hosts, ({ name, address }) => `${name} ${formatAddress(address)}`),
      ...listOf([...part.path, 'expose'], expose, ({ ports, protocol }) => `${formatPortRange(ports)}/${protocol}`),
      ...listOf([...part.path, 'links'], links, ({ target, alias }) => (alias ? `${target} as ${alias}` : target)),
      // A host port that is written is taken by the first; one that is chosen would be chosen twice.
      ...listOf([...part.path, 'publish'], publish, ({ spec: { address, hostPorts, ports, protocol } }) =>
        hostPorts ? undefined : `${address ? `${formatAddress(address)} ` : ''}${formatPortRange(ports)}/${protocol}`,
      ),
      ...publish.flatMap(({ from }, index) => listOf([...part.path, 'publish', index, 'from'], from, same)),
    ];
  });
}

/** No list where there is nothing that could be said again: most have one member, or none. */
function listOf<T>(path: Path, all: readonly T[], say: (one: T) => string | undefined): List[] {
  return all.length < 2 ? [] : [{ path, members: all.map(say) }];
}

function same(word: string): string {
  return word;
}

function policyLists({ policies, expectations }: Intent): List[] {
  const lists = { policies, expectations };
  return (['policies', 'expectations'] as const).flatMap((key) =>
    lists[key].map(({ ports }, index) => ({ path: [key, index, 'ports'], members: ports.map(formatPortRange) })),
  );
}

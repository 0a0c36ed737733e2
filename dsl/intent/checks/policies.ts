import type { Family } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent, PolicyIntent } from '../model';
import { partyFamilies } from './parties';
import { attachmentsOf, containersOf, networksOf } from './parts';

/** A policy has to be able to act. */
export function checkPolicies(intent: Intent): LocatedProblem[] {
  if (intent.policies.length === 0) return [];
  const families = partyFamilies(intent);
  const closedBy = internalNetworks(intent);
  return intent.policies.flatMap((policy, index) => {
    const path = ['policies', index];
    return [
      ...checkPorts(policy, path),
      ...checkParties(policy, path, families),
      ...checkInternal(policy, path, closedBy),
    ];
  });
}

function checkPorts({ ports, protocol }: PolicyIntent, path: Path): LocatedProblem[] {
  if (ports.length === 0 || protocol) return [];
  return [problemAt([...path, 'ports'], 'TN2011', 'ports need a protocol: tcp, udp or sctp')];
}

function checkParties(
  { from, to }: PolicyIntent,
  path: Path,
  familiesOf: (word: string) => ReadonlySet<Family> | undefined,
): LocatedProblem[] {
  if (from === 'host' && to === 'host')
    return [problemAt([...path, 'to'], 'TN2104', 'what the host sends to itself is not for policies')];
  const [source, target] = [familiesOf(from), familiesOf(to)];
  const without = source?.size === 0 ? 'from' : target?.size === 0 ? 'to' : undefined;
  if (without !== undefined) {
    const word = without === 'from' ? from : to;
    return [problemAt([...path, without], 'TN2104', `container \`${word}\` has no address in any network`)];
  }
  if (!source || !target || [...source].some((family) => target.has(family))) return [];
  return [
    problemAt([...path, 'to'], 'TN2104', `\`${from}\` has only IPv${[...source][0]} addresses, \`${to}\` has none`, {
      related: [{ path: [...path, 'from'], text: 'no packet can match both' }],
    }),
  ];
}

/** By party, the networks that it is in, with the place that says so for those that are internal. */
type Closed = ReadonlyMap<string, ReadonlyMap<string, Path | undefined>>;

function internalNetworks(intent: Intent): Closed {
  const networks = new Map<string, Path | undefined>(
    networksOf(intent).map(({ network: { name, internal }, path }) => [
      name,
      internal ? [...path, 'internal'] : undefined,
    ]),
  );
  const own = (names: readonly string[]) => new Map(names.map((name) => [name, networks.get(name)]));
  return new Map([
    ...containersOf(intent).map((part): [string, Map<string, Path | undefined>] => [
      part.container.name,
      own(attachmentsOf(part).map(({ attachment }) => attachment.network)),
    ]),
    ...intent.networks.map(({ name }): [string, Map<string, Path | undefined>] => [name, own([name])]),
  ]);
}

/** The host reaches an internal network on its bridge, with or without a policy. */
function checkInternal({ action, from, to }: PolicyIntent, path: Path, closed: Closed): LocatedProblem[] {
  if (action === 'deny' || from === 'host' || to === 'host') return [];
  for (const key of ['from', 'to'] as const) {
    const [party, other] = key === 'from' ? [from, to] : [to, from];
    const own = [...(closed.get(party) ?? [])];
    const [first] = own;
    if (!first || own.some(([, internal]) => !internal) || own.some(([name]) => closed.get(other)?.has(name))) continue;
    const [network, place = []] = first;
    return [
      problemAt([...path, key], 'TN2104', `\`${party}\` is in an internal network: no \`allow\` opens it`, {
        related: [{ path: place, text: `network \`${network}\` is internal` }],
      }),
    ];
  }
  return [];
}

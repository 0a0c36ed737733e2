import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';

/** A policy has to be able to act: no ports without a protocol, and nothing that an internal network would override. */
export function checkPolicies(intent: Intent): LocatedProblem[] {
  const internal = new Map<string, Path>();
  for (const [index, network] of intent.networks.entries())
    if (network.internal) internal.set(network.name, ['networks', index, 'internal']);
  const networksOf = new Map<string, readonly string[]>(intent.networks.map(({ name }) => [name, [name]]));
  for (const { name, networks } of intent.containers)
    networksOf.set(name, Array.isArray(networks) ? networks.map(({ network }) => network) : []);
  return intent.policies.flatMap(({ action, from, to, protocol, ports }, index) => {
    const problems: LocatedProblem[] = [];
    const path = ['policies', index];
    if (ports.length > 0 && !protocol)
      problems.push(problemAt([...path, 'ports'], 'TN2011', 'ports need a protocol: tcp, udp or sctp'));
    if (action === 'deny' || from === 'host' || to === 'host') return problems;
    for (const [party, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const own = networksOf.get(party) ?? [];
      const closed = own.find((name) => internal.has(name));
      const place = closed === undefined ? undefined : internal.get(closed);
      if (!place || !own.every((name) => internal.has(name)) || networksOf.get(other)?.some((name) => name === closed))
        continue;
      problems.push(
        problemAt(
          [...path, party === from ? 'from' : 'to'],
          'TN2104',
          `\`${party}\` is in an internal network: no \`allow\` opens it`,
          {
            related: [{ path: place, text: `network \`${closed}\` is internal` }],
          },
        ),
      );
      break;
    }
    return problems;
  });
}

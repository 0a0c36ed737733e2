import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { attachmentsOf, type ContainerPart, containersOf, type NetworkPart, networksByName } from './parts';

/** Ports can be published only where packets can come from outside. */
export function checkPublishes(intent: Intent): LocatedProblem[] {
  const networks = networksByName(intent);
  return containersOf(intent)
    .filter(({ container }) => container.publish.length > 0)
    .flatMap((part) => (Array.isArray(part.container.networks) ? checkInternal(part, networks) : checkMode(part)));
}

function checkMode({ container: { name, networks }, path }: ContainerPart): LocatedProblem[] {
  const how = typeof networks === 'string' ? `network ${networks}` : 'the network of another container';
  return [
    problemAt([...path, 'publish', 0], 'TN2116', `container \`${name}\` publishes a port but has ${how}`, {
      related: [{ path: [...path, 'networks'], text: 'its network mode' }],
    }),
  ];
}

function checkInternal(part: ContainerPart, networks: ReadonlyMap<string, NetworkPart>): LocatedProblem[] {
  const attached = attachmentsOf(part).flatMap(({ attachment }) => networks.get(attachment.network) ?? []);
  if (attached.length === 0 || attached.some(({ network }) => !network.internal)) return [];
  return [
    problemAt(
      [...part.path, 'publish', 0],
      'TN2109',
      `container \`${part.container.name}\` publishes a port, but its network lets nothing in from outside`,
      {
        related: attached.map(({ network: { name }, path }) => ({
          path: [...path, 'internal'],
          text: `network \`${name}\` is internal`,
        })),
      },
    ),
  ];
}

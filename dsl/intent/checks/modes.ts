import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { ContainerIntent, Intent } from '../model';
import { type ContainerPart, containersByName, containersOf } from './parts';

/** A joined namespace is one that its owner made; who has no namespace of its own has nothing to say about it. */
export function checkModes(intent: Intent): LocatedProblem[] {
  const byName = containersByName(intent);
  return containersOf(intent).flatMap((part) => [...checkJoin(part, byName), ...checkWithout(part)]);
}

function checkJoin(
  { container: { name, networks }, path }: ContainerPart,
  byName: ReadonlyMap<string, ContainerPart>,
): LocatedProblem[] {
  if (typeof networks === 'string' || Array.isArray(networks)) return [];
  const at = [...path, 'networks', 'container'];
  if (networks.container === name) return [problemAt(at, 'TN2104', `container \`${name}\` cannot join itself`)];
  const target = byName.get(networks.container);
  if (!target || !joins(target.container)) return [];
  return [
    problemAt(at, 'TN2104', `container \`${networks.container}\` has no namespace of its own to join`, {
      related: [{ path: [...target.path, 'networks'], text: 'it joins another itself' }],
    }),
  ];
}

/** The words of a container that make files or ports of its own namespace, as a person writes them. */
const OWN = [
  ['hostname', 'hostname'],
  ['dns', 'dns'],
  ['dnsSearch', 'dns-search'],
  ['hosts', 'host'],
  ['expose', 'expose'],
] as const;

function checkWithout({ container, path }: ContainerPart): LocatedProblem[] {
  const { networks } = container;
  if (networks !== 'host' && !joins(container)) return [];
  const owner = networks === 'host' ? 'the host' : 'another container';
  return OWN.flatMap(([key, keyword]) => {
    const said = container[key];
    if (said === undefined || said.length === 0) return [];
    const at: Path = typeof said === 'string' ? [...path, key] : [...path, key, 0];
    return [
      problemAt(at, 'TN2104', `\`${keyword}\` cannot act: the namespace of \`${container.name}\` belongs to ${owner}`, {
        related: [{ path: [...path, 'networks'], text: 'its network mode' }],
      }),
    ];
  });
}

function joins({ networks }: ContainerIntent): boolean {
  return typeof networks === 'object' && !Array.isArray(networks);
}

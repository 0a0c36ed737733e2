import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { bridgeName, vethName } from '../resolve/device-names';

/** Device names are one namespace: no bridge has another's name, nor that of a container's host end. */
export function checkBridges({ networks, containers }: Intent): LocatedProblem[] {
  const taken = new Map<string, { path: Path; text: string }>();
  const claim = (name: string, path: Path, text: string): LocatedProblem[] => {
    const other = taken.get(name);
    if (other) return [problemAt(path, 'TN2117', `the interface name \`${name}\` is taken`, { related: [other] })];
    taken.set(name, { path, text });
    return [];
  };
  return [
    ...networks.flatMap(({ name, bridge }, index) =>
      claim(bridge ?? bridgeName(name), ['networks', index, bridge ? 'bridge' : 'name'], `network \`${name}\` has it`),
    ),
    ...containers.flatMap(({ name, networks: mode }, index) =>
      Array.isArray(mode)
        ? mode.flatMap((_, at) =>
            claim(vethName(name, at), ['containers', index, 'name'], `container \`${name}\` has it`),
          )
        : [],
    ),
  ];
}

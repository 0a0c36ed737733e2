import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';

/** Words that a statement uses where a name could stand. */
const RESERVED = ['host', 'none', 'outside', 'container'];

/** A name is given once among networks, containers and address sets, since rules may refer to any of them. */
export function checkNames({ defines, networks, containers }: Intent): LocatedProblem[] {
  const first = new Map<string, { path: Path; what: string }>();
  const named = [
    ...defines.map(({ name }, index) => ({ name, path: ['defines', index, 'name'], what: 'an address set' })),
    ...networks.map(({ name }, index) => ({ name, path: ['networks', index, 'name'], what: 'a network' })),
    ...containers.map(({ name }, index) => ({ name, path: ['containers', index, 'name'], what: 'a container' })),
  ];
  return named.flatMap(({ name, path, what }): LocatedProblem[] => {
    if (RESERVED.includes(name))
      return [problemAt(path, 'TN2006', `\`${name}\` cannot be the name of ${what}: the language uses it`)];
    const other = first.get(name);
    if (!other) {
      first.set(name, { path, what });
      return [];
    }
    return [
      problemAt(path, 'TN2101', `the name \`${name}\` is taken`, {
        related: [{ path: other.path, text: `${other.what} has it` }],
      }),
    ];
  });
}

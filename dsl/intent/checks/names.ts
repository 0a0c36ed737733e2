import { readIpv4 } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { Claims } from './claims';

/** Words that a statement uses where a name could stand. */
const RESERVED = ['host', 'none', 'outside', 'container'];

/** A name is given once among networks, containers and address sets, since rules may refer to any of them. */
export function checkNames({ defines, networks, containers }: Intent): LocatedProblem[] {
  const claims = new Claims();
  const check =
    (list: keyof Intent, what: string) =>
    ({ name }: { readonly name: string }, index: number): LocatedProblem[] => {
      const path: Path = [list, index, 'name'];
      if (RESERVED.includes(name))
        return [problemAt(path, 'TN2006', `\`${name}\` cannot be the name of ${what}: the language uses it`)];
      if (readIpv4(name) !== undefined)
        return [problemAt(path, 'TN2006', `\`${name}\` cannot be the name of ${what}: it is an address`)];
      const owner = claims.claim(name, { path, text: `${what} has it` });
      return owner ? [problemAt(path, 'TN2101', `the name \`${name}\` is taken`, { related: [owner] })] : [];
    };
  return [
    ...defines.flatMap(check('defines', 'an address set')),
    ...networks.flatMap(check('networks', 'a network')),
    ...containers.flatMap(check('containers', 'a container')),
  ];
}

import type { Family } from '../../core/address';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { partyFamilies } from './parties';
import { containersOf } from './parts';

/** Whom `from` lets in has to have an address of a family that the publish leads to. */
export function checkPublishSources(intent: Intent): LocatedProblem[] {
  const familiesOf = partyFamilies(intent);
  return containersOf(intent).flatMap(({ container, path }) =>
    container.publish.flatMap(({ spec, from }, index) =>
      from.flatMap((word, at): LocatedProblem[] => {
        const source = familiesOf(word);
        const place = [...path, 'publish', index, 'from', at];
        if (source?.size === 0)
          return [problemAt(place, 'TN2104', `container \`${word}\` has no address in any network`)];
        const own = familiesOf(container.name);
        const target = spec.address ? new Set<Family>([spec.address.family]) : own;
        if (!source || !own?.size || !target || [...source].some((family) => target.has(family))) return [];
        return [
          problemAt(place, 'TN2114', `\`${word}\` has only IPv${[...source][0]} addresses, the publish leads to none`, {
            related: [{ path: [...path, 'publish', index, 'spec'], text: 'the publish' }],
          }),
        ];
      }),
    ),
  );
}

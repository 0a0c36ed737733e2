import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { Claims } from './claims';
import { attachmentsOf, containersOf } from './parts';

/** No two containers of a network have one MAC address. */
export function checkMacs(intent: Intent): LocatedProblem[] {
  const claims = new Claims();
  return containersOf(intent)
    .flatMap(attachmentsOf)
    .flatMap(({ attachment: { network, mac }, container, path }) => {
      if (!mac) return [];
      const at = [...path, 'mac'];
      const owner = claims.claim(`${network}/${mac}`, { path: at, text: `container \`${container.name}\` has it` });
      return owner ? [problemAt(at, 'TN2115', `the MAC address ${mac} is taken`, { related: [owner] })] : [];
    });
}

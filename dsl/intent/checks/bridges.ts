import type { Path } from '../../core/diagnostic';
import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { bridgeName, vethName } from '../resolve/device-names';
import { Claims } from './claims';
import { attachmentsOf, containersByName, networksByName, networksOf } from './parts';

/** `lo` is every namespace's own; the other two are directories beside those of the devices in /proc/sys/net. */
const RESERVED = ['lo', 'all', 'default'];

/** Device names are one namespace: no bridge has another's name, nor that of a container's host end. */
export function checkBridges(intent: Intent): LocatedProblem[] {
  const claims = new Claims();
  const claim = (device: string, path: Path, owner: string): LocatedProblem[] => {
    const first = claims.claim(device, { path, text: `${owner} has it` });
    return first ? [problemAt(path, 'TN2117', `the interface name \`${device}\` is taken`, { related: [first] })] : [];
  };
  const bridges = [...networksByName(intent).values()].flatMap(({ network: { name, bridge }, path }) => {
    if (!bridge) return claim(bridgeName(name), [...path, 'name'], `network \`${name}\``);
    const at = [...path, 'bridge'];
    if (!RESERVED.includes(bridge)) return claim(bridge, at, `network \`${name}\``);
    return [problemAt(at, 'TN2007', `\`${bridge}\` cannot be the name of a bridge: the kernel uses it`)];
  });
  const veths = [...containersByName(intent).values()].flatMap((part) =>
    attachmentsOf(part).flatMap(({ container: { name }, index }) =>
      claim(vethName(name, index), [...part.path, 'name'], `container \`${name}\``),
    ),
  );
  return [...bridges, ...veths, ...checkTrusted(intent)];
}

/** Hosts behind a trusted interface reach containers directly; those behind another network's bridge never do. */
function checkTrusted(intent: Intent): LocatedProblem[] {
  const bridges = new Map<string, { readonly index: number; readonly name: string }>(
    intent.networks.map(({ name, bridge }, index) => [bridge ?? bridgeName(name), { index, name }]),
  );
  return networksOf(intent).flatMap(({ network: { trustedInterfaces }, path }) =>
    trustedInterfaces.flatMap((device, index) => {
      const owner = bridges.get(device);
      if (!owner) return [];
      return [
        problemAt(
          [...path, 'trustedInterfaces', index],
          'TN2104',
          `\`${device}\` is a bridge of tsnet: say \`allow\` between the networks`,
          { related: [{ path: ['networks', owner.index, 'name'], text: `network \`${owner.name}\` has it` }] },
        ),
      ];
    }),
  );
}

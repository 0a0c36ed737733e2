import { readIpv6 } from '../../../dsl/core/address';
import { linkLocalOf } from '../../../dsl/intent/resolve/device-names';
import type { Endpoint, Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, text } from '../../../dsl/ruleset/nodes';
import type { Constant } from '../../../dsl/ruleset/tree';
import type { Elements } from '../elements';

/** Which IP address goes with which MAC address behind a bridge whose ports each hear one MAC address only. */
export function lowerSources({ containers }: Topology, elements: Elements): void {
  for (const container of containers)
    if (container.mode.kind === 'bridged')
      for (const endpoint of container.mode.endpoints) lowerEndpoint(endpoint, elements);
}

function lowerEndpoint({ bridge, mac, addresses, path }: Endpoint, elements: Elements): void {
  const ether: Constant = { kind: 'ether', value: mac };
  const linkLocal = readIpv6(linkLocalOf(mac));
  const speaksIpv6 = addresses.some(({ address }) => address.family === 6);
  const all = [
    ...addresses.map(({ address }) => address),
    ...(speaksIpv6 && linkLocal !== undefined ? [{ family: 6, value: linkLocal } as const] : []),
  ];
  for (const address of all)
    elements.add(`source${address.family}`, path, concat(text(bridge), ether, addressConstant(address)));
}

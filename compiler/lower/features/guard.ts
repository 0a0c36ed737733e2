import { readIpv6 } from '../../../dsl/core/address';
import { bridgeMac, linkLocalOf } from '../../../dsl/intent/resolve/device-names';
import type { Endpoint, Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, text } from '../../../dsl/ruleset/nodes';
import type { Constant } from '../../../dsl/ruleset/tree';
import { type Elements, ofFamilies } from '../elements';

const GUARD = ofFamilies('guard');

/** Which MAC and IP addresses each container's port may speak with. */
export function lowerGuard({ networks, containers }: Topology, elements: Elements): void {
  const byName = new Map(networks.map((network) => [network.name, network]));
  for (const container of containers)
    if (container.mode.kind === 'bridged')
      for (const endpoint of container.mode.endpoints) {
        lowerEndpoint(endpoint, elements);
        const network = byName.get(endpoint.network);
        if (!network?.isolated) continue;
        const port = text(endpoint.veth);
        elements.add('apart', endpoint.path, port);
        elements.add('host_mac', endpoint.path, concat(port, { kind: 'ether', value: bridgeMac(network) }));
      }
}

function lowerEndpoint({ veth, mac, addresses, path }: Endpoint, elements: Elements): void {
  const port = text(veth);
  const ether: Constant = { kind: 'ether', value: mac };
  elements.add('guarded', path, port);
  for (const { address } of addresses)
    elements.add(GUARD[address.family], path, concat(port, ether, addressConstant(address)));
  const own6 = addresses.flatMap(({ address }) => (address.family === 6 ? [address.value] : []));
  if (own6.length === 0) return;
  const linkLocal = readIpv6(linkLocalOf(mac));
  if (linkLocal === undefined) return;
  elements.add(GUARD[6], path, concat(port, ether, addressConstant({ family: 6, value: linkLocal })));
  for (const value of [...own6, linkLocal]) {
    const target: Constant = { kind: 'number', value, base: 16 };
    elements.add('neighbour6', path, concat(port, target));
  }
}

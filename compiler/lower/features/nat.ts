import type { Prefix } from '../../../dsl/core/address';
import { assertNever } from '../../../dsl/core/brand';
import type { Container, Nat, Network, Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, prefixExpression } from '../../../dsl/ruleset/nodes';
import type { Elements } from '../elements';

/** With which address a network's traffic leaves the host, and which answers have to be led back through it. */
export function lowerNat({ networks, containers }: Topology, elements: Elements): void {
  for (const network of networks)
    for (const { prefix } of network.subnets) {
      const block = prefixExpression(prefix);
      elements.add(`hairpin${prefix.family}`, network.path, concat(block, block));
      if (!network.internal) lowerSource(network, network.nat, prefix, elements);
    }
  for (const container of containers) lowerOwnPorts(container, elements);
}

/** A kernel drops what comes in with one of its own addresses: a container in two networks that asks for its own ports. */
function lowerOwnPorts({ mode, publishes }: Container, elements: Elements): void {
  if (mode.kind !== 'bridged' || mode.endpoints.length === 1) return;
  const targets = new Set(publishes.flatMap((publish) => publish.targets));
  for (const target of targets)
    for (const { addresses, path } of mode.endpoints)
      for (const { address } of addresses)
        if (address.family === target.family && address !== target)
          elements.add(`hairpin${target.family}`, path, concat(addressConstant(address), addressConstant(target)));
}

function lowerSource(network: Network, nat: Nat, prefix: Prefix, elements: Elements): void {
  const { path } = network;
  switch (nat.kind) {
    case 'routed':
      return;
    case 'masquerade':
      elements.add(`masquerade${prefix.family}`, path, prefixExpression(prefix));
      return;
    case 'snat': {
      const address = nat.addresses.find((one) => one.family === prefix.family);
      if (address)
        elements.add(`snat${prefix.family}`, path, prefixExpression(prefix), { data: addressConstant(address) });
      else elements.add(`masquerade${prefix.family}`, path, prefixExpression(prefix));
      return;
    }
    default:
      assertNever(nat);
  }
}

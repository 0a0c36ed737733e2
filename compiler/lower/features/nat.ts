import type { Prefix } from '../../../dsl/core/address';
import { assertNever } from '../../../dsl/core/brand';
import type { Nat, Network, Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, prefixExpression } from '../../../dsl/ruleset/nodes';
import type { Elements } from '../elements';

/** With which address a network's traffic leaves the host, and which answers have to be led back through it. */
export function lowerNat({ networks }: Topology, elements: Elements): void {
  for (const network of networks)
    for (const { prefix } of network.subnets) {
      const block = prefixExpression(prefix);
      elements.add(`hairpin${prefix.family}`, network.path, concat(block, block));
      if (!network.internal) lowerSource(network, network.nat, prefix, elements);
    }
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

import { contains, type Prefix } from '../../../dsl/core/address';
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
  const byName = new Map(networks.map((network) => [network.name, network]));
  for (const container of containers) lowerOtherWays(container, byName, elements);
}

/**
 * A container in two networks answers in the one that the asker is in, not by the way that the question to a published port
 * came: with an address that is not its own there. And what comes in with one of its own addresses, its kernel drops.
 */
function lowerOtherWays(
  { mode, publishes }: Container,
  networks: ReadonlyMap<string, Network>,
  elements: Elements,
): void {
  if (mode.kind !== 'bridged' || mode.endpoints.length === 1) return;
  const targets = new Set(publishes.flatMap((publish) => publish.targets));
  for (const target of targets)
    for (const { network, path } of mode.endpoints)
      for (const { prefix } of networks.get(network)?.subnets ?? [])
        if (prefix.family === target.family && !contains(prefix, target))
          elements.add(`hairpin${target.family}`, path, concat(prefixExpression(prefix), addressConstant(target)));
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

import { isOf, overlaps } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import type { Intent, NetworkIntent } from '../model';
import type { Nat, Network, Party, Policy, Subnet } from '../topology';
import { firstUsable } from './address-pool';
import { bridgeName } from './device-names';

export function resolveNetworks(intent: Intent): Network[] {
  return intent.networks.map((network, index) => resolveNetwork(network, ['networks', index]));
}

function resolveNetwork(network: NetworkIntent, path: Path): Network {
  return {
    name: network.name,
    bridge: network.bridge ?? bridgeName(network.name),
    subnets: network.subnets.map(
      (prefix): Subnet => ({
        prefix,
        gateway: network.gateways.find(isOf(prefix.family)) ?? firstUsable(prefix),
      }),
    ),
    mtu: network.mtu,
    nat: resolveNat(network.nat),
    icc: network.icc,
    isolated: !network.icc,
    internal: network.internal,
    trustedInterfaces: network.trustedInterfaces,
    logDrops: network.log === 'drops',
    path,
  };
}

function resolveNat(nat: NetworkIntent['nat']): Nat {
  return typeof nat === 'string' ? { kind: nat } : { kind: 'snat', addresses: nat.snat };
}

/** Frames between two ports of a bridge never meet a rule that denies them, unless the ports are isolated. */
export function isolateDenied(networks: readonly Network[], policies: readonly Policy[]): Network[] {
  const denials = policies.filter(({ action }) => action === 'deny');
  return networks.map((network) => {
    const holds = (party: Party) =>
      party.kind !== 'host' &&
      network.subnets.some(({ prefix }) =>
        party.prefixes.some((one) => one.family === prefix.family && overlaps(one, prefix)),
      );
    return network.isolated || !denials.some(({ from, to }) => holds(from) && holds(to))
      ? network
      : { ...network, isolated: true };
  });
}

import type { Layout, Placed } from '../../compiler';
import { type Address, contains, type Family, formatAddress, isLoopback } from '../../dsl/core/address';
import type { Container, Publish, Topology } from '../../dsl/intent/topology';

/** Commands that fit an intent: a way in, a way out. */
export function suggestions(topology: Topology, layout: Layout, answered: boolean): readonly string[] {
  const { networks, containers } = topology;
  const publishes = containers.flatMap((container) => container.publishes);
  const wayIn = answered ? publishes.flatMap((publish) => throughPublish(publish, layout)).slice(0, 1) : [];
  const internal = new Set<string>(networks.flatMap(({ name, internal: is }) => (is ? [name] : [])));
  const inside = containers.find(
    ({ mode }) => mode.kind === 'bridged' && mode.endpoints.some((one) => !internal.has(one.network)),
  );
  const wayOut = inside && answered ? outward(inside, layout) : [];
  const [anyone] = containers;
  const found = [...wayIn, ...wayOut, ...(anyone ? [`tsnet exec ${anyone.name} -- ip address`] : []), 'tsnet status'];
  return found.slice(0, 2);
}

function throughPublish({ hostAddress, hostPorts, protocol, targets, from }: Publish, layout: Layout): string[] {
  if (protocol !== 'tcp') return [];
  const port = hostPorts.first;
  if (hostAddress && isLoopback(hostAddress)) return [`curl -s ${url(hostAddress, port)}`];
  const [uplink] = layout.wires;
  const families = targets.map(({ family }) => family);
  for (const client of uplink.outside) {
    const { family } = client.address;
    const address = hostAddress ?? ofFamily(uplink.host, family);
    if (!address || address.family !== family || !families.includes(family)) continue;
    if (from && !from.some((prefix) => contains(prefix, client.address))) continue;
    const source = from ? `--interface ${formatAddress(client.address)} ` : '';
    return [`outside -- curl -s ${source}${url(address, port)}`];
  }
  return [];
}

function outward({ name, mode }: Container, { wires: [uplink] }: Layout): string[] {
  const families =
    mode.kind === 'bridged' ? mode.endpoints.flatMap(({ gateways }) => gateways.map(({ family }) => family)) : [];
  const address = families.map((family) => ofFamily(uplink.outside, family)).find((one) => one !== undefined);
  return address ? [`tsnet exec ${name} -- curl -s ${url(address, 80)}`] : [];
}

function ofFamily(placed: readonly Placed[], family: Family): Address | undefined {
  return placed.find(({ address }) => address.family === family)?.address;
}

function url(address: Address, port: number): string {
  const host = address.family === 6 ? `[${formatAddress(address)}]` : formatAddress(address);
  return port === 80 ? host : `${host}:${port}`;
}

import type { Layout } from '../../compiler';
import { formatAddress } from '../../dsl/core/address';
import type { Container, Topology } from '../../dsl/intent/topology';
import type { Server, Servers } from '../../runtime';
import { suggestions } from './suggestions';

export interface Lab extends Servers {
  readonly topology: Topology;
  readonly layout: Layout;
}

/** More would scroll the rest away. */
const MOST_CONTAINERS = 20;

/** What a reader finds in a lab, and what to try first. */
export function greeting(lab: Lab): string {
  const { topology, layout, servers, without } = lab;
  const { containers } = topology;
  const serverAt = (where: Server['where'], name: string) =>
    servers.find((server) => server.where === where && server.name === name);
  const rows = [
    ['host', row(addressesAt(layout, 'host'), serverAt('host', 'host'))],
    ['outside', row(addressesAt(layout, 'outside'), serverAt('outside', 'outside'))],
    ...containers
      .slice(0, MOST_CONTAINERS)
      .map((container) => [container.name, row(placeOf(container), serverAt('container', container.name))]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  const more = containers.length - MOST_CONTAINERS;
  return [
    'You are root of a throwaway host with this network up. It is gone when this shell ends; files are your own.',
    '',
    ...rows.map(([name = '', text = '']) => `  ${name.padEnd(width)}  ${text}`),
    ...(more > 0 ? [`  and ${more} more: tsnet status`] : []),
    ...(without.length > 0 ? ['', `Nothing answers on: ${without.join(', ')}.`] : []),
    '',
    'Try:',
    ...suggestions(topology, layout, servers.length > 0).map((command) => `  ${command}`),
    '',
    '',
  ].join('\n');
}

function row(addresses: readonly string[], server: Server | undefined): string {
  const ports = server ? [...ranges(server.tcp, 'tcp'), ...ranges(server.udp, 'udp')] : [];
  return `${addresses.join(' ')}${ports.length > 0 ? `; answers on ${ports.join(' ')}` : ''}`;
}

function addressesAt({ wires }: Layout, end: 'host' | 'outside'): string[] {
  return wires.flatMap((wire) => wire[end].map(({ address }) => formatAddress(address)));
}

function placeOf({ mode }: Container): string[] {
  switch (mode.kind) {
    case 'bridged':
      return mode.endpoints.flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address)));
    case 'none':
      return ['no network'];
    case 'host':
      return ["the host's network"];
    case 'container':
      return [`${mode.container}'s network`];
  }
}

/** `80/tcp`, `20000-20010/tcp`: ports in a row as one. */
function ranges(ports: readonly number[], protocol: string): string[] {
  const found: { first: number; last: number }[] = [];
  for (const port of [...ports].sort((a, b) => a - b)) {
    const open = found.at(-1);
    if (open && open.last + 1 === port) open.last = port;
    else found.push({ first: port, last: port });
  }
  return found.map(({ first, last }) => `${first === last ? first : `${first}-${last}`}/${protocol}`);
}

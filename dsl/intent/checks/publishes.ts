import type { AttachmentPart, ContainerPart, NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** Ports can be published only where packets can come from outside. */
export function checkPublishes({ containers, networksByName }: Parts, report: Report): void {
  const leadsOut = ({ said: { network } }: AttachmentPart): boolean =>
    networksByName.get(network)?.said.internal === false;
  for (const part of containers) {
    if (part.publishes.length === 0 || part.attachments.some(leadsOut)) continue;
    if (Array.isArray(part.said.networks)) checkInternal(part, networksByName, report);
    else checkMode(part, report);
  }
}

function checkMode(part: ContainerPart, report: Report): void {
  const { name, networks } = part.said;
  const how = typeof networks === 'string' ? `network ${networks}` : 'the network of another container';
  report(part.at('publish', 0), 'TN2116', `container \`${name}\` publishes a port but has ${how}`, {
    related: [{ path: part.at('networks'), text: 'its network mode' }],
  });
}

function checkInternal(part: ContainerPart, byName: ReadonlyMap<string, NetworkPart>, report: Report): void {
  const networks = part.attachments.flatMap(({ said: { network } }) => byName.get(network) ?? []);
  if (networks.length === 0) return;
  report(
    part.at('publish', 0),
    'TN2109',
    `container \`${part.said.name}\` publishes a port, but its network lets nothing in from outside`,
    {
      related: networks.map((network) => ({
        path: network.at('internal'),
        text: `network \`${network.said.name}\` is internal`,
      })),
    },
  );
}

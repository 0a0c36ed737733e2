import { bridgeName, isLikeVeth, isVethWhole, vethName } from '../resolve/device-names';
import { Claims } from './claims';
import type { ContainerPart, NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** `lo` is every namespace's own; the other two are directories beside those of the devices in /proc/sys/net. */
const RESERVED = ['lo', 'all', 'default'];

/** Device names are one namespace: no bridge has another's name, nor that of a container's host end. */
export function checkBridges(parts: Parts, report: Report): void {
  const owners = new Claims<string, NetworkPart | ContainerPart>();
  const claim = (device: string, part: NetworkPart | ContainerPart): void => {
    const owner = owners.claim(device, part);
    if (!owner) return;
    report(part.at(sayingDevice(part)), 'TN2117', `the interface name \`${device}\` is taken`, {
      related: [{ path: owner.at(sayingDevice(owner)), text: `${whose(owner)} has it` }],
    });
  };
  for (const part of parts.networksByName.values()) {
    const { name, bridge } = part.said;
    if (!bridge || !RESERVED.includes(bridge)) claim(bridge ?? bridgeName(name), part);
    else report(part.at('bridge'), 'TN2007', `\`${bridge}\` cannot be the name of a bridge: the kernel uses it`);
  }
  if (canMeet(parts))
    for (const { container, index } of parts.attachments) {
      const { name } = container.said;
      if (parts.containersByName.get(name) === container) claim(vethName(name, index), container);
    }
  checkTrusted(parts, report);
}

/** Host ends whose names are whole have different ones: one of them has to be shortened, or a bridge be called like one. */
function canMeet({ networks, attachments }: Parts): boolean {
  return (
    networks.some(({ said: { bridge } }) => bridge !== undefined && isLikeVeth(bridge)) ||
    attachments.some(({ container, index }) => !isVethWhole(container.said.name, index))
  );
}

/** The word that a device has its name from. */
function sayingDevice(part: NetworkPart | ContainerPart): string {
  return part.list === 'networks' && part.said.bridge ? 'bridge' : 'name';
}

function whose({ list, said }: NetworkPart | ContainerPart): string {
  return `${list === 'networks' ? 'network' : 'container'} \`${said.name}\``;
}

/** Hosts behind a trusted interface reach containers directly; those behind another network's bridge never do. */
function checkTrusted({ networks }: Parts, report: Report): void {
  const bridges = new Map<string, NetworkPart>(
    networks.map((part) => [part.said.bridge ?? bridgeName(part.said.name), part]),
  );
  for (const part of networks)
    part.said.trustedInterfaces.forEach((device, index) => {
      const owner = bridges.get(device);
      if (!owner) return;
      report(
        part.at('trustedInterfaces', index),
        'TN2104',
        `\`${device}\` is a bridge of tsnet: say \`allow\` between the networks`,
        { related: [{ path: owner.at('name'), text: `network \`${owner.said.name}\` has it` }] },
      );
    });
}

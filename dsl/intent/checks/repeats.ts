import { formatAddress, formatPrefix } from '../../core/address';
import { formatPortRange } from '../../core/port';
import type { HostIntent, LinkIntent, PublishIntent } from '../model';
import type { PortSpec } from '../publish';
import { Claims } from './claims';
import type { AttachmentPart, Parts, Place, PublishPart } from './parts';
import type { Report } from './rule';

/** Nothing is said twice. */
export function checkRepeats({ defines, networks, containers, policies, expectations }: Parts, report: Report): void {
  const checkAliases = (part: AttachmentPart) => checkList(part, 'aliases', part.said.aliases, same, report);
  const checkSources = (part: PublishPart) => checkList(part, 'from', part.said.from, same, report);
  for (const part of defines) checkList(part, 'prefixes', part.said.prefixes, formatPrefix, report);
  for (const part of networks) checkList(part, 'trustedInterfaces', part.said.trustedInterfaces, same, report);
  for (const part of containers) {
    const { dns, dnsSearch, hosts, expose, links, publish } = part.said;
    part.attachments.forEach(checkAliases);
    checkList(part, 'dns', dns, formatAddress, report);
    checkList(part, 'dnsSearch', dnsSearch, same, report);
    checkList(part, 'hosts', hosts, hostText, report);
    checkList(part, 'expose', expose, exposeText, report);
    checkList(part, 'links', links, linkText, report);
    checkList(part, 'publish', publish, publishText, report);
    part.publishes.forEach(checkSources);
  }
  for (const part of policies) checkList(part, 'ports', part.said.ports, formatPortRange, report);
  for (const part of expectations) checkList(part, 'ports', part.said.ports, formatPortRange, report);
}

/** @param say What a member says, so that equal texts say the same; undefined: it may be said again. */
function checkList<T>(
  part: Place,
  list: string,
  members: readonly T[],
  say: (member: T) => string | undefined,
  report: Report,
): void {
  if (members.length < 2) return;
  const claims = new Claims<string, number>();
  for (const [index, member] of members.entries()) {
    const text = say(member);
    const first = text === undefined ? undefined : claims.claim(text, index);
    if (first !== undefined)
      report(part.at(list, index), 'TN2103', `\`${text}\` is said twice`, {
        related: [{ path: part.at(list, first), text: 'first said here' }],
      });
  }
}

function same(word: string): string {
  return word;
}

function hostText({ name, address }: HostIntent): string {
  return `${name} ${formatAddress(address)}`;
}

function exposeText({ ports, protocol }: PortSpec): string {
  return `${formatPortRange(ports)}/${protocol}`;
}

function linkText({ target, alias }: LinkIntent): string {
  return alias ? `${target} as ${alias}` : target;
}

/** A host port that is written is taken by the first; one that is chosen would be chosen twice. */
function publishText({ spec: { address, hostPorts, ports, protocol } }: PublishIntent): string | undefined {
  if (hostPorts) return undefined;
  return `${address ? `${formatAddress(address)} ` : ''}${formatPortRange(ports)}/${protocol}`;
}

import type { Address, Family } from '../../core/address';
import type { Path } from '../../core/diagnostic';
import { Claims } from './claims';
import type { AttachmentPart, ContainerPart, NetworkPart, Parts } from './parts';
import type { Report } from './rule';

/** What a network says has to fit its subnets and its isolation; a container is in each network once. */
export function checkNetworks({ networks, containers }: Parts, report: Report): void {
  for (const part of networks) checkMtu(part, report);
  for (const part of networks) checkFamilies(part, report);
  for (const part of networks) checkInternal(part, report);
  for (const part of containers) checkTwice(part, report);
}

function checkMtu(part: NetworkPart, report: Report): void {
  const { mtu, subnets } = part.said;
  if (mtu === undefined || mtu >= 1280) return;
  const six = subnets.findIndex(({ family }) => family === 6);
  if (six < 0) return;
  report(part.at('mtu'), 'TN2008', 'IPv6 needs an MTU of at least 1280 (RFC 8200 section 5)', {
    related: [{ path: part.at('subnets', six), text: 'the IPv6 subnet' }],
  });
}

/** Addresses that traffic is translated to, or published on: one of a family, and only families the network has. */
function checkFamilies(part: NetworkPart, report: Report): void {
  const { publishAddresses, nat } = part.said;
  checkAddresses(part, '`publish-address`', ['publishAddresses'], publishAddresses, report);
  if (typeof nat === 'object') checkAddresses(part, '`nat snat`', ['nat', 'snat'], nat.snat, report);
}

function checkAddresses(part: NetworkPart, what: string, list: Path, all: readonly Address[], report: Report): void {
  const { name, subnets } = part.said;
  const claims = new Claims<Family, number>();
  for (const [index, { family }] of all.entries()) {
    const has = subnets.some((subnet) => subnet.family === family);
    const other = has ? claims.claim(family, index) : undefined;
    const at = part.at(...list, index);
    if (!has)
      report(at, 'TN2104', `${what} is of IPv${family}, of which network \`${name}\` has no subnet`, {
        related: [{ path: part.at('subnets', 0), text: 'the subnet' }],
      });
    if (other !== undefined)
      report(at, 'TN2104', `a network has one IPv${family} address of ${what}`, {
        related: [{ path: part.at(...list, other), text: 'it has this one' }],
      });
  }
}

/** Nothing enters or leaves an internal network, so nothing that is said about entering or leaving can act. */
function checkInternal(part: NetworkPart, report: Report): void {
  const { name, internal, nat, publishAddresses, trustedInterfaces } = part.said;
  if (!internal) return;
  const refuse = (what: string, ...place: Path) =>
    report(part.at(...place), 'TN2104', `${what} cannot act: nothing enters or leaves an internal network`, {
      related: [{ path: part.at('internal'), text: `network \`${name}\` is internal` }],
    });
  if (nat !== 'masquerade') refuse('`nat`', 'nat');
  if (publishAddresses.length > 0) refuse('`publish-address`', 'publishAddresses', 0);
  if (trustedInterfaces.length > 0) refuse('`trusted-interface`', 'trustedInterfaces', 0);
}

function checkTwice({ said: { name }, attachments }: ContainerPart, report: Report): void {
  if (attachments.length < 2) return;
  const claims = new Claims<string, AttachmentPart>();
  for (const part of attachments) {
    const { network } = part.said;
    const first = claims.claim(network, part);
    if (first)
      report(part.at('network'), 'TN2103', `container \`${name}\` is in network \`${network}\` already`, {
        related: [{ path: first.at('network'), text: 'first said here' }],
      });
  }
}

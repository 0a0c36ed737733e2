import { type PartyFamilies, partyFamilies, reportWithoutAddress } from './parties';
import type { Part, Parts } from './parts';
import type { Report } from './rule';

type PolicyPart = Part<'policies'>;

/** A policy has to be able to act. */
export function checkPolicies(parts: Parts, report: Report): void {
  const familiesOf = partyFamilies(parts);
  for (const part of parts.policies) {
    checkPorts(part, report);
    checkParties(part, familiesOf, parts, report);
    checkInternal(part, parts, report);
  }
}

function checkPorts(part: PolicyPart, report: Report): void {
  const { ports, protocol } = part.said;
  if (ports.length > 0 && !protocol) report(part.at('ports'), 'TN2011', 'ports need a protocol: tcp, udp or sctp');
}

function checkParties(part: PolicyPart, familiesOf: PartyFamilies, parts: Parts, report: Report): void {
  const { from, to } = part.said;
  const [source, target] = [familiesOf(from), familiesOf(to)];
  const without = source?.size === 0 ? 'from' : target?.size === 0 ? 'to' : undefined;
  if (from === 'host' && to === 'host')
    report(part.at('to'), 'TN2104', 'what the host sends to itself is not for policies');
  else if (without !== undefined)
    reportWithoutAddress(part.said[without], part.at(without), parts, "its traffic is the host's: name `host`", report);
  else if (source && target && ![...source].some((family) => target.has(family)))
    report(part.at('to'), 'TN2104', `\`${from}\` has only IPv${[...source][0]} addresses, \`${to}\` has none`, {
      related: [{ path: part.at('from'), text: 'no packet can match both' }],
    });
}

/** The host reaches an internal network on its bridge, with or without a policy. */
function checkInternal(part: PolicyPart, parts: Parts, report: Report): void {
  const { action, from, to } = part.said;
  if (action === 'deny' || from === 'host' || to === 'host') return;
  for (const key of ['from', 'to'] as const) {
    const [party, other] = key === 'from' ? [from, to] : [to, from];
    const own = networksOf(party, parts).map((name) => parts.networksByName.get(name));
    const others = new Set(networksOf(other, parts));
    const [network] = own;
    if (!network || own.some((one) => !one?.said.internal || others.has(one.said.name))) continue;
    report(part.at(key), 'TN2104', `\`${party}\` is in an internal network: no \`allow\` opens it`, {
      related: [{ path: network.at('internal'), text: `network \`${network.said.name}\` is internal` }],
    });
    return;
  }
}

/** The names of the networks that a party is in: a network is in itself, addresses are in none. */
function networksOf(party: string, { networksByName, containersByName }: Parts): readonly string[] {
  if (networksByName.has(party)) return [party];
  return containersByName.get(party)?.attachments.map(({ said: { network } }) => network) ?? [];
}

import { Claims } from './claims';
import type { AttachmentPart, Parts } from './parts';
import type { Report } from './rule';

/** No two containers of a network have one MAC address. */
export function checkMacs({ attachments }: Parts, report: Report): void {
  const owners = new Claims<string, AttachmentPart>();
  for (const part of attachments) {
    const { network, mac } = part.said;
    const owner = mac && owners.claim(`${network}/${mac}`, part);
    if (!owner) continue;
    report(part.at('mac'), 'TN2115', `the MAC address ${mac} is taken`, {
      related: [{ path: owner.at('mac'), text: `container \`${owner.container.said.name}\` has it` }],
    });
  }
}

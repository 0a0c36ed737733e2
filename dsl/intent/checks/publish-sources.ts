import type { Family } from '../../core/address';
import { type PartyFamilies, partyFamilies, reportWithoutAddress } from './parties';
import type { Parts, PublishPart } from './parts';
import type { Report } from './rule';

/** Whom `from` lets in has to have an address of a family that the publish leads to. */
export function checkPublishSources(parts: Parts, report: Report): void {
  const familiesOf = partyFamilies(parts);
  for (const part of parts.publishes) if (part.said.from.length > 0) checkSources(part, familiesOf, parts, report);
}

function checkSources(part: PublishPart, familiesOf: PartyFamilies, parts: Parts, report: Report): void {
  const own = familiesOf(part.container.said.name);
  const { spec, from } = part.said;
  const target = spec.address ? new Set<Family>([spec.address.family]) : own;
  from.forEach((word, index) => {
    const path = part.at('from', index);
    const source = familiesOf(word);
    if (source?.size === 0)
      reportWithoutAddress(word, path, parts, 'the host reaches what it publishes whatever `from` says', report);
    else if (source && own?.size && target && ![...source].some((family) => target.has(family)))
      report(path, 'TN2114', `\`${word}\` has only IPv${[...source][0]} addresses, the publish leads to none`, {
        related: [{ path: part.at('spec'), text: 'the publish' }],
      });
  });
}

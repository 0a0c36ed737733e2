import type { ContainerPart, Parts } from './parts';
import type { Report } from './rule';

/** A joined namespace is one that its owner made; who has no namespace of its own has nothing to say about it. */
export function checkModes({ containers, containersByName }: Parts, report: Report): void {
  for (const part of containers) {
    const owner = part.joined;
    if (owner !== undefined) checkJoin(part, owner, containersByName.get(owner), report);
    if (owner !== undefined) checkWithout(part, 'another container', report);
    if (part.said.networks === 'host') checkWithout(part, 'the host', report);
  }
}

function checkJoin(part: ContainerPart, name: string, owner: ContainerPart | undefined, report: Report): void {
  const path = part.at('networks', 'container');
  if (name === part.said.name) report(path, 'TN2104', `container \`${name}\` cannot join itself`);
  else if (owner?.joined !== undefined)
    report(path, 'TN2104', `container \`${name}\` has no namespace of its own to join`, {
      related: [{ path: owner.at('networks'), text: 'it joins another itself' }],
    });
}

/** The words of a container that make files or ports of its own namespace, as a person writes them. */
const OWN = [
  ['hostname', 'hostname'],
  ['dns', 'dns'],
  ['dnsSearch', 'dns-search'],
  ['hosts', 'host'],
  ['expose', 'expose'],
] as const;

function checkWithout(part: ContainerPart, owner: string, report: Report): void {
  for (const [key, keyword] of OWN) {
    const said = part.said[key];
    if (said === undefined || said.length === 0) continue;
    report(
      typeof said === 'string' ? part.at(key) : part.at(key, 0),
      'TN2104',
      `\`${keyword}\` cannot act: the namespace of \`${part.said.name}\` belongs to ${owner}`,
      { related: [{ path: part.at('networks'), text: 'its network mode' }] },
    );
  }
}

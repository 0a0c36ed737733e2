import { Claims } from './claims';
import type { ContainerPart, Parts } from './parts';
import type { Report } from './rule';

/** A link joins two containers that share a network, and a name it makes known stands for one of them. */
export function checkLinks({ containers, containersByName }: Parts, report: Report): void {
  for (const part of containers) {
    if (part.said.links.length === 0) continue;
    checkTargets(part, containersByName, report);
    checkAliases(part, report);
  }
}

function checkTargets(part: ContainerPart, byName: ReadonlyMap<string, ContainerPart>, report: Report): void {
  const { name, links } = part.said;
  const own = new Set<string>(part.attachments.map(({ said: { network } }) => network));
  links.forEach(({ target }, index) => {
    const path = part.at('links', index);
    const other = byName.get(target);
    if (target === name) report(path, 'TN2104', `container \`${name}\` cannot link to itself`);
    else if (other && !other.attachments.some(({ said: { network } }) => own.has(network)))
      report(path, 'TN2104', `\`${name}\` and \`${target}\` share no network, so the link leads nowhere`, {
        related: [{ path: other.at('name'), text: 'the linked container' }],
      });
  });
}

function checkAliases(part: ContainerPart, report: Report): void {
  const meanings = new Claims<string, { readonly target: string; readonly index: number }>();
  part.said.links.forEach(({ target, alias }, index) => {
    for (const name of new Set<string>([target, alias ?? target])) {
      const first = meanings.claim(name, { target, index });
      if (!first || first.target === target) continue;
      report(part.at('links', index), 'TN2104', `\`${name}\` would be the name of two linked containers`, {
        related: [{ path: part.at('links', first.index), text: `it is \`${first.target}\` here` }],
      });
    }
  });
}

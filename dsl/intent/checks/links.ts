import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { Claims } from './claims';
import { attachmentsOf, type ContainerPart, containersByName, containersOf } from './parts';

/** A link joins two containers that share a network, and a name it makes known stands for one of them. */
export function checkLinks(intent: Intent): LocatedProblem[] {
  const byName = containersByName(intent);
  return containersOf(intent).flatMap((part) => [...checkTargets(part, byName), ...checkAliases(part)]);
}

function checkTargets(part: ContainerPart, byName: ReadonlyMap<string, ContainerPart>): LocatedProblem[] {
  const { name, links } = part.container;
  const own = new Set(attachmentsOf(part).map(({ attachment }) => attachment.network));
  return links.flatMap(({ target }, index): LocatedProblem[] => {
    const path = [...part.path, 'links', index];
    if (target === name) return [problemAt(path, 'TN2104', `container \`${name}\` cannot link to itself`)];
    const other = byName.get(target);
    if (!other || attachmentsOf(other).some(({ attachment }) => own.has(attachment.network))) return [];
    return [
      problemAt(path, 'TN2104', `\`${name}\` and \`${target}\` share no network, so the link leads nowhere`, {
        related: [{ path: [...other.path, 'name'], text: 'the linked container' }],
      }),
    ];
  });
}

function checkAliases({ container: { links }, path }: ContainerPart): LocatedProblem[] {
  const meanings = new Map<string, string>();
  const claims = new Claims();
  return links.flatMap(({ target, alias }, index) =>
    [...new Set([target as string, ...(alias ? [alias as string] : [])])].flatMap((name) => {
      const at = [...path, 'links', index];
      const first = claims.claim(name, { path: at, text: `it is \`${target}\` here` });
      if (!first) meanings.set(name, target);
      if (!first || meanings.get(name) === target) return [];
      return [problemAt(at, 'TN2104', `\`${name}\` would be the name of two linked containers`, { related: [first] })];
    }),
  );
}

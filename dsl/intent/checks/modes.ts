import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';

/** Joined namespaces lead to a container with one of its own; links join containers that share a network. */
export function checkModes({ containers }: Intent): LocatedProblem[] {
  const byName = new Map(containers.map((container, index) => [container.name as string, { container, index }]));
  return containers.flatMap((container, index) => {
    const problems: LocatedProblem[] = [];
    const { networks, links } = container;
    if (typeof networks === 'object' && 'container' in networks) {
      const target = byName.get(networks.container);
      const path = ['containers', index, 'networks', 'container'];
      if (networks.container === container.name)
        problems.push(problemAt(path, 'TN2104', `container \`${container.name}\` cannot join itself`));
      else if (target && typeof target.container.networks === 'object' && 'container' in target.container.networks)
        problems.push(
          problemAt(path, 'TN2104', `container \`${networks.container}\` has no namespace of its own to join`, {
            related: [{ path: ['containers', target.index, 'networks'], text: 'it joins another itself' }],
          }),
        );
    }
    for (const [at, { target }] of links.entries()) {
      const path = ['containers', index, 'links', at];
      const other = byName.get(target);
      if (target === container.name)
        problems.push(problemAt(path, 'TN2104', `container \`${container.name}\` cannot link to itself`));
      else if (other && !sharesNetwork(networks, other.container.networks))
        problems.push(
          problemAt(
            path,
            'TN2104',
            `\`${container.name}\` and \`${target}\` share no network, so the link leads nowhere`,
            {
              related: [{ path: ['containers', other.index, 'name'], text: 'the linked container' }],
            },
          ),
        );
    }
    return problems;
  });
}

type Networks = Intent['containers'][number]['networks'];

function sharesNetwork(one: Networks, other: Networks): boolean {
  return (
    Array.isArray(one) &&
    Array.isArray(other) &&
    one.some((mine) => other.some((theirs) => theirs.network === mine.network))
  );
}

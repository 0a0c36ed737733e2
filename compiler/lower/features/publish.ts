import type { Address } from '../../../dsl/core/address';
import { portCount } from '../../../dsl/core/port';
import type { Container, Publish, Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, number, symbol } from '../../../dsl/ruleset/nodes';
import { type Elements, ofFamilies } from '../elements';

const PUBLISH = ofFamilies('publish');
const PUBLISH_AT = ofFamilies('publish_at');
const PUBLISHED = ofFamilies('published');

/** Each published port is one map element from host port to container port, and one that opens the container's port. */
export function lowerPublishes({ containers }: Topology, elements: Elements): void {
  for (const container of containers) {
    // The ports of one publish are all different.
    const opened = container.publishes.length > 1 ? new Set<string>() : undefined;
    for (const publish of container.publishes)
      for (const target of publish.targets) lowerPublish(container, publish, target, opened, elements);
  }
}

function lowerPublish(
  { name }: Container,
  { hostAddress, hostPorts, ports, protocol, path }: Publish,
  target: Address,
  opened: Set<string> | undefined,
  elements: Elements,
): void {
  const to = addressConstant(target);
  for (let index = 0; index < portCount(ports); index++) {
    const hostPort = number(hostPorts.first + index);
    const port = number(ports.first + index);
    const data = concat(to, port);
    if (hostAddress)
      elements.add(PUBLISH_AT[target.family], path, concat(addressConstant(hostAddress), symbol(protocol), hostPort), {
        data,
        comment: name,
      });
    else elements.add(PUBLISH[target.family], path, concat(symbol(protocol), hostPort), { data, comment: name });
    if (opened && !claims(opened, `${target.family}/${protocol}/${ports.first + index}`)) continue;
    elements.add(PUBLISHED[target.family], path, concat(to, symbol(protocol), port));
  }
}

/** Whether this is the first to ask for it. */
function claims(taken: Set<string>, key: string): boolean {
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
}

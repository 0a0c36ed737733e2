import type { Topology } from '../../../dsl/intent/topology';
import { addressConstant, concat, text } from '../../../dsl/ruleset/nodes';
import type { Elements } from '../elements';

/** Which bridges there are, what their own addresses are, and who reaches whom across them without a policy. */
export function lowerBridges({ networks }: Topology, elements: Elements): void {
  for (const { bridge, subnets, icc, isolated, internal, nat, logDrops, trustedInterfaces, path } of networks) {
    const name = text(bridge);
    elements.add('bridges', path, name);
    if (icc) elements.add('peers', path, concat(name, name));
    for (const trusted of trustedInterfaces) elements.add('peers', path, concat(text(trusted), name));
    if (isolated) elements.add('isolated', path, name);
    if (internal) elements.add('internal', [...path, 'internal'], name);
    if (nat.kind === 'routed') elements.add('routed', path, name);
    if (logDrops) elements.add('logged', path, name);
    for (const { gateway } of subnets) {
      const address = addressConstant(gateway);
      elements.add(`gateway${gateway.family}`, path, concat(name, address));
      elements.add(`gateways${gateway.family}`, path, address);
      if (internal) elements.add(`internal_gateways${gateway.family}`, path, address);
    }
  }
}

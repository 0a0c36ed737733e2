import { type LocatedProblem, problemAt } from '../located-problem';
import type { Intent } from '../model';
import { checkAddresses } from './addresses';
import { checkBridges } from './bridges';
import { checkGateways } from './gateways';
import { checkHostPorts } from './host-ports';
import { checkLinks } from './links';
import { checkMacs } from './macs';
import { checkModes } from './modes';
import { checkNames } from './names';
import { checkNetworks } from './networks';
import { Parts } from './parts';
import { checkPolicies } from './policies';
import { checkPublishSources } from './publish-sources';
import { checkPublishes } from './publishes';
import { checkReferences } from './references';
import { checkRepeats } from './repeats';
import type { Rule } from './rule';
import { checkSubnets } from './subnets';
import { checkTraffic } from './traffic';

const RULES: readonly Rule[] = [
  checkNames,
  checkReferences,
  checkRepeats,
  checkSubnets,
  checkNetworks,
  checkGateways,
  checkAddresses,
  checkMacs,
  checkBridges,
  checkModes,
  checkLinks,
  checkPublishes,
  checkPublishSources,
  checkHostPorts,
  checkPolicies,
  checkTraffic,
];

/** Everything that is wrong with what an intent says, all at once. */
export function check(intent: Intent): LocatedProblem[] {
  const parts = new Parts(intent);
  const problems: LocatedProblem[] = [];
  for (const rule of RULES) rule(parts, (...problem) => problems.push(problemAt(...problem)));
  return problems;
}

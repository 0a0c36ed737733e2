import type { LocatedProblem } from '../located-problem';
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
import { checkPolicies } from './policies';
import { checkPublishSources } from './publish-sources';
import { checkPublishes } from './publishes';
import { checkReferences } from './references';
import { checkRepeats } from './repeats';
import { checkSubnets } from './subnets';
import { checkTraffic } from './traffic';

const CHECKS = [
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
  return CHECKS.flatMap((rule) => rule(intent));
}

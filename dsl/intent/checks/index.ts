import type { LocatedProblem } from '../located-problem';
import type { Intent } from '../model';
import { checkAddresses } from './addresses';
import { checkBridges } from './bridges';
import { checkModes } from './modes';
import { checkNames } from './names';
import { checkPolicies } from './policies';
import { checkPublishes } from './publishes';
import { checkReferences } from './references';
import { checkSubnets } from './subnets';

const CHECKS = [
  checkNames,
  checkReferences,
  checkSubnets,
  checkAddresses,
  checkPublishes,
  checkModes,
  checkBridges,
  checkPolicies,
];

/** Everything that is wrong with what an intent says, all at once. */
export function check(intent: Intent): LocatedProblem[] {
  return CHECKS.flatMap((rule) => rule(intent));
}

import type { Table } from '../../../dsl/ruleset/tree';
import { DOCKER_BRIDGES, DOCKER_CHECKSUMS, DOCKER_PORTS, DOCKER_RULES, DOCKER_SUBNETS } from './docker';
import { Facts } from './facts';
import { readPatterns } from './patterns';
import { PODMAN_CHAINS, PODMAN_NETWORKS, PODMAN_PORTS, PODMAN_RULES, PODMAN_SHARED } from './podman';

/** What the programs whose rules are known have written, each list with the help of what those before it told. */
export function recognize(tables: readonly Table[]): Facts {
  const facts = new Facts();
  readPatterns(
    tables,
    [
      PODMAN_CHAINS,
      [...DOCKER_BRIDGES, ...PODMAN_NETWORKS],
      [...DOCKER_SUBNETS, ...PODMAN_RULES],
      DOCKER_RULES,
      [...DOCKER_PORTS, ...PODMAN_PORTS],
      [...DOCKER_CHECKSUMS, ...PODMAN_SHARED],
    ],
    facts,
  );
  return facts;
}

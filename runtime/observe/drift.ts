import type { Observation } from '../host/port';
import { recorded } from '../plan/plan';
import { missingOf, unhookedOf } from '../plan/ruleset';
import type { State } from '../state/store';

/** What is not as it was applied, in words. */
export function driftOf(state: State, seen: Observation, sysctl: (key: string) => string | undefined): string[] {
  const { bridges, sandboxes, sysctls } = recorded(state);
  const links = new Map(seen.links.map((link) => [link.name, link]));
  const drift: string[] = [];
  for (const { name, addresses, mac, mtu } of bridges) {
    const link = links.get(name);
    if (link?.kind !== 'bridge') {
      drift.push(`the bridge ${name} is gone`);
      continue;
    }
    if (!link.up) drift.push(`the bridge ${name} is down`);
    if (link.mac !== mac) drift.push(`the bridge ${name} has MAC address ${link.mac}, not ${mac}`);
    if (mtu !== null && link.mtu !== mtu) drift.push(`the bridge ${name} has MTU ${link.mtu}, not ${mtu}`);
    for (const address of addresses)
      if (!link.addresses.includes(address)) drift.push(`the bridge ${name} has lost its address ${address}`);
  }
  for (const { container, namespace, endpoints } of sandboxes) {
    if (!seen.namespaces.includes(namespace)) {
      drift.push(`the network namespace of ${container} is gone`);
      continue;
    }
    for (const { veth, bridge, guarded } of endpoints) {
      const link = links.get(veth);
      if (!link) drift.push(`the interface ${veth} of ${container} is gone`);
      else if (link.master !== bridge) drift.push(`the interface ${veth} of ${container} is not on ${bridge}`);
      else if (!link.up) drift.push(`the interface ${veth} of ${container} is down`);
      if (link && guarded && seen.guarded?.has(veth) === false)
        drift.push(`the port ${veth} of ${container} has no guard`);
    }
  }
  for (const table of state.host?.tables ?? [])
    if (!seen.tables.includes(table)) drift.push(`the nft table ${table} is gone`);
  const xtables = state.host?.xtables;
  if (xtables && seen.xtables)
    for (const family of ['ip', 'ip6'] as const) {
      drift.push(...missingOf(xtables[family], seen.xtables[family]));
      drift.push(...unhookedOf(xtables[family], seen.xtables[family]));
    }
  for (const { key, value } of sysctls) {
    const now = sysctl(key);
    if (now !== value) drift.push(`${key.replaceAll('/', '.')} is ${now ?? 'missing'}, not ${value}`);
  }
  return drift;
}

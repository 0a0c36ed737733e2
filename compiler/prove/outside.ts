import type { Ruleset, Table } from '../../dsl/ruleset/tree';
import type { ProvenPlane } from './planes';

function isHooked({ chains }: Table): boolean {
  return chains.some(({ base }) => base?.hook === 'ingress' || base?.hook === 'egress');
}

/** What of a ruleset a comparison of these planes does not look at. */
export function outsideOf({ tables }: Ruleset, planes: readonly ProvenPlane[]): readonly string[] {
  const unseen = tables.filter(
    ({ family }) => family === 'netdev' || ((family === 'bridge' || family === 'arp') && !planes.includes(family)),
  );
  const hooked = tables.flatMap((table) =>
    unseen.includes(table)
      ? []
      : table.chains
          .filter(({ base }) => base?.hook === 'ingress' || base?.hook === 'egress')
          .map(({ name }) => `chain ${name} of table ${table.family} ${table.name}`),
  );
  return [...unseen.map(({ family, name }) => `table ${family} ${name}`), ...hooked];
}

/**
 * Whether what no comparison looks at, where packets come in and leave by a device, stands in both word by word. It is
 * not known to do the same otherwise.
 */
export function sameAtDevices(first: Ruleset, second: Ruleset): boolean {
  const [one, other] = [first, second].map(({ tables }) =>
    tables
      .filter((table) => table.family === 'netdev' || isHooked(table))
      .map(plain)
      .sort()
      .join('\n'),
  );
  return one === other;
}

const UNSAID: ReadonlySet<string> = new Set(['origin', 'comment', 'handle']);

function plain(table: Table): string {
  return JSON.stringify(table, (key, value) =>
    UNSAID.has(key) ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}

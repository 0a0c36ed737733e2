import type { Met } from '../evaluate/walk';

/**
 * Why the fixed program refuses a packet, by the chain that it is refused in. Where a statement of the user's says so, that
 * statement is named beside it.
 */
export const REASONS: Readonly<Record<string, string>> = {
  'inet screen': 'no container reaches addresses of 127.0.0.0/8 that are not its own',
  'inet admit': 'it is not from a source that the port is published for, or past its rate',
  'inet host_output': 'hosts of an isolated network are not redirected past the host',
  'inet container_to_host': 'containers reach the host at the address of their own network, if anything',
  'inet to_container': 'it belongs to no connection',
  'inet new_to_container': 'no statement lets it reach that container',
  'inet from_container': 'a statement denies it',
  'bridge only_to_host': 'in its network, ports speak to the host only',
  'bridge between': 'in its network, ports speak to the host only',
  'bridge guard':
    'it does not carry the MAC and IP address that its sender was given, or only a router or DHCP server says that',
};

/** The same by the set that the packet was found in, or not found in, where that says more. */
const BY_SET: readonly (readonly [RegExp, string])[] = [
  [/^deny/, 'a statement denies it'],
  [/^internal/, 'an internal network is reached from within only, and reaches nothing else'],
  [/^(restricted|admitted)/, 'it is not from a source that the port is published for'],
  [/^limited/, 'it is past the rate that the port is published at'],
];

/** The reason, where the program itself let nobody else decide, or where nobody did. */
export function reasonOf(met: readonly Met[]): string | undefined {
  const refusing = met.findLast(
    ({ routine }) => routine.chain.name !== 'refuse' && !routine.chain.name.startsWith('log_'),
  );
  if (!refusing) return undefined;
  const { table, chain } = refusing.routine;
  if (!refusing.sentence)
    return `no rule of chain ${chain.name} (${table.family} ${table.name}) accepts it, and its policy is drop`;
  if (table.origin.kind !== 'program') return undefined;
  const [set = ''] = refusing.sentence.rule.statements.flatMap((statement) =>
    statement.kind === 'match' && statement.right.kind === 'named set' ? [statement.right.name] : [],
  );
  return BY_SET.find(([named]) => named.test(set))?.[1] ?? REASONS[`${table.family} ${chain.name}`];
}

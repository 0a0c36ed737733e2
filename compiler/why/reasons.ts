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
  'inet from_container': 'a statement denies it, or its network is internal',
  'bridge only_to_host': 'in its network, ports speak to the host only',
  'bridge between': 'in its network, ports speak to the host only',
  'bridge guard':
    'it does not carry the MAC and IP address that its sender was given, or only a router or DHCP server says that',
};

/** The reason, where the program itself let nobody else decide. */
export function reasonOf(met: readonly Met[]): string | undefined {
  const refusing = met.findLast(
    ({ routine }) => routine.chain.name !== 'refuse' && !routine.chain.name.startsWith('log_'),
  );
  if (refusing?.routine.table.origin.kind !== 'program') return undefined;
  return REASONS[`${refusing.routine.table.family} ${refusing.routine.chain.name}`];
}

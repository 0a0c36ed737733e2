import { formatPrefix, overlaps, type Prefix, parsePrefix, prefixOf, readAddress } from '../../dsl/core/address';
import type { HostLink } from '../host/port';

export const DEFAULT_NETWORK = 'bridge';

/** The first of Docker's pools, 172.17.0.0/16 to 172.31.0.0/16, that neither a network nor an interface uses. */
export function defaultSubnet(subnets: readonly string[], links: readonly HostLink[]): string | undefined {
  const used = [...subnets, ...links.flatMap(({ addresses }) => addresses)].flatMap(blockOf);
  for (let second = 17; second <= 31; second++) {
    const pool = parsePrefix(`172.${second}.0.0/16`);
    if (pool.ok && !used.some((prefix) => overlaps(prefix, pool.value))) return formatPrefix(pool.value);
  }
  return undefined;
}

function blockOf(text: string): Prefix[] {
  const [word = '', length = ''] = text.split('/');
  const address = readAddress(word);
  return address && /^\d+$/.test(length) ? [prefixOf(address, Number(length))] : [];
}

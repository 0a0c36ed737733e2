import type { HostName } from '../../core/names';
import type { LinkIntent } from '../model';
import type { Endpoint, HostEntry } from '../topology';
import type { FindContainer } from './placed';

/** What a container's /etc/hosts says of the containers it links to, by their address on a network both are in. */
export function linkedHosts(
  links: readonly LinkIntent[],
  endpoints: readonly Endpoint[],
  find: FindContainer,
): HostEntry[] {
  return links.flatMap(({ target, alias }) => {
    const shared = find(target)?.endpoints.find((one) => endpoints.some((own) => own.network === one.network));
    if (!shared) return [];
    const names = [...new Set([...(alias ? [alias] : []), target as string as HostName, ...shared.aliases])];
    return shared.addresses.map(({ address }) => ({ address, names }));
  });
}

import type { HostName } from '../../core/names';
import type { ContainerIntent } from '../model';
import type { Endpoint, HostEntry } from '../topology';

/** What a container's /etc/hosts says of the containers it links to, by their address on a network both are in. */
export function linkedHosts(
  container: ContainerIntent,
  endpoints: readonly Endpoint[],
  endpointsOf: (container: string) => readonly Endpoint[],
): HostEntry[] {
  return container.links.flatMap(({ target, alias }) => {
    const shared = endpointsOf(target).find((one) => endpoints.some((own) => own.network === one.network));
    if (!shared) return [];
    const names = [...new Set([...(alias ? [alias] : []), target as string as HostName, ...shared.aliases])];
    return shared.addresses.map(({ address }) => ({ address, names }));
  });
}

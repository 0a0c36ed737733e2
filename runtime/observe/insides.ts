import type { Insides } from '../host/port';
import type { Wanted, WantedEndpoint, WantedSandbox } from '../plan/wanted';

/** What is not as it should be inside a sandbox. */
export interface InsideDrift {
  readonly sandbox: WantedSandbox;
  readonly endpoint: WantedEndpoint;
  readonly what: string;
}

/** Only of namespaces that were looked into; an interface that is gone is missed on the host's side too. */
export function insideDrift({ sandboxes }: Wanted, insides: Insides): InsideDrift[] {
  return sandboxes.flatMap((sandbox) =>
    sandbox.endpoints.flatMap((endpoint): InsideDrift[] => {
      const device = insides.get(sandbox.namespace)?.find(({ name }) => name === endpoint.interface);
      if (!device) return [];
      const where = `${endpoint.interface} of ${sandbox.container}`;
      const lost = endpoint.addresses.filter((address) => !device.addresses.includes(address));
      return [
        ...(device.up ? [] : [{ sandbox, endpoint, what: `${where} is down` }]),
        ...lost.map((address) => ({ sandbox, endpoint, what: `${where} has lost its address ${address}` })),
      ];
    }),
  );
}

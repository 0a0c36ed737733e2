import type { HostOp } from '../port';
import {
  type Ask,
  addAddress,
  addBridge,
  addVeth,
  proxyNeighbour,
  removeAddress,
  removeLink,
  setAddressGeneration,
  setDefaultRoute,
  setLink,
  unproxyNeighbour,
} from './route';

/** Requests of the kernel that do an operation, in the host's own namespace or in a container's. */
export interface Asks {
  readonly namespace: string | undefined;
  readonly asks: readonly Ask[];
}

/**
 * What `encodeIp` says in words, line for line, so that a request that is refused can be named. `open` gives a namespace
 * as an open file. Undefined for what is left to the programs.
 */
export function asksOf(op: HostOp, open: (namespace: string) => number): Asks | undefined {
  switch (op.op) {
    case 'bridge.add':
      return host(addBridge(op));
    case 'veth.add':
      return host(...addVeth(op, open(op.namespace)));
    case 'link.up':
      return host(setLink(op.name, 'up'));
    case 'link.down':
      return host(setLink(op.name, 'down'));
    case 'address.add':
      return host(addAddress(op.name, op.address, 'exclusive'));
    case 'neighbour.proxy':
      return host(proxyNeighbour(op.name, op.address));
    case 'sandbox.prepare':
      return {
        namespace: op.namespace,
        asks: [
          setLink('lo', 'up'),
          ...op.interfaces.flatMap(({ name, ipv6, addresses }) => [
            setAddressGeneration(name, ipv6 ? 'eui64' : 'none'),
            ...addresses.map((address) => addAddress(name, address, 'replace')),
          ]),
        ],
      };
    case 'sandbox.up':
      return {
        namespace: op.namespace,
        asks: [
          ...op.interfaces.map((name) => setLink(name, 'up')),
          ...op.gateways.map(({ interface: device, gateway }) => setDefaultRoute(device, gateway)),
        ],
      };
    default:
      return undefined;
  }
}

/** What takes something away, `encodeRemoval` in other words; namespaces are not the kernel's to name. */
export function removalOf(op: HostOp): Ask | undefined {
  switch (op.op) {
    case 'link.remove':
      return removeLink(op.name);
    case 'address.remove':
      return removeAddress(op.name, op.address);
    case 'neighbour.unproxy':
      return unproxyNeighbour(op.name, op.address);
    default:
      return undefined;
  }
}

function host(...asks: readonly Ask[]): Asks {
  return { namespace: undefined, asks };
}

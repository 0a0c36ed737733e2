import { bytecode, frameGuard, hearing } from './frame-guard';
import type { HostOp } from './port';

/** Commands for `ip -batch -` (or `tc -batch -`), in the host's own namespace or in a container's. */
export interface IpBatch {
  readonly tool?: 'tc';
  readonly namespace: string | undefined;
  readonly lines: readonly string[];
}

/** The `ip` commands that do an operation, or undefined when `ip` is not the tool for it. */
export function encodeIp(op: HostOp): IpBatch | undefined {
  switch (op.op) {
    case 'namespace.add':
      return host(`netns add ${op.namespace}`);
    case 'bridge.add':
      return host(`link add name ${op.name} address ${op.mac}${mtu(op.mtu)} type bridge`);
    case 'veth.add':
      return host(
        `link add name ${op.name}${mtu(op.mtu)} type veth peer name ${op.peer} address ${op.mac}${mtu(op.mtu)} netns ${op.namespace}`,
        `link set dev ${op.name} addrgenmode none master ${op.bridge}`,
        `link set dev ${op.name} type bridge_slave hairpin on`,
      );
    case 'port.guard':
      return {
        ...host(
          `qdisc replace dev ${op.name} clsact`,
          `filter replace dev ${op.name} ingress protocol all pref 1 handle 1 bpf direct-action bytecode "${bytecode(frameGuard(op))}"`,
          `filter replace dev ${op.name} egress protocol all pref 1 handle 1 bpf direct-action bytecode "${bytecode(hearing(op))}"`,
        ),
        tool: 'tc',
      };
    case 'sandbox.forget':
      return { namespace: op.namespace, lines: [`neighbour flush dev ${op.interface}`] };
    case 'link.up':
      return host(`link set dev ${op.name} up`);
    case 'link.down':
      return host(`link set dev ${op.name} down`);
    case 'address.add':
      return host(`address add ${op.address} dev ${op.name}${noDad(op.address)}`);
    case 'neighbour.proxy':
      return host(`neighbour add proxy ${op.address} dev ${op.name}`);
    case 'sandbox.prepare':
      return {
        namespace: op.namespace,
        lines: [
          'link set dev lo up',
          ...op.interfaces.flatMap(({ name, ipv6, addresses }) => [
            // Its link-local address is what the guard rules expect, whatever the system's default is.
            `link set dev ${name} addrgenmode ${ipv6 ? 'eui64' : 'none'}`,
            ...addresses.map((address) => `address replace ${address} dev ${name}${noDad(address)}`),
          ]),
        ],
      };
    case 'sandbox.up':
      return {
        namespace: op.namespace,
        lines: [
          ...op.interfaces.map((name) => `link set dev ${name} up`),
          ...op.gateways.map(
            ({ interface: device, gateway }) =>
              `route replace ${gateway.includes(':') ? '::/0' : '0.0.0.0/0'} via ${gateway} dev ${device}`,
          ),
        ],
      };
    default:
      return undefined;
  }
}

/** The command that takes something away, for `ip -force -batch -`. */
export function encodeRemoval(op: HostOp): string | undefined {
  switch (op.op) {
    case 'namespace.remove':
      return `netns delete ${op.namespace}`;
    case 'link.remove':
      return `link delete dev ${op.name}`;
    case 'address.remove':
      return `address delete ${op.address} dev ${op.name}`;
    case 'neighbour.unproxy':
      return `neighbour delete proxy ${op.address} dev ${op.name}`;
    default:
      return undefined;
  }
}

function host(...lines: readonly string[]): IpBatch {
  return { namespace: undefined, lines };
}

function mtu(value: number | null): string {
  return value === null ? '' : ` mtu ${value}`;
}

/** Addresses are handed out without a collision, so nobody has to wait for duplicate address detection. */
function noDad(address: string): string {
  return address.includes(':') ? ' nodad' : '';
}

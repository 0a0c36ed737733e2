import type { Layout, Placed, Wire } from '../../compiler';
import { formatAddress } from '../../dsl/core/address';

/** Lines for `ip -batch`, in a named network namespace or in the one that we are in. */
export interface IpBatch {
  readonly namespace: string | undefined;
  readonly lines: readonly string[];
}

/**
 * How a layout comes to be, batch by batch: `outside` is made, `host`, where it is not ours, is there. All that the
 * outside does not have itself it sends to the host, containers' addresses too; the host sends the rest of the world
 * outside.
 */
export function wiring({ wires }: Layout, outside: string, host?: string): readonly IpBatch[] {
  const [uplink] = wires;
  return [
    { namespace: undefined, lines: [`netns add ${outside}`] },
    {
      namespace: host,
      lines: [
        'link set lo up',
        ...wires.map(({ name }) => `link add ${name} type veth peer name ${name} netns ${outside}`),
        ...wires.flatMap(({ name, host: placed }) => interfaceLines(name, placed, 'fe80::1')),
      ],
    },
    {
      namespace: outside,
      lines: [
        'link set lo up',
        ...wires.flatMap(({ name, outside: placed }) => interfaceLines(name, placed, 'fe80::9')),
        ...wires.flatMap((wire, index) => routes(wire.name, wire.host, index)),
      ],
    },
    { namespace: host, lines: routes(uplink.name, uplink.outside, 0) },
  ];
}

/**
 * Link-local addresses of the kernel's choice would be tentative for a second, and nothing be forwarded meanwhile. What the
 * intent names is not what others leave with: of IPv6's the kernel would take the one that was added last.
 */
function interfaceLines(name: string, placed: readonly Placed[], linkLocal: string): string[] {
  return [
    `link set ${name} addrgenmode none`,
    `link set ${name} up`,
    ...placed.map(({ address, length, named }) => {
      const how = address.family === 4 ? '' : named ? ' nodad preferred_lft 0' : ' nodad';
      return `address add ${formatAddress(address)}/${length} dev ${name}${how}`;
    }),
    `address add ${linkLocal}/64 dev ${name} nodad`,
  ];
}

/** Default routes by the other end's addresses; the first wire's come first. */
function routes(name: string, otherEnd: Wire['host'], index: number): string[] {
  const everywhere = { 4: '0.0.0.0/0', 6: '::/0' } as const;
  return ([4, 6] as const).flatMap((family) => {
    const via = otherEnd.find(({ address, named }) => address.family === family && !named);
    return via
      ? [`route add ${everywhere[family]} via ${formatAddress(via.address)} dev ${name} metric ${index + 1}`]
      : [];
  });
}

import { parseAddress } from '../../../dsl/core/address';
import type { HostOp } from '../port';
import { attribute, FLAG, request, text, u8, u16, u32 } from './message';
import { KernelError, type Netlink } from './netlink';

/** rtnetlink(7): the kernel's own numbers (linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/neighbour.h). */
const LINK = { new: 16, delete: 17, get: 18, set: 19 } as const;
const ADDRESS = { new: 20, delete: 21 } as const;
const ROUTE = { new: 24 } as const;
const NEIGHBOUR = { new: 28, delete: 29 } as const;
const IFLA = { address: 1, name: 3, mtu: 4, master: 10, linkInfo: 18, afSpec: 26, group: 27, netnsFd: 28 } as const;
const INFO = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;
const [VETH_PEER, BRIDGE_PORT_HAIRPIN, ADDR_GEN_MODE] = [1, 4, 8];
const GEN_MODE = { eui64: 0, none: 1 } as const;
const IFA = { address: 1, local: 2 } as const;
const RTA = { oif: 4, gateway: 5 } as const;
const NDA_DESTINATION = 1;
const [IFF_UP, NO_DAD, PERMANENT, PROXY] = [1, 2, 0x80, 8];
const [MAIN_TABLE, BY_BOOT, UNIVERSE, HOST_SCOPE, UNICAST] = [254, 3, 0, 254, 1];
const FAMILY = { 4: 2, 6: 10 } as const;
const ENODEV = 19;

/** One request of the kernel; the ones that an operation takes are those of `encodeIp`, in its order. */
export type Ask = (socket: Netlink) => void;

export function addBridge({ name, mac, mtu }: Extract<HostOp, { op: 'bridge.add' }>): Ask {
  const kind = attribute(IFLA.linkInfo, attribute(INFO.kind, text('bridge')));
  return plain(() => request(LINK.new, FLAG.create | FLAG.exclusive, link(), ...described(name, mac, mtu), kind));
}

/** `namespace`: an open file of the one that the other end goes to. */
export function addVeth(op: Extract<HostOp, { op: 'veth.add' }>, namespace: number): Ask[] {
  const { name, mtu, peer, mac, bridge } = op;
  const other = attribute(VETH_PEER, link(), ...described(peer, mac, mtu), attribute(IFLA.netnsFd, u32(namespace)));
  const kind = attribute(IFLA.linkInfo, attribute(INFO.kind, text('veth')), attribute(INFO.data, other));
  const hairpin = attribute(INFO.slaveData, attribute(BRIDGE_PORT_HAIRPIN, u8(1)));
  return [
    plain(() => request(LINK.new, FLAG.create | FLAG.exclusive, link(), ...described(name, undefined, mtu), kind)),
    (socket) => {
      const master = attribute(IFLA.master, u32(indexOf(socket, bridge)));
      socket.ask(request(LINK.set, 0, link(), attribute(IFLA.name, text(name)), generation('none'), master));
    },
    plain(() =>
      request(
        LINK.new,
        0,
        link(),
        attribute(IFLA.name, text(name)),
        attribute(IFLA.linkInfo, attribute(INFO.slaveKind, text('bridge')), hairpin),
      ),
    ),
  ];
}

export function setLink(name: string, state: 'up' | 'down'): Ask {
  return plain(() => request(LINK.set, 0, link(state === 'up' ? IFF_UP : 0, IFF_UP), attribute(IFLA.name, text(name))));
}

export function removeLink(name: string): Ask {
  return plain(() => request(LINK.delete, 0, link(), attribute(IFLA.name, text(name))));
}

/** Links that are deleted as one group cost one wait for readers of the kernel's lists, not one each. */
export function groupLink(name: string, group: number): Ask {
  return plain(() => request(LINK.set, 0, link(), attribute(IFLA.name, text(name)), attribute(IFLA.group, u32(group))));
}

export function removeGroup(group: number): Ask {
  return plain(() => request(LINK.delete, 0, link(), attribute(IFLA.group, u32(group))));
}

export function setAddressGeneration(name: string, mode: keyof typeof GEN_MODE): Ask {
  return plain(() => request(LINK.set, 0, link(), attribute(IFLA.name, text(name)), generation(mode)));
}

export function addAddress(name: string, address: string, how: 'exclusive' | 'replace'): Ask {
  return (socket) => socket.ask(addressRequest(socket, ADDRESS.new, FLAG.create | FLAG[how], name, address));
}

export function removeAddress(name: string, address: string): Ask {
  return (socket) => socket.ask(addressRequest(socket, ADDRESS.delete, 0, name, address));
}

export function proxyNeighbour(name: string, address: string): Ask {
  return (socket) =>
    socket.ask(neighbourRequest(socket, NEIGHBOUR.new, FLAG.create | FLAG.exclusive, name, address, PERMANENT));
}

export function unproxyNeighbour(name: string, address: string): Ask {
  return (socket) => socket.ask(neighbourRequest(socket, NEIGHBOUR.delete, 0, name, address, 0));
}

export function setDefaultRoute(name: string, gateway: string): Ask {
  return (socket) => {
    const { family, bytes } = addressOf(gateway);
    socket.ask(
      request(
        ROUTE.new,
        FLAG.create | FLAG.replace,
        Buffer.concat([u8(FAMILY[family], 0, 0, 0, MAIN_TABLE, BY_BOOT, UNIVERSE, UNICAST), u32(0)]),
        attribute(RTA.gateway, bytes),
        attribute(RTA.oif, u32(indexOf(socket, name))),
      ),
    );
  };
}

function plain(message: () => Buffer): Ask {
  return (socket) => {
    socket.ask(message());
  };
}

/** struct ifinfomsg */
function link(flags = 0, change = 0): Buffer {
  return Buffer.concat([u8(0, 0), u16(0), u32(0), u32(flags), u32(change)]);
}

function described(name: string, mac: string | undefined, mtu: number | null): Buffer[] {
  return [
    attribute(IFLA.name, text(name)),
    ...(mac === undefined ? [] : [attribute(IFLA.address, Buffer.from(mac.replaceAll(':', ''), 'hex'))]),
    ...(mtu === null ? [] : [attribute(IFLA.mtu, u32(mtu))]),
  ];
}

function generation(mode: keyof typeof GEN_MODE): Buffer {
  return attribute(IFLA.afSpec, attribute(FAMILY[6], attribute(ADDR_GEN_MODE, u8(GEN_MODE[mode]))));
}

function addressRequest(socket: Netlink, type: number, flags: number, name: string, address: string): Buffer {
  const { family, bytes, length } = addressOf(address);
  const scope = family === 4 && bytes[0] === 127 ? HOST_SCOPE : UNIVERSE;
  return request(
    type,
    flags,
    Buffer.concat([
      u8(FAMILY[family], length, family === 6 && type === ADDRESS.new ? NO_DAD : 0, scope),
      u32(indexOf(socket, name)),
    ]),
    attribute(IFA.local, bytes),
    attribute(IFA.address, bytes),
  );
}

function neighbourRequest(
  socket: Netlink,
  type: number,
  flags: number,
  name: string,
  address: string,
  state: number,
): Buffer {
  const { family, bytes } = addressOf(address);
  return request(
    type,
    flags,
    Buffer.concat([u8(FAMILY[family], 0), u16(0), u32(indexOf(socket, name)), u16(state), u8(PROXY, 0)]),
    attribute(NDA_DESTINATION, bytes),
  );
}

function indexOf(socket: Netlink, name: string): number {
  const [answer] = socket.ask(request(LINK.get, 0, link(), attribute(IFLA.name, text(name))));
  if (!answer) throw new KernelError(ENODEV, `Cannot find device "${name}"`);
  return answer.payload.readInt32LE(4);
}

/** `172.17.0.1/16`, or an address alone. */
function addressOf(written: string): { family: 4 | 6; bytes: Buffer; length: number } {
  const [word = '', length] = written.split('/');
  const address = parseAddress(word);
  if (!address.ok) throw new Error(`not an address: ${written}`);
  const { family, value } = address.value;
  const width = family === 4 ? 4 : 16;
  const bytes = Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * width, '0'),
    'hex',
  );
  return { family, bytes, length: Number(length ?? 8 * width) };
}

import { type Address, formatIpv6, type Ipv6Address } from '../../core/address';
import { DIGEST_LENGTH, digestOf } from '../../core/digest';
import type { InterfaceName, MacAddress, Name } from '../../core/names';
import { once } from '../../core/once';
import type { EndpointAddress, Network } from '../topology';

/** IFNAMSIZ less its terminating NUL. */
const LONGEST = 15;

/** `tn-<network>`, its end replaced by a hash of the whole name where it would be too long. */
export function bridgeName(network: Name): InterfaceName {
  return fitted('tn-', network, '');
}

/** The host end of a container's n-th veth pair: `tv-<container>-<n>`, shortened the same way. */
export function vethName(container: Name, index: number): InterfaceName {
  return fitted(VETH, container, `-${index}`);
}

const VETH = 'tv-';

/** Whether a bridge's name begins as those of host ends do. */
export function isLikeVeth(bridge: string): boolean {
  return bridge.startsWith(VETH);
}

/** Whether a host end's name tells its container and number; the names of such are all different. */
export function isVethWhole(container: Name, index: number): boolean {
  return VETH.length + container.length + 1 + String(index).length <= LONGEST;
}

function fitted(prefix: string, name: string, suffix: string): InterfaceName {
  const whole = `${prefix}${name}${suffix}`;
  if (whole.length <= LONGEST) return whole as InterfaceName;
  const room = LONGEST - prefix.length - suffix.length - DIGEST_LENGTH - 1;
  const shortened = room < 0 ? '' : `${name.slice(0, room)}.`;
  return `${prefix}${shortened}${digestOf(whole)}${room < 0 ? '' : suffix}` as InterfaceName;
}

/** Docker's rule: 02:42 and the four bytes of the IPv4 address; without one, the last four of the IPv6 address. */
export function macFor(addresses: readonly EndpointAddress[]): MacAddress {
  return macFrom((addresses.find(isOfIpv4) ?? addresses[0])?.address);
}

function isOfIpv4({ address }: EndpointAddress): boolean {
  return address.family === 4;
}

/**
 * A bridge's MAC address, by the same rule from its own address. A bridge without one of its own changes it with its ports,
 * and containers lose their gateway for a while.
 */
export function bridgeMac({ subnets }: Network): MacAddress {
  return macFrom(subnets[0]?.gateway);
}

const hexOfBytes = once(() => Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')));

function macFrom(address: Address | undefined): MacAddress {
  const value = address?.value ?? 0;
  const low = typeof value === 'number' ? value : Number(BigInt.asUintN(32, value));
  const [first, second, third, last] = [low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255];
  const hex = hexOfBytes();
  return `02:42:${hex[first]}:${hex[second]}:${hex[third]}:${hex[last]}` as MacAddress;
}

/** The interface's own IPv6 link-local address, by modified EUI-64 (RFC 4291 appendix A). */
export function linkLocalOf(mac: MacAddress): string {
  const bytes = mac.split(':').map((byte) => BigInt(Number.parseInt(byte, 16)));
  const eui = [(bytes[0] ?? 0n) ^ 2n, bytes[1], bytes[2], 0xffn, 0xfen, bytes[3], bytes[4], bytes[5]];
  let value = 0xfe80n << 48n;
  for (const byte of eui) value = (value << 8n) | (byte ?? 0n);
  return formatIpv6(value as Ipv6Address);
}

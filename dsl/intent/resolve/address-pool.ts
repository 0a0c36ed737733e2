import { type Address, addressAt, boundsOf, contains, type Prefix } from '../../core/address';
import { Intervals } from '../../core/intervals';
import type { Subnet } from '../topology';

/** Gives out a subnet's addresses, lowest free one first. */
export class AddressPool {
  private readonly taken = new Set<bigint>();
  private readonly first: bigint;
  private readonly last: bigint;
  private next: bigint;

  constructor(
    private readonly subnet: Subnet,
    /** Held by containers that we are not told of, counted from the subnet's first address. */
    private readonly elsewhere = Intervals.EMPTY,
  ) {
    const usable = usableRange(subnet.prefix);
    this.first = usable.first;
    this.last = usable.last;
    this.next = usable.first;
    this.take(subnet.gateway);
  }

  take(address: Address): void {
    this.taken.add(BigInt(address.value));
  }

  /** Whether this address may be given to a container: inside the subnet, not its network or broadcast address, free. */
  isFree(address: Address): boolean {
    const value = BigInt(address.value);
    return contains(this.subnet.prefix, address) && value >= this.first && value <= this.last && !this.taken.has(value);
  }

  /** Undefined when the subnet is full. */
  takeNext(): Address | undefined {
    const base = boundsOf(this.subnet.prefix).first;
    for (;;) {
      const free = base + this.elsewhere.firstFree(this.next - base);
      if (free === this.next && !this.taken.has(free)) break;
      this.next = free === this.next ? free + 1n : free;
      if (this.next > this.last) break;
    }
    if (this.next > this.last) return undefined;
    const address = addressAt(this.subnet.prefix, this.next - base);
    if (address) this.take(address);
    return address;
  }
}

/** The first usable address: a network's default gateway. */
export function firstUsable(prefix: Prefix): Address | undefined {
  return addressAt(prefix, usableRange(prefix).first - boundsOf(prefix).first);
}

/**
 * Addresses for hosts: without IPv4's network and broadcast address (RFC 950), but both of a /31 (RFC 3021); without
 * IPv6's subnet-router anycast address (RFC 4291 section 2.6.1), but both of a /127 (RFC 6164).
 */
export function usableRange(prefix: Prefix): { first: bigint; last: bigint } {
  const { first, last } = boundsOf(prefix);
  if (last - first <= 1n) return { first, last };
  return prefix.family === 4 ? { first: first + 1n, last: last - 1n } : { first: first + 1n, last };
}

/** Whether a host in the subnet may have the address. */
export function isUsable(prefix: Prefix, address: Address): boolean {
  const { first, last } = usableRange(prefix);
  const value = BigInt(address.value);
  return prefix.family === address.family && value >= first && value <= last;
}

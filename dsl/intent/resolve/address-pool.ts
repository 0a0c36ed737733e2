import { type Address, addressAfter, addressFrom, boundsOf, type Prefix } from '../../core/address';
import { Intervals } from '../../core/intervals';
import type { Subnet } from '../topology';

/** Gives out a subnet's addresses, lowest free one first. */
export class AddressPool {
  private readonly taken = new Set<Address['value']>();
  private readonly last: Address;
  /** No address before it is free. */
  private next: Address;

  constructor(
    private readonly subnet: Subnet,
    /** Held by containers that we are not told of, counted from the subnet's first address. */
    private readonly elsewhere = Intervals.EMPTY,
  ) {
    const { first, last } = usableRange(subnet.prefix);
    this.last = last;
    this.next = first;
    this.take(subnet.gateway);
  }

  take(address: Address): void {
    this.taken.add(address.value);
  }

  /** Whether this address may be given to a container: inside the subnet, not its network or broadcast address, free. */
  isFree(address: Address): boolean {
    return isUsable(this.subnet.prefix, address) && address.value >= this.next.value && !this.taken.has(address.value);
  }

  /** Undefined when the subnet is full. */
  takeNext(): Address | undefined {
    for (;;) {
      const address = this.notElsewhere(this.next);
      if (address.value > this.last.value) return undefined;
      this.next = addressAfter(address);
      if (!this.taken.has(address.value)) return address;
    }
  }

  /** The address, or the first one after those that are held elsewhere. */
  private notElsewhere(address: Address): Address {
    if (this.elsewhere.isEmpty()) return address;
    const { first } = boundsOf(this.subnet.prefix);
    return addressFrom(address.family, first + this.elsewhere.firstFree(BigInt(address.value) - first));
  }
}

/** The first usable address: a network's default gateway. */
export function firstUsable(prefix: Prefix): Address {
  return usableRange(prefix).first;
}

/**
 * Addresses for hosts: without IPv4's network and broadcast address (RFC 950), but both of a /31 (RFC 3021); without
 * IPv6's subnet-router anycast address (RFC 4291 section 2.6.1), but both of a /127 (RFC 6164).
 */
export function usableRange(prefix: Prefix): { first: Address; last: Address } {
  const { first, last } = boundsOf(prefix);
  const isWhole = last - first <= 1n;
  return {
    first: addressFrom(prefix.family, isWhole ? first : first + 1n),
    last: addressFrom(prefix.family, isWhole || prefix.family === 6 ? last : last - 1n),
  };
}

/** Whether a host in the subnet may have the address. */
export function isUsable(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  const { first, last } = usableRange(prefix);
  return address.value >= first.value && address.value <= last.value;
}

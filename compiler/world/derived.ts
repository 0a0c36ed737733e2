import type { Family } from '../../dsl/core/address';
import type { Derive } from '../evaluate/walk';
import type { Names } from '../meaning/names';
import { addressFacts, addressIn } from './packet';
import { isShare } from './told';
import type { World } from './world';

/** ARPHRD_* of linux/if_arp.h. */
const ETHERNET_TYPE = 1;
const LOOPBACK_TYPE = 772;

/**
 * What no packet carries: the kinds of addresses, and the address that masquerade and redirect give. Where the kinds of
 * a packet's addresses are `told` with it, they are not the world's to say.
 */
export function derivation(names: Names, world: World, family: Family, told: boolean): Derive {
  return (field, read) => {
    if (isShare(field)) return 1;
    const [, device] = /^meta ([io]if)type$/.exec(field) ?? [];
    if (device !== undefined) return names.textOf(read(device)) === 'lo' ? LOOPBACK_TYPE : ETHERNET_TYPE;
    const [, keys = '', result] = /^fib (.+) (type|oif)$/.exec(field) ?? [];
    const into = names.textOf(read('iif'));
    if (result !== undefined) {
      // Perhaps told anew by a translation.
      if (told) return undefined;
      const address = addressIn(keys.startsWith('saddr') ? 'saddr' : 'daddr', family, read);
      const narrow = keys.includes('iif') ? into : keys.includes('oif') ? names.textOf(read('oif')) : undefined;
      if (result === 'type') return world.typeOf(address, narrow);
      const way = world.wayTo(address);
      return names.numberOf(way !== undefined && (narrow === undefined || way === narrow) ? way : '');
    }
    const [, side = '', word] = /^([sd]addr)(?:6\.(\d))?~$/.exec(field) ?? [];
    if (side === '') return undefined;
    const on = side === 'saddr' ? names.textOf(read('oif')) : into === '' ? 'lo' : into;
    const address = world.addressOn(on, family);
    const facts = address && addressFacts(side as 'saddr' | 'daddr', address);
    return facts?.[Number(word ?? 0)]?.[1];
  };
}

import { DIGEST_LENGTH, digestOf } from '../../../dsl/core/digest';

/** The longest chain name iptables takes (XT_EXTENSION_MAXNAMELEN less one), and the longest set name (IPSET_MAXNAMELEN). */
const LONGEST = { chain: 28, set: 31 } as const;

/** A name that iptables takes; too long ones end in a hash of the whole, so that no two become one. */
export function xtName(kind: keyof typeof LONGEST, whole: string): string {
  if (whole.length <= LONGEST[kind]) return whole;
  return `${whole.slice(0, LONGEST[kind] - DIGEST_LENGTH - 1)}~${digestOf(whole)}`;
}

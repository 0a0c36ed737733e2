import { sha256 } from '../../../dsl/core/sha256';

/** The longest chain name iptables takes (XT_EXTENSION_MAXNAMELEN less one), and the longest set name (IPSET_MAXNAMELEN). */
const LONGEST = { chain: 28, set: 31 } as const;
const DIGEST = 6;

/** A name that iptables takes; too long ones end in a hash of the whole, so that no two become one. */
export function xtName(kind: keyof typeof LONGEST, whole: string): string {
  if (whole.length <= LONGEST[kind]) return whole;
  const digest = sha256(whole).slice(0, DIGEST);
  return `${whole.slice(0, LONGEST[kind] - DIGEST - 1)}~${digest}`;
}

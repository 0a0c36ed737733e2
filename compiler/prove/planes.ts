/** The kinds of packets that a comparison is made for. */
export const PROVEN_PLANES = ['ip', 'ip6', 'bridge', 'arp'] as const;
export type ProvenPlane = (typeof PROVEN_PLANES)[number];

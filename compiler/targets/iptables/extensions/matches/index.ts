export { addrtype, iprange, mac } from './addresses';
export { comment } from './comment';
export { conntrack, state } from './conntrack';
export { dscp, esp, helper, hl, length, owner, pkttype, ttl } from './headers';
export { icmp, icmp6 } from './icmp';
export { limit } from './limit';
export { connmark, mark } from './marks';
export { dccp, multiport, sctp, tcp, udp, udplite } from './ports';

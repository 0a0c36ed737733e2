export { CT, NOTRACK } from './conntrack';
export { LOG, NFLOG } from './logs';
export { CONNMARK, MARK } from './marks';
export { DNAT, MASQUERADE, REDIRECT, SNAT } from './nat';
export { REJECT } from './reject';
export { ACCEPT, DROP, RETURN } from './verdicts';

import { unsupported } from '../module';

const NOT_LINUX = 'it never was part of Linux, and nftables has nothing like it';
const NOT_ANY_MORE = 'Linux has it no more, and nftables has nothing like it';

export const SNPT = unsupported(
  'SNPT',
  'nft translates prefixes for connections only, not each packet for itself with its checksum kept (RFC 6296)',
  { families: ['ip6'] },
);
export const DNPT = unsupported(
  'DNPT',
  'nft translates prefixes for connections only, not each packet for itself with its checksum kept (RFC 6296)',
  { families: ['ip6'] },
);
export const RATEEST = unsupported('RATEEST', 'nft has no estimator of rates');
export const IDLETIMER = unsupported('IDLETIMER', 'nft has no timer that tells of idle interfaces');
export const HMARK = unsupported(
  'HMARK',
  'it sorts the addresses that it hashes, which nft takes as they stand there: flows would get other marks',
);
export const LED = unsupported('LED', 'nft lights no lamps');
export const SECMARK = unsupported('SECMARK', 'a context of SELinux is an object of nft, which tsnet does not write', {
  mend: 'write it by hand: `secmark NAME { "CONTEXT" }` in the table, and `meta secmark set "NAME"` in the rule',
});
export const CLUSTERIP = unsupported('CLUSTERIP', `${NOT_ANY_MORE}; \`-m cluster\` and the bridge do its work`, {
  families: ['ip'],
  final: true,
});
export const SAME = unsupported('SAME', `${NOT_ANY_MORE}; SNAT with --persistent does its work`, { final: true });
export const MIRROR = unsupported('MIRROR', NOT_ANY_MORE, { final: true });
export const BALANCE = unsupported('BALANCE', NOT_ANY_MORE, { final: true });
export const ROUTE = unsupported('ROUTE', `${NOT_ANY_MORE}; a mark and a rule of routing do its work`, { final: true });
export const IMQ = unsupported('IMQ', `${NOT_LINUX}; an ifb device does its work`);
export const TARPIT = unsupported('TARPIT', NOT_LINUX, { final: true });
export const DELUDE = unsupported('DELUDE', NOT_LINUX, { final: true });
export const CHAOS = unsupported('CHAOS', NOT_LINUX, { final: true });
export const ACCOUNT = unsupported('ACCOUNT', `${NOT_LINUX}; counters of a set's elements do its work`);
export const IPMARK = unsupported('IPMARK', `${NOT_LINUX}; a map from addresses to marks does its work`);
export const LOGMARK = unsupported('LOGMARK', NOT_LINUX);
export const RAWDNAT = unsupported('RAWDNAT', NOT_LINUX, { final: true });
export const RAWSNAT = unsupported('RAWSNAT', NOT_LINUX, { final: true });
export const SYSRQ = unsupported('SYSRQ', NOT_LINUX, { final: true });
export const ECHO = unsupported('ECHO', NOT_LINUX, { final: true });
export const STEAL = unsupported('STEAL', NOT_LINUX, { final: true });
export const DHCPMAC = unsupported('DHCPMAC', NOT_LINUX);
export const XOR = unsupported('XOR', NOT_LINUX);
export const PROTO = unsupported('PROTO', NOT_LINUX);
export const DNETMAP = unsupported('DNETMAP', NOT_LINUX, { final: true });
export const FULLCONENAT = unsupported('FULLCONENAT', `${NOT_LINUX}; masquerade translates by connection`, {
  final: true,
});
export const FLOWOFFLOAD = unsupported('FLOWOFFLOAD', `${NOT_LINUX}; a flowtable of nft does its work: flow add @NAME`);
export const TRIGGER = unsupported('TRIGGER', `${NOT_LINUX}; a set that rules fill does a part of its work`);
export const NATTYPE = unsupported('NATTYPE', NOT_LINUX);
export const CONE = unsupported('CONE', `${NOT_LINUX}; masquerade translates by connection`, { final: true });
export const CTMARK = unsupported('CTMARK', `${NOT_LINUX}; \`ct mark set\` does its work`);
export const MACSAVE = unsupported('MACSAVE', NOT_LINUX);
export const BCOUNT = unsupported('BCOUNT', `${NOT_LINUX}; \`ct bytes\` does its work`);
export const EXP = unsupported('EXP', NOT_LINUX);
export const SKIPLOG = unsupported('SKIPLOG', NOT_LINUX);
export const FTOS = unsupported('FTOS', `${NOT_ANY_MORE}; \`ip dscp set\` does its work`);
export const IPV4OPTSSTRIP = unsupported('IPV4OPTSSTRIP', NOT_ANY_MORE);
export const NETLINK = unsupported('NETLINK', `${NOT_ANY_MORE}; \`log group\` does its work`);
export const POOL = unsupported('POOL', `${NOT_ANY_MORE}; a set that rules fill does its work`);
export const NETFLOW = unsupported('NETFLOW', `${NOT_LINUX}; \`log group\` and a daemon do its work`);
export const NDPI = unsupported('NDPI', NOT_LINUX);
export const RTPENGINE = unsupported('RTPENGINE', `${NOT_LINUX}; newer rtpengine makes its own rules of nftables`, {
  final: true,
});

import { unsupported } from '../module';

const NOT_LINUX = 'it never was part of Linux, and nftables has nothing like it';
const NOT_ANY_MORE = 'Linux has it no more, and nftables has nothing like it';

/** Of xtables-addons. */
export const condition = unsupported(
  'condition',
  `${NOT_LINUX}; a set that is filled and emptied by hand can stand for a switch`,
);
export const dhcpmac = unsupported('dhcpmac', NOT_LINUX);
export const fuzzy = unsupported('fuzzy', `${NOT_LINUX}; \`limit rate\` is near to it`);
export const geoip = unsupported(
  'geoip',
  `${NOT_LINUX}; a set of the networks of a country, loaded from a list, does its work`,
);
export const asn = unsupported('asn', `${NOT_LINUX}; a set of the networks of an operator does its work`);
export const gradm = unsupported('gradm', NOT_LINUX);
export const iface = unsupported('iface', NOT_LINUX);
export const ipp2p = unsupported('ipp2p', `${NOT_LINUX}: nft does not search contents`);
export const ipv4options = unsupported('ipv4options', NOT_LINUX);
export const length2 = unsupported('length2', NOT_LINUX);
export const lscan = unsupported('lscan', NOT_LINUX);
export const pknock = unsupported('pknock', `${NOT_LINUX}; sets with timeouts, a port each, do its work`);
export const psd = unsupported('psd', `${NOT_LINUX}; a set of who asked for which port does a part of its work`);
export const quota2 = unsupported('quota2', `${NOT_LINUX}; a named quota does its work`);

/** Of iptables itself. */
export const bpf = unsupported('bpf', 'nft runs no programs of BPF');
export const ipvs = unsupported('ipvs', 'nft does not ask what IPVS knows of a packet');
export const l2tp = unsupported('l2tp', 'nft has no words for the header of L2TP');

/** Of patch-o-matic, OpenWrt, Android and makers of routers. */
export const account = unsupported('account', `${NOT_LINUX}; counters of a set's elements do its work`);
export const bcount = unsupported('bcount', `${NOT_LINUX}; \`ct bytes\` does its work`);
export const childlevel = unsupported('childlevel', NOT_ANY_MORE);
export const cone = unsupported('cone', NOT_LINUX);
export const connrate = unsupported('connrate', NOT_ANY_MORE);
export const dstlimit = unsupported('dstlimit', `${NOT_ANY_MORE}; a set with a rate for each address does its work`);
export const exp = unsupported('exp', NOT_LINUX);
export const ipmac = unsupported('ipmac', `${NOT_LINUX}; a set of addresses with their MAC addresses does its work`);
export const layer7 = unsupported('layer7', `${NOT_LINUX}: nft does not search contents`);
export const macsave = unsupported('macsave', NOT_LINUX);
export const ndpi = unsupported('ndpi', `${NOT_LINUX}: nft does not search contents`);
export const pool = unsupported('pool', `${NOT_ANY_MORE}; a set does its work`);
export const qtaguid = unsupported('qtaguid', `${NOT_LINUX}; \`meta skuid\` asks for the user of a socket`);
export const rpc = unsupported('rpc', NOT_ANY_MORE);
export const timerange = unsupported('timerange', `${NOT_LINUX}; \`meta time\` does its work`);
export const tls = unsupported('tls', `${NOT_LINUX}: nft does not search contents`);
export const unclean = unsupported('unclean', `${NOT_ANY_MORE}; \`ct state invalid\` is near to it`);
export const url = unsupported('url', `${NOT_LINUX}: nft does not search contents`);
export const web = unsupported('web', `${NOT_LINUX}: nft does not search contents`);
export const weburl = unsupported('weburl', `${NOT_LINUX}: nft does not search contents`);
export const webstr = unsupported('webstr', `${NOT_LINUX}: nft does not search contents`);

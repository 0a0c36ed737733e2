import { BOTH, type Module, noted } from '../module';

/**
 * Fills in what was left to the network card, for clients that look at the checksum of a packet that never saw one
 * (iptables-extensions(8): "old applications such as dhcp clients"). Which packets pass does not hang on it.
 */
export const CHECKSUM: Module = {
  name: 'CHECKSUM',
  families: BOTH,
  tables: ['mangle'],
  options: { '--checksum-fill': { values: 0 } },
  needsOption: true,
  read: () =>
    noted(
      'nft does not fill in checksums, which no rule asks for; a guest whose old DHCP client finds no address needs `tc`: `action csum ip and udp`',
    ),
};

import type { FieldName, Header } from '../../dsl/ruleset/fields';
import { ALWAYS, all, any, bit, type Condition, NEVER, not, within } from './condition';
import { stateIs } from './fields';
import type { Reading } from './reading';
import { PROTOCOLS } from './registries';
import { ICMP_TYPES, ICMPV6_TYPES } from './symbols';

export const ETHER_TYPES = { ip: 0x0800n, ip6: 0x86ddn, arp: 0x0806n } as const;

/** When a field can be read at all: its header is there, and what it is about. */
export function guardOf(name: FieldName, needs: Header | undefined, reading: Reading): Condition {
  const header = needs ? headerGuard(needs, reading) : ALWAYS;
  const [first = '', second = ''] = name.split(' ');
  const types = MESSAGES[name];
  if (types !== undefined) {
    const numbers = first === 'icmp' ? ICMP_TYPES : ICMPV6_TYPES;
    const wanted = types.map((type) => numbers[type] ?? 0).sort((a, b) => a - b);
    return all(header, within('icmp type', ...wanted.flatMap((type) => [type, type])));
  }
  if (EXTENSIONS.has(first) && needs === 'ip6')
    return all(header, bit(`exthdr ${first === 'srh' ? 'rt' : first} exists`));
  if (first === 'socket') return bit('socket exists');
  if (OF_SENDER.has(name)) return bit('sender known');
  const side = /^([io]if)(type|group|kind)$/.exec(second)?.[1];
  if (side === undefined) return header;
  const none = reading.names.numberOf('');
  return all(header, not(within(side, none, none)));
}

/** The messages of ICMP that have a field; nft asks for them by itself (src/proto.c, icmp dependencies). */
const MESSAGES: Readonly<Partial<Record<FieldName, readonly string[]>>> = {
  'icmp id': ['echo-reply', 'echo-request'],
  'icmp sequence': ['echo-reply', 'echo-request'],
  'icmp gateway': ['redirect'],
  'icmp mtu': ['destination-unreachable'],
  'icmpv6 id': ['echo-request', 'echo-reply'],
  'icmpv6 sequence': ['echo-request', 'echo-reply'],
  'icmpv6 mtu': ['packet-too-big'],
  'icmpv6 max-delay': ['mld-listener-query'],
};

const EXTENSIONS: ReadonlySet<string> = new Set(['hbh', 'dst', 'frag', 'rt', 'srh', 'mh']);

/** Known of a packet that has a socket, which is what this host sends. */
const OF_SENDER: ReadonlySet<FieldName> = new Set(['meta skuid', 'meta skgid', 'meta cgroup']);

const BY_PROTOCOL: Readonly<Partial<Record<Header, number>>> = {
  tcp: 6,
  udp: 17,
  udplite: 136,
  sctp: 132,
  dccp: 33,
  icmp: 1,
  icmpv6: 58,
  igmp: 2,
  esp: 50,
  ah: 51,
  comp: 108,
};

/** When a header is there to be read. */
export function headerGuard(header: Header, reading: Reading): Condition {
  const { plane } = reading;
  switch (header) {
    case 'ip':
    case 'ip6':
    case 'arp':
      if (plane === 'bridge') return within('ether type', ...twice(ETHER_TYPES[header]));
      return plane === header ? ALWAYS : NEVER;
    case 'ether': {
      const [none, lo] = [reading.names.numberOf(''), reading.names.numberOf('lo')];
      return plane === 'bridge' || plane === 'arp'
        ? ALWAYS
        : not(any(within('iif', none, none), within('iif', lo, lo)));
    }
    case 'vlan':
      return bit('vlan exists');
    case 'transport':
      return plane === 'arp' ? NEVER : all(plane === 'bridge' ? ipGuard() : ALWAYS, bit('fragment', false));
    case 'icmp':
    case 'igmp':
    case 'icmpv6': {
      const protocol = BY_PROTOCOL[header] ?? 0;
      const family = headerGuard(header === 'icmpv6' ? 'ip6' : 'ip', reading);
      return all(family, within('l4proto', protocol, protocol), bit('fragment', false));
    }
    default: {
      const protocol = BY_PROTOCOL[header] ?? PROTOCOLS.numberOf(header) ?? 0;
      if (plane === 'arp') return NEVER;
      return all(
        plane === 'bridge' ? ipGuard() : ALWAYS,
        within('l4proto', protocol, protocol),
        bit('fragment', false),
      );
    }
  }
}

function twice(value: bigint): [number, number] {
  return [Number(value), Number(value)];
}

export function ipGuard(): Condition {
  return within('ether type', ...twice(ETHER_TYPES.ip), ...twice(ETHER_TYPES.ip6));
}

/** A packet that conntrack knows: one that is invalid or untracked has no entry to be asked. */
export const TRACKED: Condition = not(stateIs('invalid', 'untracked'));

import { type Address, parseAddress } from '../../dsl/core/address';
import type { MacAddress } from '../../dsl/core/names';
import { linkLocalOf } from '../../dsl/intent/resolve/device-names';

/**
 * A classic BPF program (kernel: Documentation/networking/filter.rst) for frames that come from a container: it lets
 * those pass that have the container's own addresses and are not what only routers and DHCP servers say. It does for one
 * port what the chain `guard` of the nft table for bridges does for all.
 */
export type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

const LOAD = { byte: 0x30, half: 0x28, word: 0x20 } as const;
/** From the offset in the index register. */
const LOAD_AT_INDEX = { byte: 0x50, half: 0x48 } as const;
/** The index register becomes four times the low half of a byte: the length of an IPv4 header. */
const INDEX_HEADER_LENGTH = 0xb1;
const JUMP = 0x05;
const JUMP_EQUAL = 0x15;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;
/** What tc does with a frame: let the next filter decide, or drop it (include/uapi/linux/pkt_cls.h). */
const VERDICT = { pass: 0xffffffff, drop: 2 } as const;

const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const PROTOCOL = { hopByHop: 0, icmp: 1, udp: 17, routing: 43, fragment: 44, icmpv6: 58, destination: 60 } as const;
const SERVER_PORTS = [67, 547];
const ICMP_REDIRECT = 5;
const ICMPV6 = { routerAdvert: 134, neighborSolicit: 135, neighborAdvert: 136, redirect: 137, mldReport: 143 } as const;

/** Offsets into the frame. */
/** Of the first byte of a MAC address: it means many. */
const GROUP = 1;

const AT = {
  destination: 0,
  source: 6,
  ethertype: 12,
  arp: { hardware: 22, protocol: 28 },
  ipv4: { header: 14, fragment: 20, protocol: 23, source: 26 },
  ipv6: { next: 20, source: 22, payload: 54 },
} as const;

export interface Guarded {
  readonly mac: string;
  readonly addresses: readonly string[];
  /** The only MAC address that it may speak to, beside asking all for an address. */
  readonly onlyTo: string | null;
}

export function frameGuard({ mac, addresses, onlyTo }: Guarded): readonly Instruction[] {
  const own = addresses.flatMap((text): Address[] => {
    const parsed = parseAddress(text.replace(/\/.*$/, ''));
    return parsed.ok ? [parsed.value] : [];
  });
  const own4 = own.flatMap((address) => (address.family === 4 ? [Number(address.value)] : []));
  const own6 = own.flatMap((address) => (address.family === 6 ? [address.value as bigint] : []));
  const linkLocal = parseAddress(linkLocalOf(mac as MacAddress));
  if (own6.length > 0 && linkLocal.ok) own6.push(linkLocal.value.value as bigint);
  const program = new Assembler();
  isMac(program, AT.source, mac);
  if (onlyTo !== null) speaksTo(program, onlyTo);
  program.load('half', AT.ethertype);
  program.ifEqual(ETHERTYPE.arp, 'arp');
  program.ifEqual(ETHERTYPE.ipv4, 'ipv4');
  program.ifEqual(ETHERTYPE.ipv6, 'ipv6', 'drop');
  program.label('arp');
  isMac(program, AT.arp.hardware, mac);
  isOneOf4(program, AT.arp.protocol, own4, 'pass');
  program.label('ipv4');
  ipv4(program, own4);
  program.label('ipv6');
  ipv6(program, own6);
  return program.finish();
}

/** What may come to a port from its bridge: where ports speak to the host only, what others say to all is not for it. */
export function hearing({ onlyTo }: Pick<Guarded, 'onlyTo'>): readonly Instruction[] {
  const program = new Assembler();
  if (onlyTo !== null) {
    program.load('byte', AT.destination);
    program.ifAnyBit(GROUP, 'to all', 'pass');
    program.label('to all');
    isMac(program, AT.source, onlyTo);
  }
  program.goTo('pass');
  return program.finish();
}

/** As `tc ... bpf bytecode` takes it. */
export function bytecode(program: readonly Instruction[]): string {
  return [program.length, ...program.map((instruction) => instruction.join(' '))].join(',');
}

/** To that MAC address, or to all with what finds neighbours: ARP, and IPv6's, which is looked at closer later. */
function speaksTo(program: Assembler, mac: string): void {
  const digits = mac.replaceAll(':', '');
  program.load('byte', AT.destination);
  program.ifAnyBit(GROUP, 'to all');
  program.load('word', AT.destination);
  program.unlessEqual(Number.parseInt(digits.slice(0, 8), 16), 'drop');
  program.load('half', AT.destination + 4);
  program.ifEqual(Number.parseInt(digits.slice(8), 16), 'may speak', 'drop');
  program.label('to all');
  program.load('half', AT.ethertype);
  program.ifEqual(ETHERTYPE.arp, 'may speak');
  program.unlessEqual(ETHERTYPE.ipv6, 'drop');
  program.load('byte', AT.ipv6.next);
  program.ifEqual(PROTOCOL.icmpv6, 'may speak');
  program.ifEqual(PROTOCOL.hopByHop, 'may speak', 'drop');
  program.label('may speak');
}

function ipv4(program: Assembler, own: readonly number[]): void {
  isOneOf4(program, AT.ipv4.source, own, 'ipv4 own');
  program.label('ipv4 own');
  program.load('half', AT.ipv4.fragment);
  // A later fragment has no ports; without its first one it is nothing.
  program.ifAnyBit(0x1fff, 'pass');
  program.emit(INDEX_HEADER_LENGTH, AT.ipv4.header);
  program.load('byte', AT.ipv4.protocol);
  program.ifEqual(PROTOCOL.icmp, 'icmp');
  program.ifEqual(PROTOCOL.udp, 'udp', 'pass');
  program.label('icmp');
  program.emit(LOAD_AT_INDEX.byte, AT.ipv4.header);
  program.ifEqual(ICMP_REDIRECT, 'drop', 'pass');
  program.label('udp');
  program.emit(LOAD_AT_INDEX.half, AT.ipv4.header);
  for (const port of SERVER_PORTS) program.ifEqual(port, 'drop');
  program.goTo('pass');
}

/**
 * The source comes first: a load past a frame's end lets it pass. Extension headers could hide what is behind them (RFC
 * 7113): hop-by-hop options pass before ICMPv6 other than neighbour discovery, a fragment when what begins in it can be
 * seen, others not.
 */
function ipv6(program: Assembler, own: readonly bigint[]): void {
  const { next, source, payload } = AT.ipv6;
  isOneOf6(program, source, own, 'own source', 'unspecified');
  program.label('unspecified');
  isOneOf6(program, source, [0n], 'no source', 'drop');
  // Before it has an address (RFC 4862 section 5.4, RFC 3810 section 5.2.13).
  program.label('no source');
  program.load('byte', next);
  program.ifEqual(PROTOCOL.hopByHop, 'report');
  program.unlessEqual(PROTOCOL.icmpv6, 'drop');
  program.load('byte', payload);
  program.ifEqual(ICMPV6.neighborSolicit, 'pass', 'drop');
  program.label('report');
  program.load('half', payload);
  program.unlessEqual(PROTOCOL.icmpv6 << 8, 'drop');
  program.load('byte', payload + 8);
  program.ifEqual(ICMPV6.mldReport, 'pass', 'drop');

  program.label('own source');
  program.load('byte', next);
  program.ifEqual(PROTOCOL.icmpv6, 'icmpv6');
  program.ifEqual(PROTOCOL.udp, 'udp6');
  program.ifEqual(PROTOCOL.hopByHop, 'options');
  program.ifEqual(PROTOCOL.fragment, 'fragment');
  program.ifEqual(PROTOCOL.routing, 'drop');
  program.ifEqual(PROTOCOL.destination, 'drop', 'pass');
  program.label('udp6');
  notFromServer(program, payload);
  program.label('options');
  // Eight bytes of options: all that multicast listener reports have (RFC 3810 section 5).
  program.load('half', payload);
  program.unlessEqual(PROTOCOL.icmpv6 << 8, 'drop');
  notDiscovery(program, payload + 8);
  program.label('fragment');
  program.load('half', payload + 2);
  program.ifAnyBit(0xfff8, 'pass');
  program.load('byte', payload);
  program.ifEqual(PROTOCOL.icmpv6, 'fragment of icmpv6');
  program.ifEqual(PROTOCOL.udp, 'fragment of udp');
  for (const header of [PROTOCOL.hopByHop, PROTOCOL.routing, PROTOCOL.fragment, PROTOCOL.destination])
    program.ifEqual(header, 'drop');
  program.goTo('pass');
  program.label('fragment of udp');
  notFromServer(program, payload + 8);
  program.label('fragment of icmpv6');
  notDiscovery(program, payload + 8);
  program.label('icmpv6');
  program.load('byte', payload);
  program.ifEqual(ICMPV6.routerAdvert, 'drop');
  program.ifEqual(ICMPV6.redirect, 'drop');
  program.ifEqual(ICMPV6.neighborAdvert, 'advert', 'pass');
  program.label('advert');
  isOneOf6(program, payload + 8, own, 'pass', 'drop');
}

function notFromServer(program: Assembler, at: number): void {
  program.load('half', at);
  for (const port of SERVER_PORTS) program.ifEqual(port, 'drop');
  program.goTo('pass');
}

function notDiscovery(program: Assembler, at: number): void {
  program.load('byte', at);
  for (const type of [ICMPV6.routerAdvert, ICMPV6.redirect, ICMPV6.neighborSolicit, ICMPV6.neighborAdvert])
    program.ifEqual(type, 'drop');
  program.goTo('pass');
}

function isMac(program: Assembler, at: number, mac: string): void {
  const digits = mac.replaceAll(':', '');
  program.load('word', at);
  program.unlessEqual(Number.parseInt(digits.slice(0, 8), 16), 'drop');
  program.load('half', at + 4);
  program.unlessEqual(Number.parseInt(digits.slice(8), 16), 'drop');
}

function isOneOf4(program: Assembler, at: number, own: readonly number[], then: string): void {
  program.load('word', at);
  for (const address of own) program.ifEqual(address, then);
  program.goTo('drop');
}

function isOneOf6(program: Assembler, at: number, own: readonly bigint[], then: string, otherwise: string): void {
  for (const address of own) {
    const next = program.newLabel();
    for (const [word, shift] of [96n, 64n, 32n, 0n].entries()) {
      program.load('word', at + 4 * word);
      program.unlessEqual(Number((address >> shift) & 0xffffffffn), next);
    }
    program.goTo(then);
    program.label(next);
  }
  program.goTo(otherwise);
}

interface Draft {
  readonly code: number;
  readonly value: number;
  readonly whenTrue?: string | undefined;
  readonly whenFalse?: string | undefined;
}

/** The kernel jumps forward only, a conditional jump by at most 255. */
class Assembler {
  private readonly drafts: Draft[] = [];
  private readonly labels = new Map<string, number>();

  emit(code: number, value: number): void {
    this.drafts.push({ code, value });
  }

  load(size: keyof typeof LOAD, at: number): void {
    this.emit(LOAD[size], at);
  }

  ifEqual(value: number, whenTrue: string, whenFalse?: string): void {
    this.drafts.push({ code: JUMP_EQUAL, value, whenTrue, whenFalse });
  }

  unlessEqual(value: number, whenFalse: string): void {
    this.drafts.push({ code: JUMP_EQUAL, value, whenFalse });
  }

  ifAnyBit(bits: number, whenTrue: string, whenFalse?: string): void {
    this.drafts.push({ code: JUMP_ANY_BIT, value: bits, whenTrue, whenFalse });
  }

  goTo(label: string): void {
    if (label in VERDICT) this.emit(RETURN, VERDICT[label as keyof typeof VERDICT]);
    else this.drafts.push({ code: JUMP, value: 0, whenTrue: label });
  }

  newLabel(): string {
    return `here ${this.drafts.length}`;
  }

  label(name: string): void {
    this.labels.set(name, this.drafts.length);
  }

  finish(): Instruction[] {
    for (const verdict of Object.keys(VERDICT) as (keyof typeof VERDICT)[]) {
      this.label(verdict);
      this.emit(RETURN, VERDICT[verdict]);
    }
    return this.drafts.map(({ code, value, whenTrue, whenFalse }, index): Instruction => {
      const distance = (label: string | undefined) => {
        if (label === undefined) return 0;
        const at = this.labels.get(label);
        if (at === undefined || at <= index) throw new Error(`a jump to ${label} that does not lead forward`);
        return at - index - 1;
      };
      if (code === JUMP) return [code, 0, 0, distance(whenTrue)];
      const [yes, no] = [distance(whenTrue), distance(whenFalse)];
      if (yes > 255 || no > 255) throw new Error('a conditional jump that is too far');
      return [code, yes, no, value];
    });
  }
}

import { Intervals } from '../../core/intervals';
import type { Port, Protocol } from '../../core/port';

/** Linux's ephemeral range (net.ipv4.ip_local_port_range), from which Docker too leases unwritten host ports. */
const FIRST = 32768;
const LAST = 60999;

/** Leases runs of host ports, lowest free one first. A lease holds on every host address. */
export class PortPool {
  private readonly taken: Record<Protocol, Set<number>> = { tcp: new Set(), udp: new Set(), sctp: new Set() };
  private readonly next: Record<Protocol, number> = { tcp: FIRST, udp: FIRST, sctp: FIRST };

  /** `elsewhere`: held by containers that we are not told of. */
  constructor(private readonly elsewhere: (protocol: Protocol) => Intervals = () => Intervals.EMPTY) {}

  take(protocol: Protocol, first: number, count: number): void {
    for (let port = first; port < first + count; port++) this.taken[protocol].add(port);
  }

  isFree(protocol: Protocol, first: number, count: number): boolean {
    for (let port = first; port < first + count; port++) if (this.taken[protocol].has(port)) return false;
    return true;
  }

  /** The first port of `count` free ones in a row, or undefined when there is no such run. */
  takeNext(protocol: Protocol, count: number): Port | undefined {
    const elsewhere = this.elsewhere(protocol);
    for (let port = this.next[protocol]; port + count - 1 <= LAST; port++) {
      if (elsewhere.meets(BigInt(port), BigInt(port + count - 1))) continue;
      if (!this.isFree(protocol, port, count)) continue;
      this.take(protocol, port, count);
      if (count === 1) this.next[protocol] = port + 1;
      return port as Port;
    }
    return undefined;
  }
}

import { FLAG, request, u8, u32 } from './message';
import type { Netlink } from './netlink';

/** linux/sock_diag.h, linux/inet_diag.h */
const SOCK_DIAG_BY_FAMILY = 20;
const [AF_INET, AF_INET6] = [2, 10];
const [IPPROTO_TCP, LISTEN] = [6, 10];
/** struct inet_diag_sockid, of nothing in particular */
const ANY = Buffer.alloc(48);
/** Where struct inet_diag_msg has the port. */
const PORT = 4;

/**
 * The TCP ports that processes listen on: from the kernel's list of those alone, where /proc/net/tcp goes through the table of
 * all connections, empty or not (5 ms a family). Throws where the kernel has no such answer (CONFIG_INET_DIAG).
 */
export function dumpListening(socket: Netlink): number[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    socket
      .ask(request(SOCK_DIAG_BY_FAMILY, FLAG.dump, u8(family, IPPROTO_TCP, 0, 0), u32(1 << LISTEN), ANY))
      .map(({ payload }) => payload.readUInt16BE(PORT)),
  );
}

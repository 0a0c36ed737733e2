import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../dsl/core/address';
import type { Listener } from './port';

/** Socket states in /proc/net/tcp and udp: a TCP socket that listens, a UDP one that is bound and not connected. */
const WAITING = { tcp: '0A', udp: '07' } as const;

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

/** Which ports somebody wants to know about. */
export type Asked = (protocol: Listener['protocol'], port: number) => boolean;

type Socket = Listener & { readonly inode: string };

/** The host's sockets that wait for packets, from /proc/net (proc(5)); SCTP's endpoints where the kernel has any. */
export function readListeners(asked: Asked, protocols: readonly Listener['protocol'][] = PROTOCOLS): Listener[] {
  const found = protocols
    .flatMap((protocol) =>
      protocol === 'sctp' ? endpoints() : ['', '6'].flatMap((family) => waiting(protocol, `${protocol}${family}`)),
    )
    .filter(({ protocol, port }) => asked(protocol, port));
  if (found.length === 0) return [];
  const owners = socketOwners();
  return found.map(({ inode, ...listener }) => ({ ...listener, process: owners.get(inode) }));
}

function waiting(protocol: 'tcp' | 'udp', file: string): Socket[] {
  return linesOf(file).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== WAITING[protocol]) return [];
    return [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16), inode, process: undefined }];
  });
}

function endpoints(): Socket[] {
  return linesOf('sctp/eps').flatMap((line) => {
    const [, , , , , port, , inode = '', address = '0.0.0.0'] = line.trim().split(/\s+/);
    return port === undefined ? [] : [{ protocol: 'sctp', address, port: Number(port), inode, process: undefined }];
  });
}

/** Those below the head. */
function linesOf(file: string): readonly string[] {
  return textOf(`/proc/self/net/${file}`).split('\n').slice(1);
}

/** The kernel prints an address as 32-bit words in the machine's byte order. */
function addressOf(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(''));
  if (words.length === 1) return formatIpv4(Number.parseInt(words[0] ?? '0', 16) as Ipv4Address);
  return formatIpv6(BigInt(`0x${words.join('')}`) as Ipv6Address);
}

/** Processes come and go while they are looked through. */
function socketOwners(): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const links = optional(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    for (const link of links) {
      const target = optional(() => readlinkSync(`/proc/${pid}/fd/${link}`)) ?? '';
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || owners.has(inode)) continue;
      owners.set(inode, `${textOf(`/proc/${pid}/comm`).trim() || 'a process'} (pid ${pid})`);
    }
  }
  return owners;
}

function textOf(path: string): string {
  return optional(() => readFileSync(path, 'utf8')) ?? '';
}

function optional<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

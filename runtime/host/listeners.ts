import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address } from '../../dsl/core/address';
import type { Listener } from './port';

/** Socket states in /proc/net/tcp and udp: a TCP socket that listens, a UDP one that is bound and not connected. */
const WAITING = { tcp: '0A', udp: '07' } as const;

/** The host's sockets that wait for packets, from /proc/net (proc(5)); SCTP's endpoints where the kernel has any. */
export function readListeners(asked: (protocol: Listener['protocol'], port: number) => boolean): Listener[] {
  const found: (Listener & { inode: string })[] = [];
  for (const [file, protocol] of [
    ['tcp', 'tcp'],
    ['tcp6', 'tcp'],
    ['udp', 'udp'],
    ['udp6', 'udp'],
  ] as const) {
    const text = textOf(`/proc/self/net/${file}`);
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state !== WAITING[protocol] || !asked(protocol, Number.parseInt(port, 16))) continue;
      found.push({ protocol, address: addressOf(address), port: Number.parseInt(port, 16), inode, process: undefined });
    }
  }
  const sctp = textOf('/proc/self/net/sctp/eps');
  for (const line of sctp.split('\n').slice(1)) {
    const [, , , , , port, , inode = '', address = '0.0.0.0'] = line.trim().split(/\s+/);
    if (port !== undefined && asked('sctp', Number(port)))
      found.push({ protocol: 'sctp', address, port: Number(port), inode, process: undefined });
  }
  if (found.length === 0) return [];
  const owners = socketOwners();
  return found.map(({ inode, ...listener }) => ({ ...listener, process: owners.get(inode) }));
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

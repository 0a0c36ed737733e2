import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIp, encodeRemoval } from '../encode';
import { done, type HostFault, type Result, refused } from '../fault';
import { explainLoad, LinuxHost, remainingLinks, stoppedAt } from '../linux';
import { type Asked, readListeners } from '../listeners';
import type { HostLink, HostOp, Insides, Listener, Stopped } from '../port';
import { explainRefusal } from '../refusal';
import type { Bindings } from './bindings';
import {
  addNamespace,
  asKernelError,
  enter,
  inNamespace,
  NAMESPACES,
  removeNamespace,
  shareMounts,
} from './namespaces';
import { KernelError, NETLINK, Netlink } from './netlink';
import { runNft } from './nft';
import { askGeneration, dumpLinks, dumpManyLinks, dumpTables } from './observe';
import { groupLink, removeGroup } from './route';
import { dumpListening } from './sockets';
import { asksOf, removalOf } from './steps';

/** ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL: gone already. */
const GONE = new Set([2, 3, 19, 99]);
const [ENOENT, EINVAL] = [2, 22];
/** One folder for each interface, and two more. */
const NAMES = '/proc/sys/net/ipv4/conf';

/** Characters of a ruleset: what a shorter one takes is not worth giving back. */
const MUCH = 100_000;

/**
 * The Linux host, spoken with from within this process by netlink and libnftables instead of by a program for each batch.
 * What it has no words for, `LinuxHost` does; what is refused, and how far it came, reads alike.
 */
export class NativeHost extends LinuxHost {
  constructor(private readonly libc: Bindings) {
    super();
  }

  override async perform(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    for (let at = 0; at < ops.length; ) {
      const kind = kindOf(ops[at]);
      let end = at + 1;
      while (end < ops.length && kindOf(ops[end]) === kind) end++;
      const result = await this.performKind(kind, ops.slice(at, end));
      if (!result.ok) return { ok: false, fault: { ...result.fault, performed: at + result.fault.performed } };
      at = end;
    }
    return done(undefined);
  }

  override async generation(): Promise<number | undefined> {
    try {
      return this.asking(NETLINK.netfilter, askGeneration);
    } catch (error) {
      if (error instanceof KernelError) return undefined;
      throw error;
    }
  }

  override async insides(namespaces: readonly string[]): Promise<Result<Insides, HostFault>> {
    const found = new Map<string, HostLink[]>();
    for (const name of namespaces)
      try {
        found.set(
          name,
          this.asking(NETLINK.route, (socket) => dumpLinks(socket), name),
        );
      } catch (error) {
        const { errno, message } = kernelErrorOf(error);
        // One that is no namespace any more is gone.
        if (errno !== ENOENT && errno !== EINVAL) return refused(...explainRefusal(`ip -netns ${name}`, message));
      }
    return done(found);
  }

  override async listeners(asked: Asked): Promise<readonly Listener[]> {
    return this.nobodyListens(asked) ? readListeners(asked, ['udp', 'sctp']) : super.listeners(asked);
  }

  /** Whether the kernel says so; who it is that listens, /proc knows. */
  private nobodyListens(asked: Asked): boolean {
    try {
      return !this.asking(NETLINK.sockets, dumpListening).some((port) => asked('tcp', port));
    } catch (error) {
      if (error instanceof KernelError) return false;
      throw error;
    }
  }

  protected override async links(): Promise<Result<HostLink[], HostFault>> {
    try {
      const names = this.listDirectory(NAMES).filter((name) => name !== 'all' && name !== 'default');
      return done(this.asking(NETLINK.route, (socket) => dumpManyLinks(socket, names)));
    } catch (error) {
      return refused(...explainRefusal('ip link show', kernelErrorOf(error).message));
    }
  }

  protected override async tables(): Promise<Result<readonly string[], HostFault>> {
    try {
      return done(this.asking(NETLINK.netfilter, (socket) => dumpTables(socket)));
    } catch (error) {
      return refused(...explainRefusal('nft list tables', kernelErrorOf(error).message));
    }
  }

  private async performKind(kind: Kind, ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    try {
      return await this.performAll(kind, ops);
    } catch (error) {
      // No socket to be had: it may be that none of them was done, or some.
      const { message } = kernelErrorOf(error);
      return stoppedAt(0, refused(...explainRefusal('netlink', message)).fault, ops.length);
    }
  }

  private performAll(kind: Kind, ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    switch (kind) {
      case 'change':
        return this.change(ops);
      case 'removal':
        return this.removeAll(ops);
      case 'nft':
        return this.load(ops);
      case 'other':
        return super.perform(ops);
    }
  }

  private async change(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    let shared = false;
    return this.asking(NETLINK.route, (socket) => {
      for (const [index, op] of ops.entries()) {
        let asked = 0;
        try {
          if (op.op === 'namespace.add') {
            if (!shared) shareMounts(this.libc);
            shared = true;
            addNamespace(this.libc, op.namespace);
          } else
            this.ask(op, socket, () => {
              asked++;
            });
        } catch (error) {
          const { message } = kernelErrorOf(error);
          const words = `ip ${encodeIp(op)?.lines[asked] ?? op.op}`;
          return stoppedAt(index, refused(...explainRefusal(words, message)).fault, asked === 0 ? 0 : 1);
        }
      }
      return done(undefined);
    });
  }

  /** Asks for all that an operation takes; `asked` hears of each that was granted. */
  private ask(op: HostOp, home: Netlink, asked: () => void): void {
    const files: number[] = [];
    const open = (namespace: string) => {
      const file = openSync(join(NAMESPACES, namespace), 'r');
      files.push(file);
      return file;
    };
    try {
      const steps = asksOf(op, open);
      if (!steps) throw new Error(`not asked of the kernel: ${op.op}`);
      const all = (socket: Netlink) => {
        for (const ask of steps.asks) {
          ask(socket);
          asked();
        }
      };
      if (steps.namespace === undefined) all(home);
      else this.asking(NETLINK.route, all, steps.namespace);
    } finally {
      for (const file of files) closeSync(file);
    }
  }

  /** What is gone already is no fault; everything else that stays is. */
  private async removeAll(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    const fault = this.asking(NETLINK.route, (socket) => {
      let first: HostFault | undefined;
      for (const op of ops)
        try {
          if (op.op === 'namespace.remove') removeNamespace(this.libc, op.namespace);
          else removalOf(op)?.(socket);
        } catch (error) {
          const { errno, message } = kernelErrorOf(error);
          if (!GONE.has(errno)) first ??= refused(...explainRefusal(`ip ${encodeRemoval(op)}`, message)).fault;
        }
      return first;
    });
    if (fault) return stoppedAt(0, fault, ops.length);
    const left = await remainingLinks(ops.flatMap((op) => (op.op === 'namespace.remove' ? op.veths : [])));
    return left.length === 0 ? done(undefined) : this.removeLinks(left, ops.length);
  }

  private removeLinks(names: readonly string[], doubtful: number): Result<void, Stopped> {
    const group = 1 + Math.floor(Math.random() * 0x7ffffffe);
    return this.asking(NETLINK.route, (socket) => {
      try {
        for (const name of names) granted(() => groupLink(name, group)(socket));
        granted(() => removeGroup(group)(socket));
        return done(undefined);
      } catch (error) {
        const { message } = kernelErrorOf(error);
        return stoppedAt(0, refused(...explainRefusal('ip link delete', message)).fault, doubtful);
      }
    });
  }

  private async load(ops: readonly HostOp[]): Promise<Result<void, Stopped>> {
    for (const [index, op] of ops.entries()) {
      if (op.op !== 'ruleset.load' || op.unit.text === '') continue;
      const { ok, error } = runNft(this.libc.nft, op.unit.text);
      // For 10,000 published ports libnftables takes 45 MB, which glibc would keep for more of the kind.
      if (op.unit.text.length > MUCH) this.libc.malloc_trim(0);
      if (ok) continue;
      const fault = explainLoad('nft', error);
      return stoppedAt(index, fault, fault.line === undefined ? 1 : 0);
    }
    return done(undefined);
  }

  /** With a socket of the host's own namespace, or of another. */
  private asking<T>(protocol: number, action: (socket: Netlink) => T, namespace?: string): T {
    const open = () => new Netlink(this.libc, protocol);
    const socket = namespace === undefined ? open() : this.openIn(namespace, open);
    try {
      return action(socket);
    } finally {
      socket.close();
    }
  }

  private openIn(namespace: string, open: () => Netlink): Netlink {
    const file = openSync(join(NAMESPACES, namespace), 'r');
    try {
      return inNamespace(this.libc, enter(this.libc, file), open);
    } finally {
      closeSync(file);
    }
  }
}

type Kind = 'change' | 'removal' | 'nft' | 'other';

function kindOf(op: HostOp | undefined): Kind {
  switch (op?.op) {
    case 'namespace.add':
    case 'bridge.add':
    case 'veth.add':
    case 'link.up':
    case 'link.down':
    case 'address.add':
    case 'neighbour.proxy':
    case 'sandbox.prepare':
    case 'sandbox.up':
      return 'change';
    case 'namespace.remove':
    case 'link.remove':
    case 'address.remove':
    case 'neighbour.unproxy':
      return 'removal';
    case 'ruleset.load':
      return op.unit.tool === 'nft' ? 'nft' : 'other';
    default:
      return 'other';
  }
}

/** The kernel's refusal, or the file system's; anything else is a bug and goes on. */
function kernelErrorOf(error: unknown): KernelError {
  const known = asKernelError(error);
  if (known instanceof KernelError) return known;
  throw error;
}

function granted(ask: () => void): void {
  try {
    ask();
  } catch (error) {
    if (!GONE.has(kernelErrorOf(error).errno)) throw error;
  }
}

import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Bindings } from './bindings';
import { KernelError, kernelError } from './netlink';

export const NAMESPACES = '/run/netns';

const OURS = '/proc/thread-self/ns/net';
const CLONE_NEWNET = 0x40000000;
const MNT_DETACH = 2;
const [MS_BIND, MS_REC, MS_SHARED] = [4096, 16384, 1 << 20];
const EINVAL = 22;

/**
 * Does something in another network namespace. The namespace is this thread's alone, and nothing else runs on it until
 * `action`, which does not wait, is done; a socket that it opens stays one of that namespace.
 */
export function inNamespace<T>(libc: Bindings, enter: () => number, action: () => T): T {
  const home = openSync(OURS, 'r');
  try {
    if (enter() < 0) throw kernelError(libc);
    try {
      return action();
    } finally {
      // Nothing may go on in a namespace that it was not meant for.
      if (libc.setns(home, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
}

export function enter(libc: Bindings, file: number): () => number {
  return () => libc.setns(file, CLONE_NEWNET);
}

/** What `ip netns add` does once `shareMounts` is done: a file in /run/netns that keeps a new namespace. */
export function addNamespace(libc: Bindings, name: string): void {
  const path = join(NAMESPACES, name);
  closeSync(openSync(path, 'wx', 0));
  try {
    inNamespace(
      libc,
      () => libc.unshare(CLONE_NEWNET),
      () => {
        if (libc.mount(OURS, path, 'none', MS_BIND, null) < 0) throw kernelError(libc);
      },
    );
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

/** What `ip netns delete` does; the kernel takes down what was in it when nobody is in it any more. */
export function removeNamespace(libc: Bindings, name: string): void {
  const path = join(NAMESPACES, name);
  libc.umount2(path, MNT_DETACH);
  unlinkSync(path);
}

/** So that a namespace that is deleted here is not held by other mount namespaces. */
export function shareMounts(libc: Bindings): void {
  mkdirSync(NAMESPACES, { recursive: true, mode: 0o755 });
  if (libc.mount('', NAMESPACES, 'none', MS_SHARED | MS_REC, null) === 0) return;
  if (libc.errno() !== EINVAL) throw kernelError(libc);
  // It is no mount point yet.
  if (libc.mount(NAMESPACES, NAMESPACES, 'none', MS_BIND | MS_REC, null) < 0) throw kernelError(libc);
  if (libc.mount('', NAMESPACES, 'none', MS_SHARED | MS_REC, null) < 0) throw kernelError(libc);
}

/** A file system's complaint as the kernel's. */
export function asKernelError(error: unknown): unknown {
  const { errno, message } = error as NodeJS.ErrnoException;
  return errno === undefined || error instanceof KernelError ? error : new KernelError(-errno, message);
}

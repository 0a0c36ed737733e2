import { endianness } from 'node:os';

/** The functions of libc and libnftables that we call, as koffi binds them: they block, and set `errno`. */
export interface Bindings {
  readonly errno: () => number;
  readonly strerror: (errno: number) => string;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly setsockopt: (socket: number, level: number, option: number, value: Uint8Array, length: number) => number;
  readonly send: (socket: number, data: Uint8Array, length: number, flags: number) => number;
  readonly recv: (socket: number, data: Uint8Array, length: number, flags: number) => number;
  readonly setns: (file: number, type: number) => number;
  readonly unshare: (flags: number) => number;
  readonly mount: (source: string, target: string, type: string, flags: number, data: null) => number;
  readonly umount2: (target: string, flags: number) => number;
  readonly flock: (file: number, operation: number) => number;
  readonly malloc_trim: (left: number) => number;
  readonly nft: NftLibrary;
}

/** libnftables(3). */
export interface NftLibrary {
  readonly open: (flags: number) => unknown;
  readonly close: (context: unknown) => void;
  readonly setOutput: (context: unknown, flags: number) => void;
  readonly bufferOutput: (context: unknown) => number;
  readonly bufferError: (context: unknown) => number;
  readonly output: (context: unknown) => string;
  readonly error: (context: unknown) => string;
  readonly run: (context: unknown, commands: string) => number;
}

interface Library {
  func(name: string, result: string, parameters: readonly string[]): never;
}

interface Koffi {
  load(path: string): Library;
  errno(): number;
}

/** Why the kernel is spoken with by programs, and what would change that. */
export interface Plain {
  readonly why: string;
  readonly mend?: string;
}

let found: Bindings | Plain | undefined;

/**
 * What a host needs to speak with the kernel from within this process; undefined where it cannot: koffi, which is an
 * optional dependency, or libnftables is missing, or `TSNET_ENGINE=plain` asks for the programs instead.
 */
export function bindings(): Bindings | undefined {
  found ??= load();
  return 'why' in found ? undefined : found;
}

/** Undefined where it is spoken with from within this process. */
export function plainBecause(): Plain | undefined {
  found ??= load();
  return 'why' in found ? found : undefined;
}

function load(): Bindings | Plain {
  if (process.env.TSNET_ENGINE === 'plain') return { why: 'TSNET_ENGINE=plain asks for the programs' };
  if (endianness() !== 'LE') return { why: 'this machine is big-endian' };
  const koffi = attempt(requireKoffi);
  if (!koffi) return { why: 'koffi is not installed, or has no binary for this machine', mend: 'npm install koffi' };
  const libc = attempt(() => bindLibc(koffi));
  // Where the C library is another, as musl is, the program cannot speak with it as with this one.
  if (!libc) return { why: 'the C library is not glibc' };
  const nft = attempt(() => bindNft(koffi));
  return nft ? { ...libc, nft } : { why: 'libnftables.so.1 is not there', mend: 'apt-get install libnftables1' };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function bindLibc(koffi: Koffi): Omit<Bindings, 'nft'> {
  const libc = koffi.load('libc.so.6');
  return {
    errno: () => koffi.errno(),
    strerror: libc.func('strerror', 'str', ['int']),
    socket: libc.func('socket', 'int', ['int', 'int', 'int']),
    setsockopt: libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']),
    send: libc.func('send', 'long', ['int', 'void *', 'size_t', 'int']),
    recv: libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']),
    setns: libc.func('setns', 'int', ['int', 'int']),
    unshare: libc.func('unshare', 'int', ['int']),
    mount: libc.func('mount', 'int', ['str', 'str', 'str', 'ulong', 'void *']),
    umount2: libc.func('umount2', 'int', ['str', 'int']),
    flock: libc.func('flock', 'int', ['int', 'int']),
    malloc_trim: libc.func('malloc_trim', 'int', ['size_t']),
  };
}

function bindNft(koffi: Koffi): NftLibrary {
  const nftables = koffi.load('libnftables.so.1');
  return {
    open: nftables.func('nft_ctx_new', 'void *', ['uint32_t']),
    close: nftables.func('nft_ctx_free', 'void', ['void *']),
    setOutput: nftables.func('nft_ctx_output_set_flags', 'void', ['void *', 'uint']),
    bufferOutput: nftables.func('nft_ctx_buffer_output', 'int', ['void *']),
    bufferError: nftables.func('nft_ctx_buffer_error', 'int', ['void *']),
    output: nftables.func('nft_ctx_get_output_buffer', 'str', ['void *']),
    error: nftables.func('nft_ctx_get_error_buffer', 'str', ['void *']),
    run: nftables.func('nft_run_cmd_from_buffer', 'int', ['void *', 'str']),
  };
}

/** Its binary for this platform is a package of its own, and loads in a fifth of the time that the search for it takes. */
function requireKoffi(): Koffi {
  try {
    return require(`@koromix/koffi-linux-${process.arch}`);
  } catch {
    return require('koffi');
  }
}

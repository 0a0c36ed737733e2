import { existsSync } from 'node:fs';
import type { Bindings } from '../../../../runtime/host/native/bindings';
import { NativeHost } from '../../../../runtime/host/native/host';
import { inNamespace } from '../../../../runtime/host/native/namespaces';

const OWN = `@koromix/koffi-linux-${process.arch}`;
const LIBRARY = { func: () => () => 0 };

/** The engine, where koffi and the libraries are what a test says. */
function withKoffi(koffi: (() => object) | undefined, engine?: string) {
  let found: typeof import('../../../../runtime/host/native/bindings') | undefined;
  const before = process.env.TSNET_ENGINE;
  if (engine === undefined) delete process.env.TSNET_ENGINE;
  else process.env.TSNET_ENGINE = engine;
  jest.isolateModules(() => {
    const missing = () => {
      throw new Error('Cannot find module');
    };
    jest.doMock(OWN, missing, { virtual: true });
    jest.doMock('koffi', koffi ?? missing, { virtual: true });
    const loaded = require('../../../../runtime/host/native/bindings') as typeof found;
    loaded?.bindings();
    found = loaded;
  });
  if (before === undefined) delete process.env.TSNET_ENGINE;
  else process.env.TSNET_ENGINE = before;
  return { native: found?.bindings() !== undefined, plain: found?.plainBecause() };
}

const loading = (...missing: readonly string[]) => ({
  errno: () => 0,
  load: (name: string) => {
    if (missing.includes(name)) throw new Error(`cannot open ${name}`);
    return LIBRARY;
  },
});

describe('where the kernel cannot be spoken with from within this process, programs do', () => {
  test('all is there', () => {
    expect(withKoffi(() => loading())).toEqual({ native: true, plain: undefined });
  });
  test('no koffi', () => {
    expect(withKoffi(undefined)).toEqual({
      native: false,
      plain: { why: expect.stringContaining('koffi'), mend: 'npm install koffi' },
    });
  });
  test('another C library', () => {
    expect(withKoffi(() => loading('libc.so.6'))).toEqual({
      native: false,
      plain: { why: 'the C library is not glibc' },
    });
  });
  test('no libnftables', () => {
    expect(withKoffi(() => loading('libnftables.so.1'))).toMatchObject({
      native: false,
      plain: { mend: 'apt-get install libnftables1' },
    });
  });
  test('asked for', () => {
    expect(withKoffi(() => loading(), 'plain')).toMatchObject({ native: false, plain: { why: expect.any(String) } });
  });
});

const [EPERM, EINVAL] = [1, 22];

/** A libc that refuses everything. */
function refusing(errno: number, more: Partial<Bindings> = {}): Bindings {
  const no = () => -1;
  return {
    errno: () => errno,
    strerror: (number) => (number === EPERM ? 'Operation not permitted' : 'Invalid argument'),
    ...{ socket: no, setsockopt: no, send: no, recv: no, setns: no, unshare: no, mount: no, umount2: no, flock: no },
    malloc_trim: no,
    nft: {} as Bindings['nft'],
    ...more,
  };
}

test('who may not speak with the kernel is told so, and nothing is thrown', async () => {
  const host = new NativeHost(refusing(EPERM));
  const refused = await host.perform([{ op: 'link.up', name: 'lo' }]);
  expect(refused).toMatchObject({ ok: false, fault: { performed: 0, fault: { code: 'TN5002' } } });
  expect(await host.observe()).toMatchObject({ ok: false, fault: { code: 'TN5002' } });
  expect(await host.generation()).toBeUndefined();
});

test('a namespace that cannot be made leaves no file behind', async () => {
  const host = new NativeHost(refusing(EINVAL, { socket: () => 99_999, setsockopt: () => 0, mount: () => 0 }));
  await host.perform([{ op: 'namespace.add', namespace: 'native-unmade' }]).catch(() => undefined);
  expect(existsSync('/run/netns/native-unmade')).toBe(false);
});

test('a process that cannot come home does nothing any more', () => {
  const aborted = jest.spyOn(process, 'abort').mockImplementation(() => {
    throw new Error('aborted');
  });
  const libc = refusing(EINVAL);
  expect(() =>
    inNamespace(
      libc,
      () => 0,
      () => 'done',
    ),
  ).toThrow('aborted');
  expect(aborted).toHaveBeenCalledTimes(1);
  aborted.mockRestore();
});

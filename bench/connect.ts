import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { kernel, median, within } from './measure';

const [AF_INET, SOCK_STREAM] = [2, 1];
const [SOL_SOCKET, SO_LINGER] = [1, 13];
/** So that closing resets the connection: no port is kept waiting. */
const AT_ONCE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

const libc = require('koffi').load('libc.so.6');
const connect = libc.func('connect', 'int', ['int', 'void *', 'uint32_t']);
const close = libc.func('close', 'int', ['int']);

export interface End {
  /** The network namespace of the client. */
  readonly client: string;
  readonly address: string;
  readonly port: number;
}

/** Opens connections one after the other, as many as `longest` ms leave time for; microseconds that one takes to be made, p50. */
export function connections({ client, address, port }: End, count: number, longest: number): number {
  const { socket, setsockopt, errno, strerror } = kernel();
  const to = Buffer.from([
    AF_INET,
    0,
    port >> 8,
    port & 255,
    ...address.split('.').map(Number),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  return within(client, () => {
    const taken: number[] = [];
    const until = performance.now() + longest;
    for (let at = 0; at < count && performance.now() < until; at++) {
      const file = socket(AF_INET, SOCK_STREAM, 0);
      setsockopt(file, SOL_SOCKET, SO_LINGER, AT_ONCE, AT_ONCE.length);
      const started = process.hrtime.bigint();
      if (connect(file, to, to.length) < 0) throw new Error(`${address}:${port}: ${strerror(errno())}`);
      taken.push(Number(process.hrtime.bigint() - started) / 1e3);
      close(file);
    }
    return median(taken);
  });
}

/** Something that accepts connections on port 80 of a namespace, and closes them. */
export async function acceptIn(namespace: string): Promise<ChildProcess> {
  return started(namespace, process.execPath, [
    require.resolve('ts-node/dist/bin.js'),
    '--swc',
    join(__dirname, 'accept.ts'),
  ]);
}

export async function iperfIn(namespace: string): Promise<ChildProcess> {
  return started(namespace, 'iperf3', ['--server', '--port', '80', '--forceflush']);
}

async function started(namespace: string, program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = within(namespace, () => spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

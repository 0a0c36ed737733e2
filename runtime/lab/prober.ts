import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Probe } from './probes';

/** Sends the probes that standard input lists, all at once, and prints who answered each. */

/** Nobody answers later than this within one machine. */
const PATIENCE_MS = 2000;
/** A first packet may be lost while addresses of the link are asked for. */
const AGAIN_MS = 500;

function askTcp({ source, address, port, sourcePort }: Probe): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      ...(source === null ? {} : { localAddress: source }),
      ...(sourcePort === undefined ? {} : { localPort: sourcePort }),
    });
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      heard += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(nameIn(heard));
    });
  });
}

function askUdp({ source, address, port, sourcePort }: Probe): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const send = () => socket.send('?', port, address, () => undefined);
    const finish = (name: string | null) => {
      clearTimeout(timer);
      clearInterval(again);
      socket.close();
      resolve(name);
    };
    const timer = setTimeout(() => finish(null), PATIENCE_MS);
    const again = setInterval(send, AGAIN_MS);
    socket.on('message', (text) => finish(nameIn(text.toString())));
    socket.on('error', () => finish(null));
    socket.bind({ address: source ?? undefined, port: sourcePort }, send);
  });
}

function nameIn(answer: string): string | null {
  return /^(\S+) sees /.exec(answer)?.[1] ?? null;
}

const probes = JSON.parse(readFileSync(0, 'utf8')) as readonly Probe[];
void Promise.all(probes.map((probe) => (probe.protocol === 'tcp' ? askTcp(probe) : askUdp(probe)))).then((answers) =>
  process.stdout.write(JSON.stringify(answers)),
);

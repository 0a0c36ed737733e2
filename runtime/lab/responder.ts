import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/**
 * Answers on ports of the network namespace it is started in: `responder.js NAME tcp/80 udp/53 ...`. An answer is a line
 * that says who sees whom: text, or HTTP to who speaks HTTP. Prints a line when all ports are open.
 */
const [, , name = '', ...ports] = process.argv;

/** A kernel that was booted without IPv6 has no such file. */
const IPV6 = existsSync('/proc/net/if_inet6');
const ANY = IPV6 ? '::' : '0.0.0.0';
/** How long a client has to say that it speaks HTTP. */
const PATIENCE_MS = 150;
const IDLE_MS = 10_000;
const REQUEST = /^[A-Z]+ \S+ HTTP\/1\.[01]\r?\n/;

const plain = (address = '') => address.replace(/^::ffff:/, '');
const answer = (address: string | undefined, port: number, protocol: string) =>
  `${name} sees ${plain(address)} on port ${port}/${protocol}\n`;

function serveTcp(port: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => converse(socket, port));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ANY, resolve);
  });
}

function converse(socket: Socket, port: number): void {
  const line = answer(socket.remoteAddress, port, 'tcp');
  const finish = (text: string) => {
    clearTimeout(timer);
    socket.end(text);
  };
  const timer = setTimeout(() => finish(line), PATIENCE_MS);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.once('end', () => finish(line));
  let heard = '';
  socket.on('data', (data) => {
    if (socket.writableEnded) return;
    heard = (heard + data.toString('latin1')).slice(0, 65536);
    if (!REQUEST.test(heard)) return;
    clearTimeout(timer);
    if (/\r?\n\r?\n/.test(heard)) finish(http(line, heard.startsWith('HEAD ')));
  });
}

function http(line: string, headOnly: boolean): string {
  const headers = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/plain',
    `Content-Length: ${line.length}`,
    'Connection: close',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${headOnly ? '' : line}`;
}

function serveUdp(port: number): Promise<void> {
  const socket = createSocket(IPV6 ? 'udp6' : 'udp4');
  socket.on('message', (_, { address, port: from }) =>
    socket.send(answer(address, port, 'udp'), from, address, () => undefined),
  );
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, ANY, resolve);
  });
}

async function main(): Promise<void> {
  await Promise.all(
    ports.map((text) => {
      const [protocol, port] = text.split('/');
      return protocol === 'udp' ? serveUdp(Number(port)) : serveTcp(Number(port));
    }),
  );
  process.stdout.write('ready\n');
}

main().catch(({ message }: Error) => {
  process.stdout.write(`failed: ${message}\n`);
  process.exitCode = 1;
});

/**
 * Lives in one network namespace and does there what its standard input asks for, a JSON object a line: `serve` answers
 * every client with the address it saw it come from, `probe` connects and gives back the answer, or null.
 */
const dgram = require('node:dgram');
const net = require('node:net');
const readline = require('node:readline');

const plain = (address) => address.replace(/^::ffff:/, '');

const serve = {
  tcp: ({ port, address = '::' }) =>
    new Promise((resolve, reject) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(plain(socket.remoteAddress ?? ''));
      });
      server.on('error', reject);
      server.listen(port, address, () => resolve(true));
    }),
  udp: ({ port, address = '::' }) =>
    new Promise((resolve, reject) => {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      socket.on('error', reject);
      socket.on('message', (_, from) => socket.send(plain(from.address), from.port, from.address));
      socket.bind(port, address, () => resolve(true));
    }),
};

const probe = {
  tcp: ({ address, port, from, timeout }) =>
    new Promise((resolve) => {
      const socket = net.connect({ host: address, port, ...(from ? { localAddress: from } : {}) });
      const timer = setTimeout(() => socket.destroy(), timeout);
      let answer = null;
      socket.on('data', (data) => {
        answer = (answer ?? '') + data;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(answer);
      });
    }),
  udp: ({ address, port, from, timeout }) =>
    new Promise((resolve) => {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      const finish = (answer) => {
        clearTimeout(timer);
        socket.close();
        resolve(answer);
      };
      const timer = setTimeout(() => finish(null), timeout);
      socket.on('error', () => finish(null));
      socket.on('message', (data) => finish(String(data)));
      // Connected, so that an answer from any other address is not taken for one.
      const send = () => socket.connect(port, address, (error) => (error ? finish(null) : socket.send('?')));
      if (from) socket.bind(0, from, send);
      else send();
    }),
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, action, protocol, ...request } = JSON.parse(line);
  try {
    const result = await (action === 'serve' ? serve : probe)[protocol](request);
    process.stdout.write(`${JSON.stringify({ id, result })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`);
  }
});
process.stdin.on('end', () => process.exit(0));

/**
 * Lives in one network namespace and does there what its standard input asks for, a JSON object a line: `serve` answers
 * every client with the address it saw it come from, `echo` gives every client its own bytes back, `probe` connects and
 * gives back the answer, or null. `flood` sends datagrams, `count` counts them, and `hold` keeps a connection busy,
 * until they are ended.
 */
const dgram = require('node:dgram');
const net = require('node:net');
const readline = require('node:readline');

const plain = (address) => address.replace(/^::ffff:/, '');

const servers = new Map();

const serve = {
  tcp: ({ port, address = '::' }) =>
    new Promise((resolve, reject) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(plain(socket.remoteAddress ?? ''));
      });
      server.on('error', reject);
      servers.set(port, server);
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

/** What goes on until it is ended, by the request that began it. */
const going = new Map();

function echo({ port }) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    server.on('error', reject);
    server.listen(port, '::', () => resolve(true));
  });
}

/** Datagrams without a pause, each from a port of its own, so that each is a new flow. */
function flood({ id, address, port }) {
  const result = { sent: 0 };
  let ended = false;
  const send = () => {
    if (ended) return;
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', () => undefined);
    socket.send('?', port, address, () => {
      result.sent++;
      socket.close();
      setImmediate(send);
    });
  };
  for (let parallel = 0; parallel < 4; parallel++) send();
  going.set(id, () => {
    ended = true;
    return result;
  });
  return true;
}

function count({ id, port }) {
  return new Promise((resolve, reject) => {
    const result = { received: 0 };
    const socket = dgram.createSocket('udp6');
    socket.on('error', reject);
    socket.on('message', () => {
      result.received++;
    });
    going.set(id, () => {
      socket.close();
      return result;
    });
    socket.bind(port, '::', () => resolve(true));
  });
}

/** One byte each few milliseconds; each has to come back. */
function hold({ id, address, port, every }) {
  return new Promise((resolve, reject) => {
    const result = { sent: 0, received: 0, broken: false };
    const socket = net.connect({ host: address, port, noDelay: true });
    socket.on('error', reject);
    socket.on('connect', () => {
      const timer = setInterval(() => {
        result.sent++;
        socket.write('.');
      }, every);
      socket.on('data', (data) => {
        result.received += data.length;
      });
      socket.on('close', () => {
        result.broken = true;
      });
      going.set(id, async () => {
        clearInterval(timer);
        await new Promise((waited) => setTimeout(waited, 1500));
        socket.removeAllListeners('close');
        socket.destroy();
        return result;
      });
      resolve(true);
    });
  });
}

/** A new connection each few milliseconds; each has to be answered. */
function knock({ id, address, port, every }) {
  const result = { sent: 0, answered: 0 };
  const open = () => {
    result.sent++;
    const socket = net.connect({ host: address, port });
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (answer !== '') result.answered++;
    });
  };
  return ticking(id, every, open, result);
}

/** A datagram of one flow each few milliseconds; each has to be answered. */
function ping({ id, address, port, every }) {
  const result = { sent: 0, answered: 0 };
  const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => undefined);
  socket.on('message', () => {
    result.answered++;
  });
  const send = () => {
    result.sent++;
    socket.send('?', port, address);
  };
  return ticking(id, every, send, result, () => socket.close());
}

/** Ended, it waits for what is still on its way. */
function ticking(id, every, action, result, after = () => undefined) {
  const timer = setInterval(action, every);
  going.set(id, async () => {
    clearInterval(timer);
    await new Promise((waited) => setTimeout(waited, 4000));
    after();
    return result;
  });
  return true;
}

const actions = {
  serve: ({ protocol, ...request }) => serve[protocol](request),
  probe: ({ protocol, ...request }) => probe[protocol](request),
  close: ({ port }) => new Promise((resolve) => servers.get(port).close(() => resolve(true))),
  echo,
  flood,
  count,
  hold,
  knock,
  ping,
  end: async ({ which }) => {
    const result = await going.get(which)();
    going.delete(which);
    return result;
  },
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, action, ...request } = JSON.parse(line);
  try {
    const result = await actions[action]({ id, ...request });
    process.stdout.write(`${JSON.stringify({ id, result })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`);
  }
});
process.stdin.on('end', () => process.exit(0));

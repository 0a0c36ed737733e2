/** Accepts connections on port 80 and closes them, one after the other; says so when it listens. */
const libc = require('koffi').load('libc.so.6');
const call = (name: string, ...parameters: readonly string[]) => libc.func(name, 'int', parameters);
const socket = call('socket', 'int', 'int', 'int');
const bind = call('bind', 'int', 'void *', 'uint32_t');
const listen = call('listen', 'int', 'int');
const accept = call('accept', 'int', 'void *', 'void *');
const close = call('close', 'int');

const server = socket(2, 1, 0);
const here = Buffer.from([2, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
if (bind(server, here, here.length) < 0 || listen(server, 4096) < 0) throw new Error('port 80 cannot be listened on');
process.stdout.write('listening\n', () => {
  for (;;) close(accept(server, null, null));
});

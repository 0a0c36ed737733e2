#!/usr/bin/env node
import { loadBundle } from './bundle';
import { version } from './version';

const [first, ...rest] = process.argv.slice(2);
// Asked for by scripts, again and again: nothing of the program is needed to answer.
if ((first === '--version' || first === '-V') && rest.length === 0) {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.exitCode = code === 'EPIPE' ? 0 : 3;
  });
  process.stdout.write(`${version()}\n`);
} else {
  const { main } = (loadBundle(first ?? 'help')?.exports ?? require('./program')) as typeof import('./program');
  // A stream says later that it could not be written.
  void main(process.argv.slice(2)).then(() => setImmediate(leave));
}

/** Seconds; a shorter run leaves V8 nothing to do. */
const LONG = 0.2;

/** What V8 still does on other threads after a long run, for code and memory that nobody needs, is not waited for. */
function leave(): void {
  if (process.uptime() < LONG) return;
  // Of a pipe that is read slowly there may be something left to write.
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}

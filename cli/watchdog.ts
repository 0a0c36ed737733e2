import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from '../runtime';

const AGAIN_MS = 1000;
/** However long is left, a look now and then notices that the change was confirmed. */
const LONGEST_MS = 5000;
/** Another command may hold the lock for long. */
const TRIES = 100;

/** Waits until a change is confirmed, or due: `watchdog.js STATE TOKEN`. Whoever ends the login does not end us. */
async function main([directory = '', token = '']: readonly string[]): Promise<number> {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  const session = Session.open(directory);
  if (!session.ok) return report(session.fault.message);
  for (let tries = 0; tries < TRIES; ) {
    // Whoever armed us holds the lock until the change is made, or undone.
    const settled = await session.value.settled();
    if (!settled.ok) {
      report(settled.fault.message);
      tries++;
      await sleep(AGAIN_MS);
      continue;
    }
    for (;;) {
      const left = session.value.timeLeft(token);
      if (left === undefined) return 0;
      if (left <= 0) break;
      await sleep(Math.min(left * 1000, LONGEST_MS));
    }
  }
  return 1;
}

function report(message: string): number {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
  return 1;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
